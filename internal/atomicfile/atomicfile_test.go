package atomicfile

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/create"
)

func TestWriteNewAndOld(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	write(t, path, "one")
	want(t, path, "one", 0o600)
	write(t, path, "")
	want(t, path, "", 0o600)
	write(t, path, "three")
	want(t, path, "three", 0o600)
	wantNames(t, dir, "file")
}

func TestWriteMode(t *testing.T) {
	for _, old := range []fs.FileMode{0o400, 0o600, 0o644, 0o666, 0o777} {
		path := filepath.Join(newDir(t), "file")
		put(t, path, "old", old)
		write(t, path, "new")
		want(t, path, "new", 0o600)
		if err := Write(path, []byte("newer"), Options{Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		want(t, path, "newer", 0o644)
	}
}

// A umask can take from the mode of a new file, and is to change nothing.
func TestWriteModeUnderAnyUmask(t *testing.T) {
	for _, umask := range []int{0, 0o077, 0o277, 0o777} {
		path := filepath.Join(newDir(t), "file")
		old := syscall.Umask(umask)
		err := Write(path, []byte("new"), Options{Mode: 0o640})
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		want(t, path, "new", 0o640)
	}
}

// A secret is not to be readable by others for a moment before a chmod, whatever the umask and the final mode.
func TestTemporaryIsBornPrivate(t *testing.T) {
	path := filepath.Join(newDir(t), "file")
	put(t, path, "old", 0o644)
	p, err := openPlace(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	old := syscall.Umask(0)
	temporary, err := p.createTemporary()
	syscall.Umask(old)
	if err != nil {
		t.Fatal(err)
	}
	info, err := temporary.file.Stat()
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := temporary.discard(nil); err != nil {
		t.Error(err)
	}
	wantNames(t, filepath.Dir(path), "file")
}

func TestWriteFollowsLinks(t *testing.T) {
	dir := newDir(t)
	real := filepath.Join(mkdir(t, filepath.Join(dir, "real")), "file")
	put(t, real, "old", 0o600)
	links := mkdir(t, filepath.Join(dir, "links"))
	link(t, "../real/file", filepath.Join(links, "relative"))
	link(t, real, filepath.Join(links, "absolute"))
	link(t, "relative", filepath.Join(links, "chain"))
	link(t, filepath.Join(links, "chain"), filepath.Join(links, "longer"))
	link(t, "../links", filepath.Join(links, "here"))
	link(t, "here/../links/chain", filepath.Join(links, "winding"))
	mkdir(t, filepath.Join(dir, "elsewhere", "deep"))
	link(t, "../elsewhere/deep", filepath.Join(links, "deep"))
	// `..` after a link goes up from where the link leads, not from where it stands.
	link(t, "deep/../../real/file", filepath.Join(links, "up"))
	for _, name := range []string{"relative", "absolute", "chain", "longer", "winding", "up", "here/here/up"} {
		path := filepath.Join(links, name)
		if got, err := Target(path); err != nil || got != real {
			t.Errorf("Target(%s) = %q, %v", name, got, err)
		}
		before, err := os.Readlink(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, name)
		want(t, real, name, 0o600)
		wantLink(t, path, before)
	}
	wantNames(t, filepath.Join(dir, "real"), "file")
	wantNames(t, links, "relative", "absolute", "chain", "longer", "winding", "up", "here", "deep")
}

func TestWriteThroughADanglingLink(t *testing.T) {
	dir := newDir(t)
	path, target := filepath.Join(dir, "link"), filepath.Join(mkdir(t, filepath.Join(dir, "real")), "file")
	link(t, "real/file", path)
	if got, err := Target(path); err != nil || got != target {
		t.Errorf("Target = %q, %v", got, err)
	}
	write(t, path, "new")
	want(t, target, "new", 0o600)
	wantLink(t, path, "real/file")
}

func TestWriteCreatesDirectoriesWhenAsked(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "a", "b", "file")
	if err := Write(path, nil, Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not asked: %v", err)
	}
	wantNames(t, dir)
	if err := Write(path, []byte("new"), Options{MkdirParents: true}); err != nil {
		t.Fatal(err)
	}
	want(t, path, "new", 0o600)
	if info, err := os.Stat(filepath.Join(dir, "a", "b")); err != nil || info.Mode().Perm() != create.Private {
		t.Errorf("%v, %v", info, err)
	}
	link(t, "c/file", filepath.Join(dir, "link"))
	if err := Write(filepath.Join(dir, "link"), []byte("new"), Options{MkdirParents: true}); err != nil {
		t.Fatal(err)
	}
	want(t, filepath.Join(dir, "c", "file"), "new", 0o600)
}

func TestLinkLoop(t *testing.T) {
	dir := newDir(t)
	link(t, "b", filepath.Join(dir, "a"))
	link(t, "a", filepath.Join(dir, "b"))
	link(t, "self", filepath.Join(dir, "self"))
	for _, name := range []string{"a", "b", "self"} {
		path := filepath.Join(dir, name)
		if _, err := Target(path); !errors.Is(err, unix.ELOOP) {
			t.Errorf("Target: %v", err)
		}
		if err := Write(path, nil, Options{MkdirParents: true}); !errors.Is(err, unix.ELOOP) {
			t.Errorf("Write: %v", err)
		}
		if err := Remove(path); !errors.Is(err, unix.ELOOP) {
			t.Errorf("Remove: %v", err)
		}
	}
	wantNames(t, dir, "a", "b", "self")
}

func TestNotRegular(t *testing.T) {
	dir := newDir(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	mkdir(t, at("directory"))
	if err := syscall.Mkfifo(at("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // a socket's path may only be short
	listener, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for name, kind := range map[string]string{
		at("directory"): "a directory", at("fifo"): "a named pipe", at("socket"): "a socket",
		at("directory") + "/.": "a directory",
		"/":                    "a directory", device(t): "a device",
	} {
		for what, err := range map[string]error{"Write": Write(name, nil, Options{}), "Remove": Remove(name)} {
			var notRegular *NotRegularError
			if !errors.As(err, &notRegular) || !strings.Contains(err.Error(), kind) {
				t.Errorf("%s of %s: %v", what, name, err)
			}
		}
		if _, err := os.Lstat(name); err != nil {
			t.Error(err)
		}
	}
	for name, to := range map[string]string{"to-fifo": "fifo", "to-directory": "directory", "to-dots": "directory/..",
		"to-slash": "directory/"} {
		link(t, to, at(name))
		if err := Write(at(name), nil, Options{}); !errors.As(err, new(*NotRegularError)) {
			t.Errorf("Write of %s: %v", name, err)
		}
	}
	wantNames(t, dir, "directory", "fifo", "socket", "to-fifo", "to-directory", "to-dots", "to-slash")
}

func TestNames(t *testing.T) {
	dir := newDir(t)
	names := []string{strings.Repeat("n", 255), "with space", "new\nline", `"quotes"'`, "\xff\xfe", "-rf", ".hidden",
		"$(x)"}
	for _, name := range names {
		path := filepath.Join(dir, name)
		write(t, path, "one")
		write(t, path, "two")
		want(t, path, "two", 0o600)
		leftover(t, path, 1, time.Hour)
		if removed := Clean(path, time.Now()); len(removed) != 1 {
			t.Errorf("%q: removed %q", name, removed)
		}
	}
	wantNames(t, dir, names...)
}

func TestBeforeSeesTheOldFileAndMayRefuse(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o644)
	old, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	refusal := errors.New("the lock was lost")
	err = Write(path, []byte("new"), Options{Before: func() error {
		want(t, path, "old", 0o644)
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
			t.Errorf("%v, %v: the new content is not ready yet", entries, err)
		}
		return refusal
	}})
	if !errors.Is(err, refusal) {
		t.Errorf("%v", err)
	}
	want(t, path, "old", 0o644)
	if now, err := os.Stat(path); err != nil || !now.ModTime().Equal(old.ModTime()) || !os.SameFile(old, now) {
		t.Errorf("%v, %v: not the old file", now, err)
	}
	wantNames(t, dir, "file")
	if err := Write(path, []byte("new"), Options{Before: func() error { return nil }}); err != nil {
		t.Fatal(err)
	}
	want(t, path, "new", 0o600)
}

func TestPanicInBeforeLeavesNothing(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o600)
	func() {
		defer func() {
			if recover() != "bug" {
				t.Error("the panic was swallowed")
			}
		}()
		_ = Write(path, []byte("new"), Options{Before: func() error { panic("bug") }})
	}()
	want(t, path, "old", 0o600)
	wantNames(t, dir, "file")
}

// What somebody puts in the file's place while the write is under way is replaced or refused, never followed.
func TestLinkPutInPlaceMeanwhileIsNotFollowed(t *testing.T) {
	dir := newDir(t)
	path, victim := filepath.Join(dir, "file"), filepath.Join(newDir(t), "victim")
	put(t, victim, "precious", 0o600)
	err := Write(path, []byte("new"), Options{Before: func() error { return os.Symlink(victim, path) }})
	if err != nil {
		t.Fatal(err)
	}
	want(t, victim, "precious", 0o600)
	want(t, path, "new", 0o600)
}

func TestDirectoryPutInPlaceMeanwhileIsRefused(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	makeIt := func() error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) }
	err := Write(path, []byte("new"), Options{Before: makeIt})
	if err == nil {
		t.Error("a directory was replaced")
	}
	wantNames(t, dir, "file")
}

// The directory is held open: one that is put under the path meanwhile gets nothing.
func TestDirectoryExchangedMeanwhile(t *testing.T) {
	dir := newDir(t)
	place, moved := mkdir(t, filepath.Join(dir, "place")), filepath.Join(dir, "moved")
	err := Write(filepath.Join(place, "file"), []byte("new"), Options{Before: func() error {
		return errors.Join(os.Rename(place, moved), os.Mkdir(place, 0o755))
	}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, filepath.Join(moved, "file"), "new", 0o600)
	wantNames(t, place)
}

func TestReadersSeeTheOldOrTheNew(t *testing.T) {
	path := filepath.Join(newDir(t), "file")
	write(t, path, string(document(0)))
	done := make(chan struct{})
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for i := range 20 {
				if err := Write(path, document(i), Options{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { writers.Wait(); close(done) }()
	for {
		data, err := os.ReadFile(path)
		if err != nil || !(bytes.Equal(data, document(0)) || bytes.Equal(data, document(1))) {
			t.Fatalf("%d bytes beginning %.10q, %v", len(data), data, err)
		}
		select {
		case <-done:
			wantNames(t, filepath.Dir(path), "file")
			return
		default:
		}
	}
}

// A process killed at any moment leaves the old file or the new one, and temporaries that can be told.
func TestKilledWrite(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	write(t, path, string(document(0)))
	left := 0
	for round := 0; round < 200 && (left == 0 || round < 20); round++ {
		cmd := helper("rewrite for ever", path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		first, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		for { // until it has begun
			if now, err := os.Stat(path); err != nil || !os.SameFile(first, now) {
				break
			}
		}
		time.Sleep(time.Duration(round%20) * 50 * time.Microsecond) // so that not every kill meets the end of a write
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		data, err := os.ReadFile(path)
		if err != nil || !(bytes.Equal(data, document(0)) || bytes.Equal(data, document(1))) {
			t.Fatalf("%d bytes beginning %.10q, %v", len(data), data, err)
		}
		left += len(Clean(path, time.Now()))
		wantNames(t, dir, "file")
	}
	if left == 0 {
		t.Error("no kill left a temporary: this test has shown nothing about cleaning up")
	}
}

func TestRemove(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o400)
	link(t, "file", filepath.Join(dir, "link"))
	if err := Remove(filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	wantNames(t, dir, "link")
	for _, gone := range []string{"link", "file", "missing/file"} {
		if err := Remove(filepath.Join(dir, gone)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", gone, err)
		}
	}
	wantNames(t, dir, "link")
}

func TestDiscardReports(t *testing.T) {
	dir := newDir(t)
	why := errors.New("why")
	err := Write(filepath.Join(dir, "file"), nil, Options{Before: func() error {
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 {
			t.Fatalf("%v, %v", entries, err)
		}
		// A directory in the temporary's place is something that discard cannot remove.
		temporary := filepath.Join(dir, entries[0].Name())
		return errors.Join(os.Remove(temporary), os.Mkdir(temporary, 0o700), why)
	}})
	if !errors.Is(err, why) || !strings.Contains(err.Error(), "could not be removed") {
		t.Errorf("%v", err)
	}
}
