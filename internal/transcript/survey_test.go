package transcript

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/detect"
)

// world is the client's directory, with the time of day.
type world struct {
	t      *testing.T
	config string
	rules  int // how often something was classified
	now    time.Time
}

func (w *world) session(project string, n int) string {
	return filepath.Join(w.config, "projects", project, fmt.Sprintf("6a1c5f2e-0000-4000-8000-%012d.jsonl", n))
}

// add adds lines to a transcript now. The directory gets its time only when the transcript is new.
func (w *world) add(path string, lines ...string) {
	w.t.Helper()
	_, err := os.Stat(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	old, _ := os.ReadFile(path)
	for i, l := range lines {
		lines[i] = strings.Replace(l, `"type"`, `"cwd":"/`+filepath.Base(filepath.Dir(path))+`","type"`, 1)
	}
	if err := os.WriteFile(path, append(old, strings.Join(lines, "")...), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.touch(path)
	if err != nil {
		w.touch(filepath.Dir(path))
	}
}

func (w *world) touch(path string) {
	w.t.Helper()
	if err := os.Chtimes(path, w.now, w.now); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) update(s *Survey, thorough bool) bool {
	w.t.Helper()
	_, news, err := s.Update(Update{
		ConfigDir: w.config, Now: w.now, Thorough: thorough,
		Rules:  func() *detect.Rules { w.rules++; return detect.Builtin() },
		Counts: func(dir string) bool { return dir != "/other-key" },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return news
}

func answerLine(minutes int) string {
	return line("assistant", `[{"type":"text","text":"pong"}]`, minutes, "")
}

// found is the projects of the failures.
func (s *Survey) found() string {
	var names []string
	for _, f := range s.Failures {
		names = append(names, f.Project)
	}
	return strings.Join(names, " ")
}

func TestSurvey(t *testing.T) {
	w := &world{t: t, config: t.TempDir(), now: noon}
	s := Survey{Since: noon}
	at := func(minutes int) { w.now = noon.Add(time.Duration(minutes) * time.Minute) }
	expect := func(what, projects string) {
		t.Helper()
		if got := s.found(); got != projects {
			t.Errorf("%s: failures in %q, want %q", what, got, projects)
		}
	}
	w.update(&s, false)
	expect("a client that was never used", "")

	w.add(w.session("before", 1), failureLine(-5))
	at(1)
	w.add(w.session("cron", 1), failureLine(1))
	w.update(&s, false)
	expect("of another program's session", "cron")

	at(2)
	w.add(w.session("app", 1), failureLine(2))
	w.update(&s, false)
	expect("a session in another project", "app cron")
	w.add(filepath.Join(filepath.Dir(w.session("app", 1)), "agent-1.jsonl"), answerLine(2))
	w.update(&s, false)
	expect("no session", "app cron")

	at(3)
	w.add(w.session("other-key", 1), answerLine(3))
	w.update(&s, false)
	expect("an answer to another credential", "app cron")

	at(4)
	w.add(w.session("cron", 1), answerLine(4)) // without a trace in the directory
	w.update(&s, false)
	expect("an answer", "")
	at(5)
	w.add(w.session("cron", 1), failureLine(5))
	w.update(&s, false)
	expect("a failure in a session that goes on", "cron")

	at(6)
	w.update(&s, false) // a transcript that has just changed is read once more
	before := w.rules
	if w.update(&s, false) || w.update(&s, true) || w.rules != before {
		t.Errorf("nothing has changed, and %d transcripts were read", w.rules-before)
	}
	s.Since = noon.Add(6 * time.Minute)
	at(7)
	w.add(w.session("app", 2), line("user", `"hello"`, 7, ""))
	w.update(&s, false)
	expect("a new login", "")
}

// TestSurveyOfAnOldSession resumes a session of last week, of which nothing but its transcript tells.
func TestSurveyOfAnOldSession(t *testing.T) {
	w := &world{t: t, config: t.TempDir(), now: noon.Add(-7 * 24 * time.Hour)}
	w.add(w.session("app", 1), answerLine(-7*24*60))
	w.now = noon
	w.add(w.session("cron", 1), answerLine(0))
	s := Survey{Since: noon.Add(-8 * 24 * time.Hour)}
	w.update(&s, false)
	w.now = noon.Add(time.Minute)
	w.add(w.session("app", 1), failureLine(1))
	quick, full := s, s
	w.update(&quick, false)
	w.update(&full, true)
	if quick.found() != "" || full.found() != "app" {
		t.Errorf("found %q, thoroughly %q", quick.found(), full.found())
	}
	w.now = noon.Add(11 * time.Minute)
	if w.update(&s, false); s.found() != "app" {
		t.Errorf("after ten minutes: %q", s.found())
	}
}

// TestSurveyReadsLittle has gigabytes of transcripts.
func TestSurveyReadsLittle(t *testing.T) {
	w := &world{t: t, config: t.TempDir(), now: noon}
	for i := range 200 {
		path := w.session(fmt.Sprintf("p%d", i%20), i)
		w.add(path)
		if err := os.Truncate(path, 50<<20); err != nil {
			t.Fatal(err)
		}
		w.addBehindHole(path, failureLine(1))
	}
	s := Survey{Since: noon.Add(-time.Hour)}
	if w.update(&s, false); s.found() == "" || len(s.Live) != maxLive {
		t.Errorf("%d failures, %d live", len(s.Failures), len(s.Live))
	}
}

// addBehindHole adds a line behind a hole.
func (w *world) addBehindHole(path, text string) {
	w.t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("\n" + text); err != nil {
		w.t.Fatal(err)
	}
	w.touch(path)
}
