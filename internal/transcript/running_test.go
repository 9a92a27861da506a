package transcript

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRunningSession(t *testing.T) {
	const id = "c8e2afa5-2a97-4881-ba1b-9c3bc15a00a2"
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sessions"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"1.json": `{"pid":1,"sessionId":"` + id + `","cwd":"/x","version":"2.1.330"}`,
		"2.json": `{"pid":1,"sessionId":"` + id + `"}`, // somebody else's
		"3.json": `{"pid":3,"sessionId":"../../etc"}`,
		"4.json": `{"pid":4,`,
	} {
		if err := os.WriteFile(filepath.Join(dir, "sessions", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for pid, want := range map[int]string{1: id, 2: "", 3: "", 4: "", 5: ""} {
		if got := RunningSession(dir, pid); got != want {
			t.Errorf("RunningSession of %d = %q, want %q", pid, got, want)
		}
	}
}
