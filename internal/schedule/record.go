package schedule

import (
	"encoding/json"
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
)

// Record says which scheduler runs which program. It is in a file while the schedule is on, so that others can find out
// without starting a program.
type Record struct {
	By      string `json:"by"`
	Program string `json:"program"`
	// Textfile gets the metrics after each run; "" for none.
	Textfile string `json:"textfile,omitempty"`
	// Override names the variable that overrode the saved login in the shell that turned the schedule on: the job's own
	// environment does not have it. Its value is never stored.
	Override string `json:"override,omitempty"`
}

// Record returns what is on; the zero Record when nothing is, or the file can't be read.
func (s *Schedule) Record() Record {
	var r Record
	readJSON(s.paths.Schedule(), &r)
	return r
}

func (s *Schedule) writeRecord(r Record) Step {
	return Step{Write: s.paths.Schedule(), Text: encode(r) + "\n", Mode: 0o600}
}

// removeRecords returns the steps that remove the metrics and the schedule's files from the state directory. While the
// metrics can't be removed the record stays, so that the next try finds them.
func (s *Schedule) removeRecords() []Step {
	steps := removeTextfile(s.Record().Textfile, "renewals are no longer scheduled")
	for _, path := range []string{s.paths.Schedule(), s.paths.ScheduleRun()} {
		if exists(path) {
			steps = append(steps, Step{Remove: path})
		}
	}
	return steps
}

// Run is how a run of the schedule ended.
type Run struct {
	At      time.Time `json:"-"` // the time of the file
	Status  int       `json:"status"`
	Message string    `json:"message,omitempty"` // what it said when it failed
}

// Note records how a run ended, and reports whether it failed as the run before it did: then nobody need be told again.
// It writes the file only when something else happened than the last time, because it is called every five minutes. It
// does nothing when the schedule was turned off meanwhile.
func (s *Schedule) Note(run Run) (again bool, err error) {
	if s.Record() == (Record{}) {
		return false, nil
	}
	before := s.LastRun()
	now, seen := s.now(), !before.At.IsZero()
	if seen && before.Status == run.Status && before.Message == run.Message {
		return run.Status != 0, os.Chtimes(s.paths.ScheduleRun(), now, now)
	}
	again = seen && run.Status != 0 && before.Status == run.Status
	return again, cache.Replace(s.paths.ScheduleRun(), []byte(encode(run)+"\n"), now)
}

// LastRun returns the last run that was noted; a zero Run when there was none.
func (s *Schedule) LastRun() Run {
	var run Run
	info, err := os.Stat(s.paths.ScheduleRun())
	if err != nil || !readJSON(s.paths.ScheduleRun(), &run) {
		return Run{}
	}
	run.At = info.ModTime()
	return run
}

func readJSON(path string, into any) bool {
	text, err := cache.Read(path)
	return err == nil && json.Unmarshal([]byte(text), into) == nil
}

// encode returns the JSON of a struct that has only strings and numbers, which can't fail.
func encode(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}
