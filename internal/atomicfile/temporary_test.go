package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestCleanTemporaries(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, ".credentials.json")
	put(t, path, "kept", 0o600)
	old := leftover(t, path, 1, time.Hour)
	fresh := leftover(t, path, 2, 0)
	of := leftover(t, filepath.Join(dir, "other"), 3, time.Hour)
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
	removed, err := CleanTemporaries(path, time.Now().Add(-time.Minute))
	if err != nil || !slices.Equal(removed, []string{old}) {
		t.Errorf("removed %q, %v", removed, err)
	}
	var kept []string
	for _, p := range append([]string{path, fresh, of, aLink, aDir}, foreign...) {
		kept = append(kept, filepath.Base(p))
	}
	wantNames(t, dir, kept...)
	removed, err = CleanTemporaries(path, time.Now().Add(time.Hour)) // young ones too; but what is no file stays
	if err != nil || !slices.Equal(removed, []string{fresh}) {
		t.Errorf("removed %q, %v", removed, err)
	}
	if removed, err := CleanTemporaries(filepath.Join(dir, "missing", "file"), time.Now()); !errors.Is(err, fs.ErrNotExist) || removed != nil {
		t.Errorf("without the directory: %q, %v", removed, err)
	}
}

func TestCleanTemporariesThroughALink(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(mkdir(t, filepath.Join(dir, "real")), "file")
	old := leftover(t, path, 1, time.Hour)
	link(t, path, filepath.Join(dir, "link"))
	if removed, err := CleanTemporaries(filepath.Join(dir, "link"), time.Now()); err != nil || !slices.Equal(removed, []string{old}) {
		t.Errorf("removed %q, %v", removed, err)
	}
}
