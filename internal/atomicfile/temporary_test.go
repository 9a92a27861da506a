package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestClean(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, ".credentials.json")
	put(t, path, "kept", 0o600)
	old := leftover(t, path, 1, time.Hour)
	fresh := leftover(t, path, 2, 0)
	claimed := leftover(t, path, 3, time.Hour)
	file, err := os.Open(claimed)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	foreign := []string{path + ".tmp.0123abcd", old[:len(old)-2], old + "00", old[:len(old)-1] + "x"}
	for _, name := range foreign {
		put(t, name, "kept", 0o600)
		if err := os.Chtimes(name, time.Time{}, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	aLink := old[:len(old)-4] + "5555"
	link(t, path, aLink)
	aDir := mkdir(t, old[:len(old)-4]+"6666")
	removed := Clean(path, time.Now())
	if slices.Sort(removed); !slices.Equal(removed, []string{old, aLink, fresh}) {
		t.Errorf("removed %q", removed)
	}
	var kept []string
	for _, p := range append([]string{path, claimed, aDir}, foreign...) {
		kept = append(kept, filepath.Base(p))
	}
	wantNames(t, dir, kept...)
	if file.Close(); !slices.Equal(Clean(path, time.Now()), []string{claimed}) {
		t.Error("what nobody claims any more was not removed")
	}
	if removed := Clean(filepath.Join(dir, "missing", "file"), time.Now()); removed != nil {
		t.Errorf("without the directory: %q", removed)
	}
}

func TestCleanThroughALink(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(mkdir(t, filepath.Join(dir, "real")), "file")
	old := leftover(t, path, 1, time.Hour)
	link(t, path, filepath.Join(dir, "link"))
	if removed := Clean(filepath.Join(dir, "link"), time.Now()); !slices.Equal(removed, []string{old}) {
		t.Errorf("removed %q", removed)
	}
}

func TestExclusiveKeepsTheFirst(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	if err := Write(path, []byte("first"), Options{Exclusive: true}); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("second"), Options{Exclusive: true}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the second: %v", err)
	}
	want(t, path, "first", 0o600)
	wantNames(t, dir, "file")
}

// TestExclusiveWithoutHardLinks: of many that make a file at once, where the file system has no hard links, one wins.
func TestExclusiveWithoutHardLinks(t *testing.T) {
	dir := newDir(t)
	const writers = 20
	results := make(chan error, writers)
	for n := range writers {
		go func() { // ends with its result
			results <- writeWithoutLinks(filepath.Join(dir, "file"), fmt.Sprintf("content %02d", n))
		}()
	}
	won := 0
	for range writers {
		switch err := <-results; {
		case err == nil:
			won++
		case !errors.Is(err, fs.ErrExist):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d have made the file", won, writers)
	}
	wantNames(t, dir, "file")
}

// writeWithoutLinks is Write with Exclusive after linkat was refused.
func writeWithoutLinks(path, text string) error {
	p, err := openPlace(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	temp, err := p.createTemporary()
	if err == nil {
		err = temp.fill([]byte(text), 0o600)
	}
	if err != nil {
		return err
	}
	if err := temp.renameAlone(); err != nil {
		return temp.discard(err)
	}
	return temp.file.Close()
}
