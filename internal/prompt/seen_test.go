package prompt_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/claude-auth/claude-auth/internal/prompt"
	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

// TestMark compares with the reference implementation's vector for 15 bytes (Aumasson and Bernstein, appendix A).
func TestMark(t *testing.T) {
	var key prompt.SeenKey
	var text []byte
	for i := range key {
		key[i] = byte(i)
		if i < 15 {
			text = append(text, byte(i))
		}
	}
	if got := prompt.Mark(key, string(text)); got != 0xa129ca6149be45e5 {
		t.Errorf("Mark = %#x", got)
	}
	if prompt.Mark(key, "") != 0 || prompt.Mark(key, "a") == prompt.Mark(prompt.SeenKey{}, "a") {
		t.Error("no token has the mark 0, and a mark depends on its key")
	}
}

var seen = prompt.Seen{
	Ledger: prompt.Stamp{Inode: 7, Size: 8, Mtime: 9}, Key: prompt.SeenKey{1, 2, 0xff}, OldestDeath: 10,
	Entries: []prompt.SeenEntry{
		{File: "/a b/c", Access: 1<<63 + 1, Refresh: 2, AccessID: "aa", RefreshID: "bb", Rejected: true, Born: 11, BornExact: true},
		{File: "/d", BornExact: true, Born: 1}, {File: "/e", Rejected: true, AccessID: "cc"}, {File: "/f"},
	},
}

func TestSeenRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seen")
	if err := seen.Write(path); err != nil {
		t.Fatal(err)
	}
	got, ok := prompt.ReadSeen(path)
	if !ok || !reflect.DeepEqual(got, seen) {
		t.Errorf("got %+v, %v\nwant %+v", got, ok, seen)
	}
	if _, ok := prompt.ReadSeen(path + "x"); ok {
		t.Error("a file that is not there was read")
	}
	var with prompt.Seen
	with.Add(prompt.SeenEntry{File: "/a\nb"})
	if len(with.Entries) != 0 {
		t.Error("a path of two lines was added")
	}
}

// TestSeenIsStrict cuts and changes the file at every byte: what is read is either refused or says the same as its
// own text does.
func TestSeenIsStrict(t *testing.T) {
	whole := string(seen.Encode())
	for cut := range len(whole) {
		got, ok := prompt.ParseSeen(whole[:cut])
		if ok && string(got.Encode()) != whole[:cut] {
			t.Errorf("the first %d bytes were taken for %+v", cut, got)
		}
	}
	for _, text := range []string{"", "\n", "claude-auth-seen 2\n", "claude-auth-seen 1\n", "claude-auth-seen 1\n00 0 0 0 0\n"} {
		if got, ok := prompt.ParseSeen(text); ok {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}

func FuzzSeen(f *testing.F) {
	f.Add(string(seen.Encode()))
	for _, text := range seeds.Texts(f) {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := prompt.ParseSeen(text)
		if !ok {
			return
		}
		again, ok := prompt.ParseSeen(string(got.Encode()))
		if !ok || !reflect.DeepEqual(got, again) {
			t.Errorf("%q was taken for %+v, which writes itself as %q", text, got, got.Encode())
		}
	})
}

func TestReadSmall(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, []byte("1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, _, err := prompt.ReadSmall(file, 4); err != nil || string(text) != "1234" {
		t.Errorf("read %q, %v", text, err)
	}
	for name, path := range map[string]string{"a directory": dir, "a device": "/dev/zero", "nothing": file + "x"} {
		if _, _, err := prompt.ReadSmall(path, 100); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, _, err := prompt.ReadSmall(file, 3); err != prompt.ErrTooLarge {
		t.Errorf("a file that is too large: %v", err)
	}
}
