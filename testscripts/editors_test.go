package testscripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// bareProgram is a command line of claude-auth in a home of its own, with nothing of the person who runs the tests.
func bareProgram(home string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(binaries, "claude-auth"), args...)
	command.Dir = home
	command.Env = []string{"HOME=" + home, "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "GORACE=atexit_sleep_ms=0"}
	return command
}

const (
	editors      = 20
	editFor      = 10 * time.Second
	tryAgainLock = 75
)

// editor is one process after another, each of which makes one edit; at the end it knows what has to be in the file.
type editor struct {
	home  string
	name  string
	want  map[string]int
	edits int
	tries int // that met a lock for too long: the program says to try again
}

// edit makes one edit, however often it has to try.
func (e *editor) edit(args ...string) error {
	for {
		out, err := bareProgram(e.home, args...).CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == tryAgainLock {
			e.tries++
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w: %s", args, err, out)
		}
		e.edits++
		return nil
	}
}

func (e *editor) run(until time.Time) error {
	for i := 0; time.Now().Before(until); i++ {
		key := fmt.Sprintf("n%d", i)
		if err := e.edit("set", "edits."+e.name+"."+key, fmt.Sprint(i)); err != nil {
			return err
		}
		e.want[key] = i
		if i%3 != 2 {
			continue
		}
		old := fmt.Sprintf("n%d", i-1)
		if err := e.edit("unset", "edits."+e.name+"."+old); err != nil {
			return err
		}
		delete(e.want, old)
	}
	return nil
}

// TestTwentyEditors: twenty processes edit at once. No edit is lost, no lock is left, and every reader sees a
// document.
func TestTwentyEditors(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".claude", ".credentials.json")
	before := []byte("{ \"mcpOAuth\" : {\"a|b\":{\"accessToken\":\"FIXTURE-mcp\"}},\n\t\"futureKey\":[1,2.50,1e3] }\n")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	last := editFor
	if testing.Short() {
		last /= 5
	}
	until := time.Now().Add(last)
	stop := make(chan struct{})
	looks := make(chan int)
	go func() { looks <- poll(t, file, stop) }() // ends with stop
	all := make([]*editor, editors)
	var wg sync.WaitGroup
	for i := range all {
		all[i] = &editor{home: home, name: fmt.Sprintf("p%d", i), want: map[string]int{}}
		wg.Go(func() {
			if err := all[i].run(until); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(stop)
	seen := <-looks
	checkEdits(t, file, all, seen)
	if out, err := bareProgram(home, "unset", "edits").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("what nobody edited has changed: %q, %v", after, err)
	}
	for _, dir := range []string{home, filepath.Dir(file)} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			switch entry.Name() {
			case ".claude", ".local", ".credentials.json":
			default:
				t.Errorf("left behind: %s", filepath.Join(dir, entry.Name()))
			}
		}
	}
}

func checkEdits(t *testing.T, file string, all []*editor, seen int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Edits map[string]map[string]int }
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	edits, tries := 0, 0
	for _, e := range all {
		edits, tries = edits+e.edits, tries+e.tries
		got := document.Edits[e.name]
		if len(got) != len(e.want) {
			t.Errorf("%s made %v, in the file is %v", e.name, e.want, got)
			continue
		}
		for key, n := range e.want {
			if value, ok := got[key]; !ok || value != n {
				t.Errorf("%s: the edit of %s is lost", e.name, key)
			}
		}
	}
	t.Logf("%d processes, %d edits, %d tries that met a lock for too long, %d looks at the file",
		len(all), edits, tries, seen)
	if seen == 0 || edits < len(all) {
		t.Error("too little happened for the test to say anything")
	}
}

// poll looks at the file until stop, and returns how often it could.
func poll(t *testing.T, file string, stop <-chan struct{}) (looks int) {
	for ; ; looks++ {
		select {
		case <-stop:
			return looks
		default:
		}
		text, err := os.ReadFile(file)
		if err != nil || !json.Valid(text) || !bytes.Contains(text, []byte(`"futureKey":[1,2.50,1e3]`)) {
			t.Errorf("a reader met %q, %v", text, err)
			return looks
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("a reader met the file with %v, %v", info.Mode(), err)
			return looks
		}
	}
}
