package transcript

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/detect"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func line(kind, text string, minutes int, more string) string {
	return fmt.Sprintf(`{"isSidechain":false,"type":%q,"timestamp":%q,"sessionId":"s","version":"2.1.330",`+
		`"message":{"content":%s}%s}`+"\n",
		kind, noon.Add(time.Duration(minutes)*time.Minute).Format(time.RFC3339Nano), text, more)
}

func failureLine(minutes int) string {
	return line("assistant", `[{"type":"text","text":"Login expired · Please run /login"}]`, minutes,
		`,"error":"authentication_failed","isApiErrorMessage":true,"apiErrorStatus":401`)
}

func transcript(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLastFailureOnTheRealClients(t *testing.T) {
	for version, want := range map[string]Failure{
		"165": {Version: "2.1.165", Class: detect.NoLogin, Rule: "not-logged-in", Text: "Not logged in · Please run /login"},
		"330": {
			Version: "2.1.330", Class: detect.Rejected, Rule: "session-expired-print",
			Text: "Failed to authenticate: OAuth session expired and could not be refreshed",
		},
	} {
		want.Error, want.Last, want.Prompt = "authentication_failed", true, "say ping"
		got, ok, err := LastFailure(detect.Builtin(), filepath.Join("testdata", version+".jsonl"), time.Time{})
		if err != nil || !ok || got.Time.IsZero() || !isSessionID(got.SessionID) {
			t.Fatalf("%s: %+v, %v, %v", version, got, ok, err)
		}
		if !filepath.IsAbs(got.Dir) {
			t.Errorf("%s: started in %q", version, got.Dir)
		}
		got.Time, got.SessionID, got.Dir = time.Time{}, "", ""
		if got != want {
			t.Errorf("%s: %+v, want %+v", version, got, want)
		}
	}
}

func TestLastFailure(t *testing.T) {
	hello := line("user", `"hello"`, 0, "")
	answer := line("assistant", `[{"type":"text","text":"Login expired · Please run /login"}]`, 2, "")
	sidechain := strings.Replace(failureLine(3), `"isSidechain":false`, `"isSidechain":true`, 1)
	tool := line("user", `[{"type":"tool_result","content":"Login expired"}]`, 0, "")
	command := line("user", `"<command-name>/login</command-name>"`, 2, "")
	for _, tc := range []struct {
		name   string
		lines  []string
		found  bool
		last   bool
		prompt string
	}{
		{"failure", []string{hello, failureLine(1)}, true, true, "hello"},
		{"answered since", []string{hello, failureLine(1), answer}, true, false, "hello"},
		{"new message since", []string{hello, failureLine(1), line("user", `"again"`, 2, "")}, true, true, "hello"},
		{"in a tool loop", []string{hello, answer, tool, failureLine(1)}, true, true, "hello"},
		{
			"blocks",
			[]string{line("user", `[{"type":"image"},{"type":"text","text":"see this"}]`, 0, ""), failureLine(1)},
			true, true, "see this",
		},
		{
			"after a command", []string{hello, command, line("user", `"note"`, 0, `,"isMeta":true`), failureLine(3)},
			true, true, "hello",
		},
		{"no message", []string{failureLine(1)}, true, true, ""},
		{"torn end", []string{hello, failureLine(1), failureLine(2)[:100]}, true, true, "hello"},
		{"no line feed at the end", []string{hello, strings.TrimSpace(failureLine(1))}, true, true, "hello"},
		{"quoted in an answer", []string{hello, answer}, false, false, ""},
		{"quoted in a message", []string{line("user", strconv.Quote(failureLine(1)), 1, "")}, false, false, ""},
		{"of a subagent", []string{hello, sidechain}, false, false, ""},
		{"subagent after it", []string{hello, failureLine(1), sidechain}, true, true, "hello"},
		{
			"other error",
			[]string{
				hello,
				line("assistant", `[{"type":"text","text":"Prompt is too long"}]`, 1,
					`,"error":"invalid_request","isApiErrorMessage":true`),
			},
			false, false, "",
		},
		{"before the start", []string{hello, failureLine(-5)}, false, false, ""},
		{"empty", nil, false, false, ""},
		{
			"nonsense",
			[]string{"\n\n", "{}\n", "null\n", `{"type":"assistant"}` + "\n", "\x00\x00\n", `"assistant"` + "\n"},
			false, false, "",
		},
	} {
		got, found, err := LastFailure(detect.Builtin(), transcript(t, tc.lines...), noon)
		if err != nil || found != tc.found || got.Last != tc.last || got.Prompt != tc.prompt {
			t.Errorf("%s: %+v, %v, %v", tc.name, got, found, err)
		}
		if found && (got.Class != detect.Rejected || got.Rule != "login-expired" || got.Status != 401) {
			t.Errorf("%s: %+v", tc.name, got)
		}
	}
}

func TestLastRequest(t *testing.T) {
	hello, again := line("user", `"hello"`, 0, ""), line("user", `"again"`, 3, "")
	for name, tc := range map[string]struct {
		lines []string
		want  time.Time
	}{
		"the failure is not written yet": {[]string{hello}, noon},
		"the failure":                    {[]string{hello, failureLine(1)}, noon},
		"a later message":                {[]string{hello, failureLine(1), again}, noon},
		"nothing":                        {nil, time.Time{}},
	} {
		got, err := LastRequest(transcript(t, tc.lines...), noon.Add(2*time.Minute))
		if err != nil || !got.Equal(tc.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestLastFailureWithoutATranscript(t *testing.T) {
	dir := t.TempDir()
	if _, found, err := LastFailure(detect.Builtin(), filepath.Join(dir, "none"), noon); found || err != nil {
		t.Errorf("missing: %v, %v", found, err)
	}
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, fifo} {
		if _, _, err := LastFailure(detect.Builtin(), path, noon); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Only the end is read: a hole of a gigabyte before it is never looked at, and a transcript that is one endless line
// costs no more than the bound.
func TestLastFailureReadsOnlyTheEnd(t *testing.T) {
	path := transcript(t)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	end := "\n" + line("user", `"hello"`, 0, "") + failureLine(1)
	if _, err := f.WriteAt([]byte(end), 1<<30); err != nil {
		t.Fatal(err)
	}
	count := &countingReader{r: f}
	got, found, err := lastFailure(detect.Builtin(), newBackward(count, 1<<30+int64(len(end)), maxBack).entries(), noon)
	if err != nil || !found || got.Prompt != "hello" || count.n > backStep {
		t.Errorf("%+v, %v, %v, %d bytes read", got, found, err, count.n)
	}
	count.n = 0
	_, found, err = lastFailure(detect.Builtin(), newBackward(count, 1<<30, maxBack).entries(), noon)
	if found || err != nil || count.n > maxBack {
		t.Errorf("one line: %v, %v, %d bytes read", found, err, count.n)
	}
}

type countingReader struct {
	r io.ReaderAt
	n int
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	c.n += len(p)
	return c.r.ReadAt(p, off)
}

func TestBackward(t *testing.T) {
	long := strings.Repeat("x", backStep)
	for _, text := range []string{
		"", "a", "a\n", "a\nb", "\n\na\n\n", long + "\n" + long + long + "\nz", strings.Repeat("line\n", backStep),
	} {
		want := strings.Split(text, "\n")
		if want[0] == "" {
			want = want[1:] // nothing before the first line feed: no line
		}
		b := newBackward(strings.NewReader(text), int64(len(text)), maxBack)
		for i := len(want) - 1; i >= 0; i-- {
			if got, err := b.next(); err != nil || string(got) != want[i] {
				t.Fatalf("%.40q: line %d is %.40q, %v", text, i, got, err)
			}
		}
		if got, err := b.next(); !errors.Is(err, io.EOF) {
			t.Errorf("%.40q: another line %.40q, %v", text, got, err)
		}
	}
	if _, err := newBackward(strings.NewReader("cut"), 10, maxBack).next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that shrank: %v", err)
	}
}

// Names that the real clients gave (2.1.165, 2.1.330).
func TestProjectName(t *testing.T) {
	deep := func(root string) string {
		path := root
		for i := range 6 {
			path += "/" + strings.Repeat("ab_é😀", 6) + fmt.Sprint(i)
		}
		return path
	}
	const six = "ab----ab----ab----ab----ab----ab----"
	cut := six + "0-" + six + "1-" + six + "2-" + six + "3-ab----ab----ab----ab----ab---"
	for path, want := range map[string]string{
		"/home/u/app":                     "-home-u-app",
		"/tmp/tmp.ggzf2VS9Cp/wo rk/a_b.c": "-tmp-tmp-ggzf2VS9Cp-wo-rk-a-b-c",
		deep("/tmp/tmp.Ea9nO6QMvj"):       "-tmp-tmp-Ea9nO6QMvj-" + cut + "lt04t9",
		deep("/tmp/tmp.RPSyfCQHwc"):       "-tmp-tmp-RPSyfCQHwc-" + cut + "tvrlfl",
	} {
		if got := projectName(path); got != want {
			t.Errorf("%s:\n got %s\nwant %s", path, got, want)
		}
	}
}

func TestSessions(t *testing.T) {
	config, work := t.TempDir(), t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(work, link); err != nil {
		t.Fatal(err)
	}
	if got, err := Sessions(config, work, time.Time{}); err != nil || got != nil {
		t.Fatalf("without a project: %v, %v", got, err)
	}
	ids := []string{
		"39af802a-440f-46eb-bdf7-7f0b5cf8b7d4", "e30119e7-0007-49a8-81f6-e19a62eb8724",
		"50af1bcc-205a-496c-931e-54cdd3198a9f",
	}
	for i, id := range ids {
		path := filepath.Join(Dir(config, link), id+".jsonl")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, filepath.Join(filepath.Dir(path), "agent-1.jsonl"), path + ".bak"} {
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		when := noon.Add(time.Duration(i) * time.Hour)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Sessions(config, work, noon.Add(time.Hour))
	if err != nil || len(got) != 2 || got[0].ID != ids[2] || got[1].ID != ids[1] {
		t.Fatalf("%v, %v", got, err)
	}
	if all, err := Sessions(config, work, noon); err != nil || len(all) != len(ids) || all[0] != got[0] {
		t.Errorf("%v, %v", all, err)
	}
	// The time of a file may be a tick of the kernel's clock behind.
	if got, err := Sessions(config, work, noon.Add(time.Hour+10*time.Millisecond)); err != nil || len(got) != 2 {
		t.Errorf("written within a tick before: %v, %v", got, err)
	}
	if none, err := Sessions(config, work, noon.Add(9*time.Hour)); len(none) != 0 || err != nil {
		t.Errorf("one of the future: %v, %v", none, err)
	}
	if path, err := Locate(config, ids[0]); err != nil || path != filepath.Join(Dir(config, work), ids[0]+".jsonl") {
		t.Errorf("%s, %v", path, err)
	}
	for _, id := range []string{"00000000-0000-0000-0000-000000000000", "../../etc/passwd", ""} {
		if path, err := Locate(config, id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %s, %v", id, path, err)
		}
	}
}
