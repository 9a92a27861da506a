package hooks_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// startupOf writes what the shell reads at its start.
func (w *world) startupOf(s *shell.Shell, text string) {
	w.t.Helper()
	for _, folder := range shells.Of(w.t, s).Folders {
		if err := os.MkdirAll(w.path(folder), 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
	file, err := hooks.StartupFile(s, paths.New(w.env))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(file, text, 0o644)
}

func (w *world) look(s *shell.Shell, limit time.Duration) (hooks.Seen, error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), limit)
	defer cancel()
	return w.lookWith(ctx, s)
}

func (w *world) lookWith(ctx context.Context, s *shell.Shell) (hooks.Seen, error) {
	env := append(w.env, "CLAUDE_AUTH_HOOK="+s.Name+":1", "MARK=1") // of the shell that runs the program
	return hooks.Look(ctx, s, paths.New(env), "", false)
}

// A new shell says what its startup file has made of the hook; what this shell has in its environment does not count.
func TestLook(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if s.NoLook {
			if _, err := w.look(s, time.Minute); !errors.Is(err, hooks.ErrNoLook) {
				t.Errorf("asked: %v", err)
			}
			return
		}
		load := loadAtStart(s, w.hook(s, hooks.Options{}))
		for name, test := range map[string]struct {
			startup           string
			loaded, displaced bool
		}{
			"loaded":          {load, true, false},
			"marked":          {"test -z \"$MARK\" || exit\n" + load, true, false},
			"noise":           {"echo noise\n" + load + "echo CLAUDE_AUTH_HOOK=no\n", true, false},
			"nothing":         {"", false, false},
			"stops":           {"return\n" + load, false, false},
			"own function":    {shells.Of(t, s).Function + load, true, true},
			"function behind": {load + shells.Of(t, s).Function, true, true},
			"reads the input": {"cat >/dev/null\n" + load, true, false},
			"keeps output":    {"sleep 5 &\n" + load, true, false},
		} {
			everywhere := []string{"loaded", "nothing", "own function", "function behind"}
			if shells.Of(t, s).Foreign && !slices.Contains(everywhere, name) {
				continue // the commands of the others are those of sh
			}
			w.startupOf(s, test.startup)
			seen, err := w.look(s, time.Minute)
			if err != nil || seen.Loaded != test.loaded || seen.Displaced != test.displaced {
				t.Errorf("%s: %+v, %v", name, seen, err)
			}
			if seen.Path == "" {
				t.Errorf("%s: no PATH", name)
			}
		}
	})
}

// A shell that does not come to its end is killed, with what it has started; one that is missing is not an error of the
// hook.
func TestLookGivesUp(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if s.NoLook {
			t.Skip("it is never asked")
		}
		w.startupOf(s, "sh -c 'echo $$ >"+w.path("pid")+"; exec sleep 300'\n")
		ctx, giveUp := context.WithTimeout(t.Context(), patience)
		defer giveUp()
		go func() { // once it hangs
			for ctx.Err() == nil {
				if data, _ := os.ReadFile(w.path("pid")); strings.HasSuffix(string(data), "\n") {
					giveUp()
				}
				time.Sleep(10 * time.Millisecond)
			}
		}()
		if _, err := w.lookWith(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("hung: %v", err)
		}
		pid := strings.TrimSpace(text(t, w.path("pid")))
		if _, err := os.Stat(filepath.Join("/proc", pid, "root")); err == nil {
			if !shells.Of(t, s).Groups {
				t.Errorf("process %s still runs", pid)
			}
			_ = exec.Command("kill", "-9", pid).Run() // it may have ended by now
		}
		w.startupOf(s, "exec true\n")
		if _, err := w.look(s, time.Minute); !errors.Is(err, hooks.ErrNoAnswer) {
			t.Errorf("exec: %v", err)
		}
		w.env = []string{"HOME=" + w.home, "PATH=" + w.path("bin")}
		if _, err := w.look(s, time.Minute); !errors.Is(err, hooks.ErrNoShell) {
			t.Errorf("missing: %v", err)
		}
	})
}

// The hook adds the program's directory behind the others, once, and only where no claude-auth is found.
func TestAddPath(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		load := load(s, w.hook(s, hooks.Options{AddPath: true}))
		dir, bin := filepath.Dir(w.exe), w.path("bin")
		w.want(s, load+load+"/usr/bin/printenv PATH\n", bin+":/usr/bin:/bin:"+dir+"\n", 0)
		w.write(w.path("bin/claude-auth"), pretend, 0o755)
		w.want(s, load+"/usr/bin/printenv PATH\n", bin+":/usr/bin:/bin\n", 0)
	})
}

// zsh reads a ZDOTDIR that ~/.zshenv does not export.
func TestFindStartupFile(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		want, err := hooks.StartupFile(s, paths.New(w.env))
		if err != nil {
			t.Fatal(err)
		}
		w.write(w.path(".zshenv"), "echo noise\nZDOTDIR=$HOME/zdot\n", 0o644)
		if s.Name == "zsh" {
			want = w.path("zdot/.zshrc")
		}
		if got, err := hooks.FindStartupFile(t.Context(), s, paths.New(w.env)); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	})
}
