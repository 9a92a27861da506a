package transcript

import (
	"os"
	"path/filepath"
	"testing"
)

func TestJobSession(t *testing.T) {
	dir := t.TempDir()
	const first, second = "1a2b3c4d-0000-4000-8000-000000000001", "5e6f7a8b-0000-4000-8000-000000000002"
	for job, text := range map[string]string{
		"1a2b3c4d": `{"sessionId":"` + first + `","name":"fix the build"}`,
		"5e6f7a8b": `{"sessionId":"` + second + `","name":"Write the docs"}`,
		"ffffffff": `{"sessionId":"not an id","name":"broken"}`,
	} {
		path := filepath.Join(dir, "jobs", job, "state.json")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for word, want := range map[string]string{
		"1a2b3c4d": first, "docs": second, "the": "", "nosuch": "", "ffffffff": "", "../jobs/1a2b3c4d": "", "..": "",
	} {
		if got := JobSession(dir, word); got != want {
			t.Errorf("JobSession of %q = %q, want %q", word, got, want)
		}
	}
}
