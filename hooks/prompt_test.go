package hooks_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/prompt"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/internal/test/tools"
	"github.com/claude-auth/claude-auth/shell"
)

// logIn saves a login that is age old.
func (w *world) logIn(age time.Duration) {
	w.t.Helper()
	path := w.path(".claude/.credentials.json")
	w.write(path, "{}\n", 0o600)
	w.touch(path, age)
}

func (w *world) touch(path string, age time.Duration) {
	w.t.Helper()
	when := time.Now().Add(-age)
	if err := os.Chtimes(path, when, when); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) state() string { return w.path(".local/state/claude-auth/prompt") }

// atPrompt returns what CLAUDE_AUTH_PROMPT is when the next prompt is drawn.
func atPrompt(term *terminal) string {
	term.t.Helper()
	text := term.say(`sh -c 'printf "{%s}" "$CLAUDE_AUTH_PROMPT"'`)
	_, text, _ = strings.Cut(text, "{")
	text, _, _ = strings.Cut(text, "}")
	return text
}

// A steadyPrompt checks how often a shell's prompts ask the program.
type steadyPrompt struct {
	*world
	term *terminal
}

// steady draws some prompts. It checks that CLAUDE_AUTH_PROMPT is want in all of them, and that they asked the program
// as often as renewals says.
func (p steadyPrompt) steady(what, want string, renewals int) {
	p.t.Helper()
	before := p.asked()
	p.term.say("true")
	for range 3 {
		if got := atPrompt(p.term); got != want {
			p.t.Errorf("%s: CLAUDE_AUTH_PROMPT is %q, want %q", what, got, want)
		}
	}
	if got := p.asked() - before; got != renewals {
		p.t.Errorf("%s: asked %d times, want %d", what, got, renewals)
	}
}

// One process for the first prompt, none for the next ones; then one for each thing that ends the hold.
func TestPromptRenewsWhenItMust(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		if shells.AsksAlways(t, s) {
			t.Skip("in this version each prompt asks the program")
		}
		w.logIn(time.Hour)
		w.write(w.path("segment"), "claude 2d\n", 0o644)
		p := steadyPrompt{w, w.start(s, loadAtStart(s, w.hook(s, hooks.Options{})))}
		p.term.say("true") // the first prompt has been
		if w.asked() != 1 {
			t.Fatalf("asked %d times for the first prompts", w.asked())
		}
		p.steady("nothing new", "claude 2d", 0)
		p.renewsWhenFilesChange()

		p.steady("another config dir", "claude ?", 0)
		p.term.say(fmt.Sprintf(shells.Of(t, s).Export, "CLAUDE_CONFIG_DIR", w.path("other dir|")))
		p.steady("another config dir, after", "claude ?", 0) // `say` has drawn the prompt that renewed it
		data, err := os.ReadFile(w.state())
		if err != nil || !strings.Contains(string(data), "other dir|||\n"+w.home+"\n") {
			t.Errorf("the state file is %q, %v", data, err)
		}
		p.renewsWhenTheStateIsBroken(w.home + "||" + w.path("other dir|") + "||")
	})
}

// renewsWhenFilesChange changes the credentials file and the state file.
func (p steadyPrompt) renewsWhenFilesChange() {
	p.t.Helper()
	p.write(p.path("segment"), "claude 401\n", 0o644)
	p.steady("the segment alone", "claude 2d", 0)
	p.logIn(time.Minute)
	p.steady("newer credentials", "claude 401", 1)

	p.write(p.path("segment"), "\n", 0o644)
	if err := os.Remove(p.state()); err != nil { // as an event in the ledger does
		p.t.Fatal(err)
	}
	p.steady("the state file gone", "", 1)

	p.write(p.path("segment"), "claude ?\n", 0o644)
	if err := os.Remove(p.path(".claude/.credentials.json")); err != nil {
		p.t.Fatal(err)
	}
	p.touch(p.path(".claude"), time.Minute) // bash before 5 compares whole seconds
	p.steady("credentials gone", "claude ?", 1)
	p.logIn(time.Hour) // older than the state file, as after `mv`
	p.steady("credentials back", "claude ?", 1)
}

// renewsWhenTheStateIsBroken writes state files for key that do not hold.
func (p steadyPrompt) renewsWhenTheStateIsBroken(key string) {
	p.t.Helper()
	for what, broken := range map[string]string{
		"expired":          "1\n%[1]s\n/\nclaude no\n",
		"expired just now": "%[3]d\n%[1]s\n/\nclaude no\n",
		"clock set back":   "9999999999\n%[1]s\n/\nclaude no\n",
		"earlier format":   "1 %[2]d 1\n%[1]s\n/\nclaude no\n",
		"no number":        "a[$(touch${IFS}pwned)]\n%[1]s\n/\nclaude no\n",
		"no such file":     "%[2]d\n%[1]s\n/nonexistent\nclaude no\n",
		"empty":            "",
		"cut short":        "%[2]d\n%[1]s", // not after the third line: zsh does not count an empty last line
		"no text":          "\x00\xff\n\n\n\n\n",
	} {
		p.write(p.state(), fmt.Sprintf(broken+"%.0[1]s%.0[2]d%.0[3]d", key, time.Now().Unix()+600, time.Now().Unix()), 0o600)
		p.steady(what, "claude ?", 1)
	}
	if _, err := os.Stat(p.path("pwned")); err == nil {
		p.t.Error("a number of the state file was evaluated")
	}
	lacks(p.t, p.term.all(), "rror")
}

// The program's KEY is what chose the credentials file as this shell sees it, and whether another credential overrides
// the saved login. A trace of the shell shows no token.
func TestPromptKey(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		w.write(w.path("segment"), "claude 401\n", 0o644)
		hook := w.hook(s, hooks.Options{})
		tests := []struct{ env, want string }{
			{"", "||||"},
			{"ANTHROPIC_API_KEY=", "||||"},
			{"ANTHROPIC_API_KEY=sk-ant-api03-FIXTURE", "||||1"},
			{"CLAUDE_AUTH_FILE=/a b|c", "|/a b|c|||"},
			{"CLAUDE_CONFIG_DIR=rel", "||rel||"},
			{"CLAUDE_SECURESTORAGE_CONFIG_DIR=", "|||=|"},
			{"CLAUDE_SECURESTORAGE_CONFIG_DIR=/x", "|||=/x|"},
		}
		for _, name := range claude.OverrideVariables() {
			tests = append(tests, struct{ env, want string }{name + "=FIXTURE", "||||1"})
		}
		for _, test := range tests {
			one := *w
			one.env = append(w.env[:len(w.env):len(w.env)], test.env)
			if err := os.RemoveAll(filepath.Dir(w.state())); err != nil {
				t.Fatal(err)
			}
			before := w.asked()
			d := shells.Of(t, s)
			got := one.run(s, slices.Concat(s.Bare, d.Forced), load(s, hook)+d.Trace+
				"__claude_auth_prompt\n__claude_auth_prompt\n")
			lacks(t, got.stderr, "FIXTURE")
			data, err := os.ReadFile(w.state())
			if lines := strings.Split(string(data), "\n"); err != nil || lines[1] != w.home+test.want {
				t.Errorf("%s: the state file is %q, %v", test.env, data, err)
			} else if !prompt.Storable(lines[1], strings.HasSuffix(test.want, "1")) {
				t.Errorf("%s: the program reads the key %q differently", test.env, lines[1])
			}
			if n := w.asked() - before; n != 1 && !shells.AsksAlways(t, s) {
				t.Errorf("%s: asked %d times", test.env, n)
			}
		}
	})
}

// SECONDS is the clock of bash before 4.2. A person may set it, or take its meaning away.
func TestPromptClockOfBash(t *testing.T) {
	tools.Need(t, "bash")
	s, w := shell.ByName("bash"), newWorld(t)
	w.logIn(time.Hour)
	w.write(w.path("segment"), "claude 2d\n", 0o644)
	p := steadyPrompt{w, w.start(s, "SECONDS=1000000\n. "+w.hook(s, hooks.Options{})+"\n")}
	p.term.say("true")
	for _, change := range []string{
		"SECONDS=0", "SECONDS=-5", "unset SECONDS; __claude_auth_zero=5", "unset EPOCHSECONDS",
	} {
		p.term.say(change)
		p.steady(change, "claude 2d", 0)
		p.write(p.state(), fmt.Sprintf("%d\n%s||||\n/\nclaude no\n", time.Now().Unix(), w.home), 0o600)
		p.steady(change+", expired", "claude 2d", 1)
	}
	lacks(t, p.term.all(), "rror")
}

// A hold of no time at all asks at each prompt, and so does a state that can't be written; neither says anything.
func TestPromptWithoutState(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		w.write(w.path("segment"), "claude 401\n", 0o644)
		w.write(w.path("hold"), "0\n", 0o644)
		term := w.start(s, loadAtStart(s, w.hook(s, hooks.Options{})))
		for range 2 {
			if got := atPrompt(term); got != "claude 401" {
				t.Errorf("got %q", got)
			}
		}
		if w.asked() < 3 {
			t.Errorf("asked %d times", w.asked())
		}
		if err := os.Remove(w.exe); err != nil {
			t.Fatal(err)
		}
		term.say("true")
		if got := atPrompt(term); got != "" {
			t.Errorf("with the program gone: %q", got)
		}
		lacks(t, term.all(), "rror")
		lacks(t, term.all(), "not found")
	})
}

// $? and PIPESTATUS are what the command left, for the next command and for other code that runs before a prompt.
func TestPromptKeepsTheStatus(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		d := shells.Of(t, s)
		if d.Status == "" {
			t.Skip("the shell has no variable with the last status")
		}
		parts := ""
		if d.PipeStatus != "" { // what the shell itself knows of a pipeline: fish 3.0 nothing yet
			parts = strings.TrimSpace(w.run(s, s.Bare, d.FailTwo+"\necho \""+d.PipeStatus+"\"\n").stdout)
		}
		if parts != "3 4" && parts != "" {
			t.Fatalf("the status of each part is %q", parts)
		}
		for range 2 { // first with a renewal at each prompt, then without
			term := w.start(s, d.OtherPrompt+loadAtStart(s, w.hook(s, hooks.Options{})))
			term.send(d.FailTwo + "\n")
			term.send(`echo "st=` + d.Status + ` pipe=` + d.PipeStatus + `."` + "\n")
			has(t, term.waitFor(`st=\d+ pipe=[\d ]*\.`), "st=4 pipe="+parts+".")
			if d.OtherPrompt != "" {
				term.send(d.FailTwo + "\n")
				has(t, term.say(`echo "[$other]"`), "[4,"+parts+"]")
			}
			// Called from a prompt function of the person's own, too.
			own := term.say("sh -c 'exit 7'; __claude_auth_prompt; echo own=" + d.Status + ".")
			has(t, own, "own=7.")
			w.write(w.path("hold"), "0\n", 0o644)
		}
	})
}

// PROMPT_COMMAND as people have it, and precmd_functions; loaded twice the hook stands there once.
func TestPromptBesideOthers(t *testing.T) {
	elements := bashRunsElements(t)
	for i, command := range []string{
		"", "PROMPT_COMMAND='mine=yes'", "PROMPT_COMMAND='mine=yes;'", "PROMPT_COMMAND='mine=yes # why'",
		"PROMPT_COMMAND=('mine=yes' 'too=yes')", "PROMPT_COMMAND=()", "PROMPT_COMMAND=",
		"declare -x PROMPT_COMMAND='mine=yes ; '",
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) { // not by the command: its `(` would be in the paths
			w := newWorld(t)
			w.write(w.path("segment"), "claude 401\n", 0o644)
			load := ". " + w.hook(shell.ByName("bash"), hooks.Options{}) + "\n"
			term := w.start(shell.ByName("bash"), command+"\n"+load+load)
			if got := atPrompt(term); got != "claude 401" {
				t.Errorf("got %q", got)
			}
			if strings.Contains(command, "mine") {
				has(t, term.say("echo mine=$mine."), "mine=yes.")
			}
			if strings.Contains(command, "too") && elements {
				has(t, term.say("echo too=$too."), "too=yes.")
			}
			has(t, term.say(`p="${PROMPT_COMMAND[*]}"; p="${p//[^_]/}"; echo "under=${#p}."`), "under=4.")
			lacks(t, term.all(), "rror")
		})
	}
}

// A theme that builds its prompt in a precmd function of its own finds the value of this very prompt.
func TestPromptIsThereForAThemeOfZsh(t *testing.T) {
	tools.Need(t, "zsh")
	w := newWorld(t)
	w.write(w.path("segment"), "claude 401\n", 0o644)
	load := ". " + w.hook(shell.ByName("zsh"), hooks.Options{}) + "\n"
	term := w.start(shell.ByName("zsh"), "theme() { PS1=\"(in prompt: $CLAUDE_AUTH_PROMPT) [ready] \" }\n"+
		"precmd_functions=(theme)\n"+load+load)
	term.waitFor(regexp.QuoteMeta("(in prompt: claude 401)"))
	has(t, term.say(`echo "[$precmd_functions]"`), "[__claude_auth_prompt theme]")
}

func TestNoPrompt(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		term := w.start(s, loadAtStart(s, w.hook(s, hooks.Options{NoPrompt: true})))
		if got := atPrompt(term); got != "" {
			t.Errorf("CLAUDE_AUTH_PROMPT is %q", got)
		}
		if !shells.Of(t, s).Foreign {
			has(t, term.say(`claude a; echo "[$CLAUDE_AUTH_PROMPT$PROMPT_COMMAND$precmd_functions]"`), "[]")
		}
		if w.asked() != 0 {
			t.Errorf("asked %d times", w.asked())
		}
		has(t, term.say("claude a"), "claude-auth [run] [--] [a]")
	})
}

// In the steady state a prompt starts no process: strace sees none between two marks.
func TestPromptStartsNoProcess(t *testing.T) {
	each(t, func(t *testing.T, s *shell.Shell, w *world) {
		tools.Need(t, "strace")
		if shells.AsksAlways(t, s) {
			t.Skip("in this version each prompt asks the program")
		}
		w.logIn(time.Hour)
		w.write(w.path("segment"), "claude 2d\n", 0o644)
		d := shells.Of(t, s)
		mark := cmp.Or(d.Mark, "true >%s")
		// The second prompt is the first that finds a state file; there bash before 4.2 asks for the time.
		run := load(s, w.hook(s, hooks.Options{})) + strings.Repeat("__claude_auth_prompt\n", 2)
		run += fmt.Sprintf(mark+"\n", w.path("from"))
		run += strings.Repeat("__claude_auth_prompt\n", 20) + fmt.Sprintf(mark+"\n", w.path("to"))
		file := w.path("script")
		w.write(file, run, 0o644)
		trace := w.path("trace")
		program, err := exec.LookPath(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		args := append([]string{"-f", "-o", trace, "-e", "trace=process,openat,open,creat", program}, s.Bare...)
		command := exec.Command("strace", slices.Concat(args, d.Forced, []string{file})...)
		command.Env, command.Dir = w.env, w.home
		if out, err := command.CombinedOutput(); err != nil && bytes.HasPrefix(out, []byte("strace:")) {
			t.Skipf("strace may not trace here: %v: %s", err, out)
		} else if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		data, err := os.ReadFile(trace)
		if err != nil {
			t.Fatal(err)
		}
		_, between, found := strings.Cut(string(data), w.path("from"))
		between, _, ended := strings.Cut(between, w.path("to"))
		if !found || !ended {
			t.Fatalf("the marks are missing in:\n%s", data)
		}
		if n := strings.Count(between, w.state()); n < 20 {
			t.Errorf("the state file was opened %d times for 20 prompts", n)
		}
		for line := range strings.Lines(between) {
			// fish has threads, which are not processes.
			if started.MatchString(line) && !strings.Contains(line, "CLONE_THREAD") {
				t.Errorf("a prompt started a process: %s", line)
			}
		}
		if w.asked() != 1 {
			t.Errorf("asked %d times", w.asked())
		}
	})
}

var started = regexp.MustCompile(`\b(fork|vfork|clone|clone3|execve|posix_spawn)\(`)
