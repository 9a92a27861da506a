package hooks_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// planted is what may be in the place of the state file: each makes it at the path state. text holds in this shell, but
// for its segment.
var planted = map[string]struct {
	segment string
	want    string
	root    bool // only root can make it
	plant   func(state, text string) error
}{
	"what the program writes": {segment: "claude 2d", want: "claude 2d", plant: write},
	"FIFO":                    {plant: func(state, _ string) error { return syscall.Mkfifo(state, 0o600) }},
	"link to a FIFO": {plant: func(state, _ string) error {
		return errors.Join(syscall.Mkfifo(state+".fifo", 0o600), os.Symlink(state+".fifo", state))
	}},
	"link to an endless file": {plant: func(state, _ string) error { return os.Symlink("/dev/zero", state) }},
	"directory":               {plant: func(state, _ string) error { return os.Mkdir(state, 0o700) }},
	"2 GB": {plant: func(state, _ string) error {
		return errors.Join(os.WriteFile(state, nil, 0o600), os.Truncate(state, 2<<30))
	}},
	"link to 2 GB": {plant: func(state, _ string) error {
		return errors.Join(os.WriteFile(state+".big", nil, 0o600), os.Truncate(state+".big", 2<<30),
			os.Symlink(state+".big", state))
	}},
	"escape sequences": {segment: "\x1b]0;planted\a\x1b[31mplanted", plant: write},
	"8-bit controls":   {segment: "\u009b31mplanted", plant: write},
	"expansions":       {segment: "$(planted)`planted`%{planted", plant: write},
	"file of another user": {segment: "planted", root: true, plant: func(state, text string) error {
		return errors.Join(write(state, text), os.Chown(state, nobody, nobody))
	}},
	"directory of another user": {segment: "planted", root: true, plant: func(state, text string) error {
		return errors.Join(write(state, text), os.Chown(filepath.Dir(state), nobody, nobody))
	}},
	"escape sequences of another user": {segment: "\x1b[31mplanted", root: true, plant: func(state, text string) error {
		return errors.Join(write(state, text), os.Chown(state, nobody, nobody),
			os.Chown(filepath.Dir(state), nobody, nobody))
	}},
}

const nobody = 65534

func write(state, text string) error { return os.WriteFile(state, []byte(text), 0o644) }

// aLittle is far more than a shell reads at its start and for its prompts, and far less than 2 GB, in bytes.
const aLittle = 500 << 20

// TestPlantedState draws prompts with something else in the place of the state file, and a program that has no segment
// to show and leaves the file alone: nothing of it is shown, and no shell waits for it or reads it whole.
func TestPlantedState(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.Of(t, s).Asks {
			t.Skip("the shell does not read the state file")
		}
		w.write(w.exe, "#!/bin/sh\necho asked >>\"$HOME/asked\"\n", 0o755)
		hook := w.hook(s, hooks.Options{})
		for name, planted := range planted {
			t.Run(name, func(t *testing.T) {
				if planted.root && os.Geteuid() != 0 {
					t.Skip("only root can give a file away")
				}
				w.t = t
				if shells.AsksAlways(t, s) {
					planted.want = "" // the shell does not read the file
				}
				dir := filepath.Dir(w.state())
				if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
					t.Fatal(err)
				}
				text := fmt.Sprintf("%d\n%s||||\n/\n%s\n", time.Now().Unix()+600, w.home, planted.segment)
				if err := planted.plant(w.state(), text); err != nil {
					t.Fatal(err)
				}
				before := w.asked()
				term := w.start(s, loadAtStart(s, hook))
				for range 2 {
					if got := atPrompt(term); got != planted.want {
						t.Errorf("CLAUDE_AUTH_PROMPT is %q, want %q", got, planted.want)
					}
				}
				if n := term.bytesRead(); n > aLittle {
					t.Errorf("the shell has read %d bytes", n)
				}
				if asked := w.asked() > before; asked != (planted.want == "") {
					t.Errorf("the program was asked: %v", asked)
				}
				lacks(t, term.all(), "planted")
				lacks(t, term.all(), "rror")
			})
		}
	})
}
