package harness

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Screen is a program in its own tmux: a real terminal, whose screen can be read.
type Screen struct {
	dir string // of the socket: short, as a socket's path must be
	env []string
}

// lookEvery is how often a waiting test reads the screen.
const lookEvery = 50 * time.Millisecond

// screenConfig makes tmux show nothing but the program.
const screenConfig = `set -g status off
set -g remain-on-exit on
set -g default-terminal tmux-256color
set -s escape-time 10
set -g focus-events on
set -g history-limit 5000
`

// recordEnd is written after the program's last byte, because tmux records with a delay. No terminal shows it.
const recordEnd = "\x1b]claude-auth-test;end\x07"

// StartScreen starts command in a tmux of the size given. Close must be called.
func StartScreen(command *exec.Cmd, columns, rows int) (*Screen, error) {
	dir, err := os.MkdirTemp("", "screen")
	if err != nil {
		return nil, err
	}
	s := &Screen{dir: dir, env: command.Env}
	if err := os.WriteFile(s.file("conf"), []byte(screenConfig), 0o600); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	// The program waits until tmux records what it writes. tmux 3.3a does not always notice its end, so its status goes
	// into a file.
	wait := `trap : INT QUIT; while [ ! -e "$0" ]; do sleep 0.02; done; "$@"; status=$?; printf '` + recordEnd +
		`'; echo $status >"$0.tmp"; mv "$0.tmp" "$0.status"`
	args := append([]string{"-f", s.file("conf"), "new-session", "-d", "-c", command.Dir, "-x", strconv.Itoa(columns),
		"-y", strconv.Itoa(rows),
		"sh", "-c", wait, s.file("go"), command.Path}, command.Args[1:]...)
	if _, err := s.tmux(args...); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if _, err := s.tmux("pipe-pane", "-O", "exec cat >"+s.file("raw")); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, os.WriteFile(s.file("go"), nil, 0o600)
}

func (s *Screen) file(name string) string { return filepath.Join(s.dir, name) }

func (s *Screen) tmux(args ...string) (string, error) {
	command := exec.Command("tmux", append([]string{"-u", "-S", s.file("socket")}, args...)...)
	command.Env = s.env
	out, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return "", fmt.Errorf("tmux %s: %w", args[0], err)
	}
	return string(out), nil
}

// Close ends the program and the tmux.
func (s *Screen) Close() error {
	_, _ = s.tmux("kill-server") // it may not have started
	return os.RemoveAll(s.dir)
}

// Text is what is on the screen, without blanks at the ends of lines and at the bottom.
func (s *Screen) Text() (string, error) {
	text, err := s.tmux("capture-pane", "-p")
	if err != nil {
		return "", err
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n", nil
}

// Styled is what is on the screen, with SGR sequences for its colours.
func (s *Screen) Styled() (string, error) { return s.tmux("capture-pane", "-p", "-e") }

// Raw is everything that the program has written so far.
func (s *Screen) Raw() (string, error) {
	raw, err := os.ReadFile(s.file("raw"))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return strings.ReplaceAll(string(raw), recordEnd, ""), err
}

// recorded waits until everything that the ended program has written is in Raw.
func (s *Screen) recorded() error {
	for begun := time.Now(); ; time.Sleep(lookEvery) {
		raw, err := os.ReadFile(s.file("raw"))
		if err != nil || strings.Contains(string(raw), recordEnd) {
			return err
		}
		if time.Since(begun) > Patience {
			return errors.New("the end of what was on the screen is not recorded")
		}
	}
}

// Until waits until the screen's text meets condition.
func (s *Screen) Until(what string, condition func(text string) bool) error {
	for begun := time.Now(); ; time.Sleep(lookEvery) {
		text, err := s.Text()
		if err != nil {
			return err
		}
		if condition(text) {
			return nil
		}
		if time.Since(begun) > Patience {
			return fmt.Errorf("%s was expected; on the screen there is:\n%s", what, text)
		}
	}
}

// unwrapped is text without white space, and so without line breaks.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), "") }

// On reports whether words are in a screen's text, wherever its lines break.
func On(text, words string) bool { return strings.Contains(unwrapped(text), unwrapped(words)) }

// See waits until words are on the screen, wherever its lines break.
func (s *Screen) See(words string) error {
	return s.Until(strconv.Quote(words), func(text string) bool { return On(text, words) })
}

// Gone waits until words are not on the screen.
func (s *Screen) Gone(words string) error {
	return s.Until("no "+strconv.Quote(words), func(text string) bool { return !On(text, words) })
}

// Still waits until the screen has not changed for d.
func (s *Screen) Still(d time.Duration) error {
	last, since := "", time.Now()
	return s.Until("a screen that stands still", func(text string) bool {
		if text != last {
			last, since = text, time.Now()
		}
		return time.Since(since) >= d
	})
}

// Type types text.
func (s *Screen) Type(text string) error {
	_, err := s.tmux("send-keys", "-l", text)
	return err
}

// Line types text, waits until it appears, and presses Enter. A client may take text that comes in one piece with its
// Enter for a paste.
func (s *Screen) Line(text string) error {
	before, err := s.Text()
	if err == nil {
		err = s.Type(text)
	}
	if err == nil {
		words := unwrapped(text)
		had := strings.Count(unwrapped(before), words)
		err = s.Until(strconv.Quote(text)+", typed,",
			func(now string) bool { return strings.Count(unwrapped(now), words) > had })
	}
	if err != nil {
		return err
	}
	return s.Press("Enter")
}

// Press presses keys by tmux's names for them.
func (s *Screen) Press(keys ...string) error {
	_, err := s.tmux(append([]string{"send-keys"}, keys...)...)
	return err
}

// Paste pastes text. A program that wants to know that gets marks around it (bracketed paste), unless plain is set, as
// in a terminal without them.
func (s *Screen) Paste(text string, plain bool) error {
	if _, err := s.tmux("set-buffer", "-b", "paste", "--", text); err != nil {
		return err
	}
	args := []string{"paste-buffer", "-b", "paste"}
	if !plain {
		args = append(args, "-p")
	}
	_, err := s.tmux(args...)
	return err
}

// Resize changes the window's size, and waits until the program writes something.
func (s *Screen) Resize(columns, rows int) error {
	before, err := s.Raw()
	if err == nil {
		_, err = s.tmux("resize-window", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows))
	}
	if err != nil {
		return err
	}
	return s.Until("something new for the new size", func(string) bool {
		var now string
		now, err = s.Raw()
		return err != nil || len(now) > len(before)
	})
}

// Ended waits until the program has ended, and returns its status as a shell does.
func (s *Screen) Ended() (int, error) {
	for begun := time.Now(); time.Since(begun) < Patience; time.Sleep(lookEvery) {
		text, err := os.ReadFile(s.file("go.status"))
		if err == nil {
			status, err := strconv.Atoi(strings.TrimSpace(string(text)))
			return status, errors.Join(err, s.recorded())
		}
	}
	text, _ := s.Text()
	return 0, fmt.Errorf("the program did not end; on its screen there is:\n%s", text)
}

// Child returns the pid of the one descendant of the program whose parent is called name.
func (s *Screen) Child(name string) (int, error) {
	pane, err := s.tmux("display-message", "-p", "#{pane_pid}")
	if err != nil {
		return 0, err
	}
	root, err := strconv.Atoi(strings.TrimSpace(pane))
	if err != nil {
		return 0, err
	}
	table, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,args=").Output()
	if err != nil {
		return 0, fmt.Errorf("list the processes: %w", err)
	}
	type process struct {
		parent int
		name   string
	}
	processes := map[int]process{}
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) >= 3 {
			pid, _ := strconv.Atoi(f[0])
			parent, _ := strconv.Atoi(f[1])
			processes[pid] = process{parent, nameOf(f[2:])}
		}
	}
	for pid, p := range processes {
		if processes[p.parent].name != name {
			continue
		}
		for up := p.parent; up > 1; up = processes[up].parent {
			if up == root {
				return pid, nil
			}
		}
	}
	return 0, fmt.Errorf("no child of %s runs on the screen", name)
}

// nameOf is the name that a program was started under. Where the kernel runs it with qemu, that is the third word.
func nameOf(args []string) string {
	if len(args) > 2 && strings.HasPrefix(filepath.Base(args[0]), "qemu-") {
		return args[2]
	}
	return args[0]
}
