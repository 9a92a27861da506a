package screens

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/ledger"
)

// shot is one screen.
type shot struct {
	name    string   // of its files: NAME-80.txt, NAME-40.txt
	title   string   // draws NAME.svg too, with this title
	login   string   // the saved login, a fixture of package harness; "" for none
	service []string // what the service answers, NAME=VALUE: testscripts/README.md, Settings of service
	env     []string // NAME=VALUE
	lives   func(*home) []ledger.Event
	before  string   // what bash does before, unseen
	types   []string // the commands that a person types into a bash with the hook
	steps   []string // what happens then: `see REGEXP` (spaces do not count), `press KEY…` (tmux's names), `line TEXT`
	running bool     // it is the screen after the last step, while the program runs; else that after its end
}

// script is what bash runs.
func (s shot) script() string {
	lines := []string{`eval "$(claude-auth init bash)"`}
	if s.before != "" {
		lines = append(lines, "{ "+s.before+"\n} >~/before 2>&1")
	}
	for i, command := range s.types {
		if i > 0 {
			lines = append(lines, "echo")
		}
		lines = append(lines, "printf '%s\\n' '$ "+strings.ReplaceAll(command, "'", `'\''`)+"'", command)
	}
	return strings.Join(append(lines, ": >~/ended", "exec sleep 1000"), "\n") // at its end tmux writes on the screen
}

// The main job, which several screens show.
const asks = "claude -p 'Why did the build fail?'"

var answers = []string{"answer=The linker ran out of memory: run fewer jobs at once."}

// waits has nobody finish the sign-in in the browser.
var waits = []string{"browser=hang"}

// question is where the program asks on a line, and ready where a session waits for text.
const (
	question = `see \[[Yy]/[Nn]\]`
	ready    = "see ❯"
	panel    = "see Esc"
	link     = `see https://`
)

// rejects makes a real rejection known before, as an hour of work would.
const rejects = `claude-auth run --mode off -- -p ping`

var shots = append(append([]shot{
	{name: "panel", login: "dead", types: []string{"claude"}, running: true,
		steps: []string{ready, "line Why did the build fail?", panel}},
	{name: "panel-details", login: "dead", types: []string{"claude"}, running: true,
		steps: []string{ready, "line Why did the build fail?", panel, "press d", "see 401-"}},
	{name: "panel-sign-in", login: "dead", service: waits, types: []string{"claude"}, running: true,
		steps: []string{ready, "line Why did the build fail?", panel, "press Enter", link}},
	{name: "panel-repaired", login: "dead", types: []string{"claude"}, running: true,
		steps: []string{ready, "line Why did the build fail?", panel, "press Enter", "see “Why|Enter.*session"}},

	{name: "question", login: "dead", types: []string{asks}, running: true, steps: []string{question}},
	{name: "not-repaired", login: "dead", types: []string{asks}, steps: []string{question, "line n"}},
	{name: "sign-in", login: "dead", service: waits, types: []string{asks}, running: true,
		steps: []string{question, "line y", link}},
	{name: "cancelled", login: "dead", service: waits, types: []string{asks},
		steps: []string{question, "line y", link, "press C-c"}},
	{name: "repaired", title: "claude-auth repairs a rejected login and repeats the command", login: "dead",
		service: answers, types: []string{asks}, steps: []string{question, "line y"}},

	{name: "recover", login: "dead", before: rejects, types: []string{"claude-auth recover"},
		steps: []string{question, "line y"}},
	{name: "recover-dry-run", login: "dead", before: rejects, types: []string{"claude-auth recover --dry-run"}},
	{name: "panel-left", login: "dead", types: []string{"claude"},
		steps: []string{ready, "line Why did the build fail?", panel, "press Escape", ready, "line /exit"}},
	{name: "undo", login: "dead", types: []string{
		"claude-auth wipe", "claude-auth backups", "claude-auth undo", "claude-auth undo",
	}},
	{name: "install", types: []string{"claude-auth install bash"}, running: true, steps: []string{question + "|hint:"}},
	{name: "uninstall", before: "claude-auth install bash", types: []string{"claude-auth uninstall bash"}},
	{name: "renew", login: "renewable", types: []string{"claude-auth renew"}},
	{name: "why", login: "dead", before: rejects, types: []string{"claude-auth why"}},
	{name: "history", login: "fresh", lives: tenLives, types: []string{"claude-auth history"}},
	{name: "doctor-well", login: "fresh", before: "claude-auth install; export CLAUDE_AUTH_HOOK=bash:1",
		types: []string{"claude-auth doctor"}},
	{name: "doctor-sick", login: "dead", types: []string{"claude-auth doctor"}, before: rejects + `
		chmod 644 ~/.claude/.credentials.json
		mkdir ~/.claude/.storage-write.lock && touch -d '-2 days' ~/.claude/.storage-write.lock
		unset CLAUDE_AUTH_HOOK`},
	{name: "config", types: []string{"claude-auth config list"}},
	{name: "help", types: []string{"claude-auth help"}},
	{name: "help-recover", types: []string{"claude-auth recover --help"}},
	{name: "errors", login: "fresh", types: []string{
		"claude-auth stauts", "claude-auth status --jsn", "claude-auth get claudeAiOauth.nothing",
		"claude-auth set claudeAiOauth.expiresAt tomorrow", "claude-auth status --file /nowhere/x.json",
		"claude-auth undo", "CLAUDE_AUTH_MODE=autoo claude-auth run -- -p ping",
	}},
	{name: "errors-broken-file", login: "torn", types: []string{
		"claude-auth get claudeAiOauth", "claude-auth wipe", "claude-auth recover --dry-run",
	}},
	{name: "errors-no-terminal", login: "dead", service: waits, before: rejects, types: []string{
		"setsid -w claude-auth recover </dev/null", "setsid -w timeout 20 claude-auth login </dev/null",
	}},
	{name: "two-steps", login: "fresh", types: []string{
		"claude-auth login --detach", "claude-auth status", "claude-auth login --code </dev/null",
		"claude-auth login --cancel", "claude-auth login --code <<<abc#def",
	}},
}, statuses()...), shot{
	name: "status-overridden", login: "fresh", env: []string{"ANTHROPIC_API_KEY=sk-ant-api03-xxxxxxxx"},
	types: []string{"claude-auth status"},
})

// statuses are the answers of status, one for each state.
func statuses() (all []shot) {
	for _, state := range []struct{ name, login, before string }{
		{"ok", "fresh", ""}, {"renewable", "renewable", ""}, {"expiring", "expiring", ""}, {"rejected", "dead", rejects},
		{"blank", "blank", ""}, {"expired", "norefresh", ""}, {"limited", "limited", ""}, {"absent", "nologin", ""},
		{"corrupt", "torn", ""}, {"unreadable", "fresh", "rm $CREDENTIALS && mkdir $CREDENTIALS"},
		{"console", "nologin", "claude auth login --console"},
	} {
		before := strings.ReplaceAll(state.before, "$CREDENTIALS", "~/.claude/.credentials.json")
		all = append(all, shot{
			name: "status-" + state.name, login: state.login, before: before, types: []string{"claude-auth status"},
		})
	}
	return all
}

// tenLives are ten logins, one after the other: eight rejected, one wiped, and the one that is in use.
func tenLives(h *home) (events []ledger.Event) {
	ended := 300.3 // days ago
	for i, days := range []float64{31, 22, 40, 9, 27, 35, 18, 44, 29} {
		id := ledger.LoginID{Access: strings.Repeat(string("0123456789"[i])+"a", 8), Refresh: names[i]}
		begun := ended - 0.4
		ended = begun - days
		events = append(events, h.event(begun, ledger.SignedIn, id))
		for at := begun - 4.2; at > ended; at -= 6.3 {
			id.Access = strings.Repeat(string("0123456789"[i])+"b", 8)
			events = append(events, h.event(at, ledger.Renewed, id))
		}
		end := h.event(ended, ledger.Rejected, id)
		if i == 3 {
			end = h.event(ended, ledger.Wiped, id)
		} else {
			end.Detail = map[string]string{"rule": "401-print", "where": "print"}
		}
		events = append(events, end)
	}
	return append(events, h.event(ended-0.1, ledger.SignedIn, h.savedLogin()))
}

// names are fingerprints.
var names = []string{
	"3f9a2c1e5b7d8046", "8c04d7ba19e6f253", "b1e65f02c8a39d74", "5d7283e9f04b1ac6", "e9104ba6d37c582f", "07c6f8d12e9b34a5",
	"a43bd190567ec82f", "6e58c2f4091bad37", "d2974ce0b3f6518a",
}
