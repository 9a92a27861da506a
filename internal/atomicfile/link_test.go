package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestLink(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(dir, "file")
	put(t, path, "old", 0o600)
	refusal := errors.New("no")
	if err := Link("../elsewhere", path, func() error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("refused: %v", err)
	}
	want(t, path, "old", 0o600)
	wantNames(t, dir, "file")
	if err := Link("../elsewhere", path, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(path); to != "../elsewhere" {
		t.Errorf("it is a link to %q, %v", to, err)
	}
	wantNames(t, dir, "file")
}

// TestLinkLeavesWhatIsNoFile: a directory in the file's place stays.
func TestLinkLeavesWhatIsNoFile(t *testing.T) {
	dir := newDir(t)
	path := mkdir(t, filepath.Join(dir, "directory"))
	if err := Link("x", path, func() error { return nil }); !errors.As(err, new(*NotRegularError)) {
		t.Errorf("%v", err)
	}
	wantNames(t, dir, "directory")
}
