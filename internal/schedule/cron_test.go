package schedule

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fakeCrontab keeps the crontab in the file spool. It speaks as Debian's does, or as BusyBox's.
func fakeCrontab(t *testing.T, bin, none string) (spool string) {
	t.Helper()
	spool = filepath.Join(filepath.Dir(bin), "spool")
	script(t, filepath.Join(bin, "crontab"), `cd "$TRIAL" || exit
case $1 in
-l | -r) [ -e spool ] || { echo "`+none+`" >&2; exit 1; } ;;
esac
case $1 in
-l) cat spool ;;
-r) rm spool ;;
-) cat >spool ;;
esac
`)
	return spool
}

// onlyCron is the schedule of a system that has nothing but cron.
func onlyCron(t *testing.T, none string) (s *Schedule, job Job, spool string) {
	t.Helper()
	_, bin, env, p := world(t)
	spool = fakeCrontab(t, bin, none)
	job, _, err := NewJob("/x/claude-auth", env, p, false)
	if err != nil {
		t.Fatal(err)
	}
	return New("freebsd", env, p, clock("2026-01-02T10:04:59Z")), job, spool
}

const noCrontab = "no crontab for pat"

// Every byte of the crontab is what it was before.
func TestCrontabRoundTrip(t *testing.T) {
	for _, before := range []string{
		"1 2 3 4 5 a\n", "1 2 3 4 5 a", "\n", "\n\n# x\n\n", "a\r\n", "# claude-auth\n* * * * * b\n",
		marker + " of mine\n", "* * * * * claude-auth renew --if-due\n",
	} {
		s, job, spool := onlyCron(t, noCrontab)
		if err := os.WriteFile(spool, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		carry(t, s, turnOn(job, s))
		if n := strings.Count(read(t, spool), "*/5 * * * * /usr/bin/env"); n != 1 {
			t.Errorf("%q: %d lines", before, n)
		}
		if n := carry(t, s, turnOn(job, s)); n > 0 {
			t.Errorf("%q: the second time has %d steps", before, n)
		}
		job.Program = "/y/claude-auth"
		carry(t, s, turnOn(job, s))
		if n := strings.Count(read(t, spool), "renew --if-due >"); n != 1 || !strings.Contains(read(t, spool), "/y/") {
			t.Errorf("%q: the program moved, and there are %d lines", before, n)
		}
		carry(t, s, s.PlanOff)
		if after := read(t, spool); after != before {
			t.Errorf("%q became %q", before, after)
		}
		if n := carry(t, s, s.PlanOff); n > 0 {
			t.Errorf("%q: off has %d steps the second time", before, n)
		}
	}
}

// What a person has added behind our line stays, and so does a line that they have put in its place.
func TestCrontabOfAPerson(t *testing.T) {
	ours := marker + "\n*/5 * * * * x renew --if-due >/dev/null\n"
	joined := "\n" + markerJoined + "\n*/5 * * * * x renew --if-due >/dev/null\n"
	for crontab, want := range map[string]string{
		"a\n" + ours + "b\n":                 "a\nb\n",
		ours + ours:                          "",
		"a\n" + marker + "\nb\n":             "a\nb\n",
		"a" + joined:                         "a",
		"a" + joined + "b\n":                 "a\nb\n",
		"a\n" + marker:                       "a\n",
		strings.TrimSuffix("a\n"+ours, "\n"): "a\n",
	} {
		if got := removeLine(crontab); got != want {
			t.Errorf("%q became %q, want %q", crontab, got, want)
		}
	}
}

func TestNoCrontabYet(t *testing.T) {
	for _, none := range []string{noCrontab, "crontab: can't open 'pat': No such file or directory"} {
		s, job, spool := onlyCron(t, none)
		carry(t, s, turnOn(job, s))
		r, err := s.Report(t.Context())
		if err != nil || r.By != "cron" || !r.Next.Equal(clock("2026-01-02T10:05:00Z")()) || r.Program != job.Program {
			t.Errorf("%+v, %v", r, err)
		}
		carry(t, s, s.PlanOff)
		if exists(spool) || exists(s.paths.Schedule()) {
			t.Errorf("%s: something is left", none)
		}
	}
}

// A crontab that can't be read is not taken for an empty one.
func TestUnreadableCrontab(t *testing.T) {
	s, job, spool := onlyCron(t, "crontab: error reading the spool")
	if plan, err := s.PlanOn(t.Context(), job); err == nil {
		t.Errorf("the plan is %+v", plan)
	}
	if exists(spool) {
		t.Error("a crontab was written")
	}
}

// TestCronLine runs the line as cron does: a % that is not escaped is a newline, and a shell gets the rest.
func TestCronLine(t *testing.T) {
	for _, name := range hard {
		root := t.TempDir()
		program := filepath.Join(root, name, "claude-auth")
		script(t, program, `printf '%s|%s\n' "$VALUE" "$*" >"$OUT"; echo nothing to mail`)
		out := filepath.Join(root, "out "+name)
		env := []string{"VALUE=" + name, "OUT=" + out}
		line, err := cronLine(Job{program, []string{"renew", "--if-due"}, env, nil, "", ""})
		if err != nil {
			t.Fatal(err)
		}
		command, ok := strings.CutPrefix(line, "*/5 * * * * ")
		command = strings.ReplaceAll(strings.ReplaceAll(command, `\%`, "\x00"), "%", "\n")
		mail, err := exec.Command("/bin/sh", "-c", strings.ReplaceAll(command, "\x00", "%")).CombinedOutput()
		if !ok || err != nil || len(mail) > 0 {
			t.Errorf("%s: %v, %s", line, err, mail)
			continue
		}
		if got, want := read(t, out), name+"|renew --if-due\n"; got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	root := t.TempDir()
	script(t, filepath.Join(root, "claude"), "")
	long := "PATH=/mnt/c/" + strings.Repeat("x", 1000) + ":" + root + ":/usr/bin"
	line, err := cronLine(Job{Program: "/x", Env: []string{long}})
	if want := "*/5 * * * * /usr/bin/env PATH=" + root + ":/usr/bin /x >/dev/null"; err != nil || line != want {
		t.Errorf("%q, %v; want %q", line, err, want)
	}
	if _, err := cronLine(Job{Program: "/" + strings.Repeat("x", 1000)}); err == nil {
		t.Error("cron would not take a line of that length")
	}
}
