package detect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// LastAnswer returns when the model last answered in the transcript at path, zero when it did not at or after since: the
// service took the client's credential then. Only the end of the file is read, as by LastFailure. A missing file has
// no answer.
func LastAnswer(path string, since time.Time) (time.Time, error) {
	f, size, err := openRegular(path)
	if errors.Is(err, os.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the transcript: %w", err)
	}
	defer f.Close() // read only: nothing can be lost
	for lines := newBackward(f, size); ; {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, fmt.Errorf("reading the transcript %s: %w", path, err)
		}
		e, ok := parseEntry(line)
		switch {
		case !ok || e.Timestamp.IsZero():
		case e.Timestamp.Before(since):
			return time.Time{}, nil
		case e.Type == "assistant" && !e.IsAPIErrorMessage: // a subagent's answer proves as much
			return e.Timestamp, nil
		}
	}
}
