package cache

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	put(t, file, strings.Repeat("x", maxSize))
	if text, err := Read(file); err != nil || len(text) != maxSize {
		t.Errorf("read %d bytes, %v", len(text), err)
	}
	fifo, shared, large := filepath.Join(dir, "fifo"), filepath.Join(dir, "shared"), filepath.Join(dir, "large")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	put(t, shared, "x")
	if err := os.Chmod(shared, 0o620); err != nil {
		t.Fatal(err)
	}
	put(t, large, strings.Repeat("x", maxSize+1))
	for name, path := range map[string]string{
		"a directory": dir, "a device": "/dev/zero", "nothing": file + "x", "a FIFO": fifo, "what others may write": shared,
		"a file that is too large": large,
	} {
		if _, err := Read(path); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(file, 4711, 4711); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file); err == nil {
			t.Error("a file of another user was read")
		}
	}
}

func TestReplace(t *testing.T) {
	name := filepath.Join(t.TempDir(), "new", "f")
	left := name + ".tmp.2147483646.0" // of a process that was killed
	for i, at := range []time.Time{{}, time.Unix(1_700_000_000, 123456789)} {
		if err := Replace(name, []byte{'a' + byte(i)}, at); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if text, _ := os.ReadFile(name); err != nil || string(text) != string(rune('a'+i)) || info.Mode().Perm() != 0o600 {
			t.Errorf("%q, %v, %v", text, info, err)
		}
		if !at.IsZero() && !info.ModTime().Equal(at) {
			t.Errorf("its time is %v, want %v", info.ModTime(), at)
		}
		entries, _ := os.ReadDir(filepath.Dir(name))
		if len(entries) != 1 {
			t.Errorf("left behind: %v", entries)
		}
		put(t, left, "")
	}
	// A directory in its place: an error, and nothing is left behind.
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Replace(name, nil, time.Time{}); err == nil {
		t.Error("a directory was replaced")
	}
}

func TestStampOf(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	for _, name := range []string{file, filepath.Join(dir, "no", "f")} {
		if s := StampOf(name); s != (Stamp{}) {
			t.Errorf("%s is not there: %+v", name, s)
		}
	}
	put(t, file, "1")
	if s := StampOf(filepath.Join(file, "x")); s != (Stamp{}) {
		t.Errorf("below a file there is nothing: %+v", s)
	}
	if s := StampOf("a\x00b"); s == (Stamp{}) {
		t.Error("what cannot be looked at is not the same as what is not there")
	}
	before := StampOf(file)
	info, _ := os.Stat(file)
	time.Sleep(Coarse)
	put(t, file, "2")
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if after := StampOf(file); after == before {
		t.Errorf("the same size and time, but other content: %+v", after)
	}
}

var sample = []Answer{
	{
		Args: []string{"status", "--symbol", "✻\n"}, Env: []string{"HOME=/h", "NO_COLOR"},
		Made: time.Unix(1, 2), Until: time.Unix(3, 4),
		Files: []File{{"/a b", Stamp{1<<64 - 1, 2, 3}}, {".claude/x", Stamp{}}}, Status: 4, Output: "two\nlines\n",
	},
	{Args: []string{}, Env: []string{}, Made: time.Unix(0, 0), Until: time.Unix(0, 1)},
}

// TestDecode cuts the file at every byte: what is read is refused, or says the same as its own text does.
func TestDecode(t *testing.T) {
	whole := string(encode(sample))
	if got, ok := decode(whole); !ok || !reflect.DeepEqual(got, sample) {
		t.Errorf("got %+v, %v", got, ok)
	}
	for cut := range len(whole) {
		if got, ok := decode(whole[:cut]); ok && string(encode(got)) != whole[:cut] {
			t.Errorf("the first %d bytes were taken for %+v", cut, got)
		}
	}
	for _, text := range []string{
		"", "\n", "21\nclaude-auth-answers 2", "21\nclaude-auth-answers 1-1\n", "21\nclaude-auth-answers 199999999999\n",
	} {
		if got, ok := decode(text); ok {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(string(encode(sample)))
	for _, text := range seeds.Texts(f) {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := decode(text)
		if !ok {
			return
		}
		if again, ok := decode(string(encode(got))); !ok || !reflect.DeepEqual(got, again) {
			t.Errorf("%q was taken for %+v, which writes itself as %q", text, got, encode(got))
		}
	})
}

// kept is an answer in the cache of a home, and what it depends on.
type kept struct {
	*testing.T
	state, file string
	env         map[string]string
	answer      Answer
}

func newKept(t *testing.T) *kept {
	home := t.TempDir()
	t.Chdir(t.TempDir())
	k := &kept{
		T: t, state: filepath.Join(home, ".local/state/claude-auth"), file: filepath.Join(home, "f"),
		env: map[string]string{"HOME": home, "A": "1", "EMPTY": ""},
	}
	put(t, k.file, "1")
	time.Sleep(2 * Coarse)
	made := time.Now()
	k.answer = Answer{
		Args: []string{"status", "x"}, Env: []string{"HOME=" + home, "A=1", "EMPTY=", "UNSET"},
		Made: made, Until: made.Add(time.Minute),
		Files: []File{{k.file, StampOf(k.file)}, {"relative", Stamp{}}}, Status: 4, Output: "out\n",
	}
	if k.find("status", "x") {
		t.Error("an answer without a file")
	}
	k.keep(k.answer)
	for range maxAnswers + 2 { // the answer to another question stays beside it
		k.keep(Answer{Args: []string{"other"}, Made: made, Until: made.Add(time.Minute)})
	}
	return k
}

func (k *kept) lookup(name string) (string, bool) { value, set := k.env[name]; return value, set }

func (k *kept) find(args ...string) bool {
	got, ok := Find(args, k.lookup, k.answer.Made.Add(time.Second))
	if ok && (got.Output != "out\n" || got.Status != 4) {
		k.Errorf("found %+v", got)
	}
	return ok
}

func (k *kept) keep(a Answer) {
	k.Helper()
	if err := a.Keep(k.state); err != nil {
		k.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	k := newKept(t)
	if !k.find("status", "x") || k.find("status") || k.find("status", "x", "") || k.find() {
		t.Error("the answer is for its own arguments only")
	}
	made := k.answer.Made
	for _, at := range []time.Time{made.Add(-1), made.Add(time.Minute)} {
		if _, ok := Find(k.answer.Args, k.lookup, at); ok {
			t.Errorf("found %v after it was made", at.Sub(made))
		}
	}
	put(t, k.file, "2")
	if k.find("status", "x") {
		t.Error("found after a file was changed")
	}
	k.answer.Made, k.answer.Files[0].Stamp = time.Now(), StampOf(k.file) // which may change again within this tick
	k.keep(k.answer)
	if k.find("status", "x") {
		t.Error("an answer was kept although a file has only just changed")
	}
}

// TestFindAfterAChange changes one thing that an answer depends on after the other.
func TestFindAfterAChange(t *testing.T) {
	k := newKept(t)
	env, home := k.env, k.env["HOME"]
	for name, change := range map[string]func() (undo func()){
		"another value": func() func() { env["A"] = "2"; return func() { env["A"] = "1" } },
		"now set":       func() func() { env["UNSET"] = ""; return func() { delete(env, "UNSET") } },
		"now not set":   func() func() { delete(env, "EMPTY"); return func() { env["EMPTY"] = "" } },
		"another home":  func() func() { env["HOME"] = t.TempDir(); return func() { env["HOME"] = home } },
		"no home":       func() func() { env["HOME"] = ""; return func() { env["HOME"] = home } },
		"a new file":    func() func() { put(t, "relative", ""); return func() { _ = os.Remove("relative") } },
	} {
		undo := change()
		if k.find("status", "x") {
			t.Errorf("found with %s", name)
		}
		if undo(); !k.find("status", "x") {
			t.Errorf("not found after %s was undone", name)
		}
	}
}
