package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestProbeLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	for _, text := range []string{"", "the content"} {
		if text != "" {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := Probe(file, 4096); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) > min(1, len(text)) {
			t.Errorf("%q: %v, %v", text, entries, err)
		}
	}
}

func TestProbeFindsWhatStandsInTheWay(t *testing.T) {
	if err := Probe(filepath.Join(t.TempDir(), "missing", "file"), 1); err == nil {
		t.Error("a directory that does not exist")
	}
	if err := Probe(t.TempDir(), 1); err == nil {
		t.Error("a directory in the file's place")
	}
}
