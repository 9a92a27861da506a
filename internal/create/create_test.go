package create

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// The directories above our own have the usual rights; ours, and those in it, are private.
func TestDirs(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o022))
	home := t.TempDir()
	dir := filepath.Join(home, ".local", "state", "claude-auth", "renewal", "x")
	for range 2 {
		if err := Dirs(dir + "/"); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(home, ".config", "fish")
	if err := Dirs(other); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{
		dir: 0o700, filepath.Dir(dir): 0o700, home + "/.local/state/claude-auth": 0o700, home + "/.local/state": 0o755,
		home + "/.local": 0o755, home + "/.config": 0o755, other: 0o700,
	} {
		if got := mode(t, path); got != want {
			t.Errorf("%s has mode %v, want %v", path, got, want)
		}
	}
	file := filepath.Join(home, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "x")} {
		if err := Dirs(path); !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// noted returns the lines of the note in dir.
func noted(dir string) []string {
	text, err := os.ReadFile(filepath.Join(dir, Made))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// What was made around a directory of our own is noted in it, once; and nothing where nothing was.
func TestMade(t *testing.T) {
	home := t.TempDir()
	state, config, named := home+"/.local/state/claude-auth", home+"/.config/claude-auth", home+"/a/state/claude-auth"
	for _, dir := range []string{state + "/renewal", state, config, config, named, home + "/b/skills/claude-auth"} {
		if err := Dirs(dir); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string][]string{
		state: {home + "/.local/state", home + "/.local"}, config: {home + "/.config"}, named: nil,
		home + "/b/skills/claude-auth": nil,
	} {
		if got := noted(dir); !slices.Equal(got, want) {
			t.Errorf("%s: noted %q, want %q", dir, got, want)
		}
	}
	again := t.TempDir() + "/.config"
	if err := errors.Join(os.Mkdir(again, 0o755), Dirs(again+"/claude-auth")); err != nil {
		t.Fatal(err)
	}
	if got := noted(again + "/claude-auth"); got != nil {
		t.Errorf("noted %q, which was there before", got)
	}
}

// What root makes in a directory of another user is that user's, and nothing that was there before.
func TestRootGives(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give")
	}
	const user, group = 4242, 4243
	home := t.TempDir()
	old := filepath.Join(home, "old")
	if err := errors.Join(os.WriteFile(old, nil, 0o600), os.Chown(home, user, group)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{old, filepath.Join(home, "new")} {
		file, err := Open(name, os.O_WRONLY)
		if err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
	}
	if err := Dirs(filepath.Join(home, "a", "b")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]uint32{"old": 0, "new": user, "a": user, "a/b": user} {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		if st := info.Sys().(*syscall.Stat_t); st.Uid != want || want != 0 && st.Gid != group {
			t.Errorf("%s belongs to %d:%d", name, st.Uid, st.Gid)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(home, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(home, "link"), os.O_RDONLY); err == nil {
		t.Error("a link was followed")
	}
}

// In which directories a user that is not root makes something.
func TestMayAdd(t *testing.T) {
	me, group := uint32(os.Geteuid()), uint32(os.Getegid())
	for name, test := range map[string]struct {
		dir  syscall.Stat_t
		want bool
	}{
		"one's own":             {syscall.Stat_t{Uid: me, Mode: 0o700}, true},
		"root's":                {syscall.Stat_t{Uid: 0, Mode: 0o777}, true},
		"for everybody":         {syscall.Stat_t{Uid: me + 1, Mode: 0o1777}, true},
		"shared with the group": {syscall.Stat_t{Uid: me + 1, Gid: group, Mode: 0o770}, true},
		"somebody's":            {syscall.Stat_t{Uid: me + 1, Gid: group, Mode: 0o757}, false},
		"another group's":       {syscall.Stat_t{Uid: me + 1, Gid: group + 12345, Mode: 0o777}, false},
	} {
		if got := MayAdd(&test.dir); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
