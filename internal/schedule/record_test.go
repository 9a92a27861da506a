package schedule

import (
	"os"
	"testing"
	"time"
)

// A failure is told once, and a run that ended like the one before does not write the file again.
func TestNote(t *testing.T) {
	s, job, _ := onlyCron(t, noCrontab)
	if again, err := s.Note(Run{Status: 4}); again || err != nil || exists(s.paths.ScheduleRun()) {
		t.Errorf("a run after the schedule was turned off is noted: %v, %v", again, err)
	}
	carry(t, s, turnOn(job, s))
	at := s.now()
	var inode os.FileInfo
	for i, test := range []struct {
		run     Run
		again   bool
		rewrite bool
	}{
		{Run{}, false, true},
		{Run{}, false, false},
		{Run{Status: 4, Message: "sign in"}, false, true},
		{Run{Status: 4, Message: "sign in"}, true, false},
		{Run{Status: 4, Message: "sign in, 2 minutes later"}, true, true},
		{Run{Status: 5}, false, true},
		{Run{}, false, true},
		{Run{Status: 5}, false, true},
	} {
		at = at.Add(Period)
		s.now = func() time.Time { return at }
		again, err := s.Note(test.run)
		if again != test.again || err != nil {
			t.Errorf("run %d: again %v, %v", i, again, err)
		}
		test.run.At = at
		if last := s.LastRun(); !last.At.Equal(at) || last.Status != test.run.Status || last.Message != test.run.Message {
			t.Errorf("run %d: noted as %+v", i, last)
		}
		info, err := os.Stat(s.paths.ScheduleRun())
		if err != nil {
			t.Fatal(err)
		}
		if written := inode == nil || !os.SameFile(inode, info); written != test.rewrite {
			t.Errorf("run %d: written %v", i, written)
		}
		inode = info
	}
	carry(t, s, s.PlanOff)
	if exists(s.paths.ScheduleRun()) {
		t.Error("the last run is left")
	}
}
