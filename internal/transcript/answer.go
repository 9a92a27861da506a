package transcript

import "time"

// LastAnswer returns when the model last answered in the transcript at path, zero when it did not at or after since:
// the service took the client's credential then. Only the end of the file is read, as by LastFailure. A missing file
// has no answer.
func LastAnswer(path string, since time.Time) (time.Time, error) {
	for e, err := range entries(path) {
		switch {
		case err != nil:
			return time.Time{}, err
		case e.Timestamp.Before(since):
			return time.Time{}, nil
		case e.Type == "assistant" && !e.IsAPIErrorMessage: // a subagent's answer proves as much
			return e.Timestamp, nil
		}
	}
	return time.Time{}, nil
}
