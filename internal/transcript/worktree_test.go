package transcript

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A session's worktree is the one that it has entered last from this directory. Two clients at once that made one each
// cannot be told apart without the session's id.
func TestWorktree(t *testing.T) {
	config, cwd := t.TempDir(), t.TempDir()
	now := time.Now()
	session := func(n int) string { return fmt.Sprintf("6a1c5f2e-0000-4000-8000-%012d", n) }
	write := func(n int, at time.Time, names ...string) {
		t.Helper()
		path := filepath.Join(config, "projects", fmt.Sprint("-tree-", n), session(n)+".jsonl")
		text := ""
		for _, name := range names {
			state := `{"originalCwd":"` + cwd + `","worktreeName":"` + name + `"}`
			text += `{"type":"worktree-state","worktreeSession":` + state + "}\n" +
				`{"type":"user","message":{"content":"what is a worktree-state?"}}` + "\n"
		}
		text += `{"type":"worktree-state","worktreeSession":{"originalCwd":"/else","worktreeName":"else"}}` + "\n" +
			`{"type":"worktree-state","worktreeSession":null}` + "\n"
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	want := func(name, id string) {
		t.Helper()
		if got := Worktree(config, cwd, id, now); got != name {
			t.Errorf("the worktree of session %q is %q, want %q", id, got, name)
		}
	}
	want("", "")
	write(1, now.Add(-time.Hour), "old")
	want("", "")
	write(2, now)
	want("", "")
	write(3, now, "first", "last")
	want("last", "")
	write(4, now, "other")
	want("", "")
	want("other", session(4))
	want("old", session(1))
	want("", session(5))
}
