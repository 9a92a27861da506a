package watch

import (
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Kind says how a command line of the client is watched.
type Kind int

const (
	// Plain needs no login, or manages logins itself: the client replaces this process.
	Plain Kind = iota
	// Print answers one prompt and ends (-p).
	Print
	// Interactive is a session on a terminal.
	Interactive
)

// String names the kind, for the debug log.
func (k Kind) String() string { return [...]string{"plain", "print", "session"}[k] }

// Invocation is a command line of the client: the parts of it that matter here.
type Invocation struct {
	Args          []string // the whole command line, without the client's name
	Kind          Kind
	Format        string // --output-format
	Input         string // --input-format
	NoPersistence bool   // no transcript is written
	Bare          bool   // --bare: the saved login is never read
	Resume        string // the session id or name of --resume
	Continue      bool
	Fork          bool // --fork-session
	SessionID     string
	Settings      string   // --settings: a file, or JSON text
	Sources       []string // --setting-sources; nil means all
	ResumeAt      string   // --resume-session-at
	NewWorktree   bool     // --worktree without a name: the client makes one at each start
	Prompt        string   // the first positional argument
	Attaches      string   // the background session that it shows on the terminal; "" for none
	command       string   // the subcommand of the client, "" for none
	flags         []flagUse
}

// flagUse is one flag on the command line, in args[first:end]. A bundle of flags such as -pc is one flag here.
type flagUse struct {
	name       string
	first, end int
	values     []string
}

// Parse reads a command line of the client. Without a terminal on standard output the client prints one answer and
// ends, as with -p (its own help says so).
func Parse(args []string, stdoutIsTerminal bool) Invocation {
	inv := Invocation{Kind: Interactive, Format: claude.FormatText, Args: args}
	if !stdoutIsTerminal {
		inv.Kind = Print
	}
	var positional []string
	for i := 0; i < len(args); {
		if args[i] == "--" {
			positional = append(positional, args[i+1:]...)
			break
		}
		if !isFlag(args[i]) {
			positional = append(positional, args[i])
			i++
			continue
		}
		use := readFlag(args, i)
		inv.flags = append(inv.flags, use)
		inv.apply(use)
		i = use.end
	}
	if len(positional) > 0 {
		inv.Prompt = positional[0]
		// No subcommand has an --input-format: there the word is the value of a flag that is not known.
		if claude.IsCommand(positional[0]) && inv.Input == "" {
			inv.Kind, inv.command = Plain, positional[0]
		}
	}
	if inv.command == claude.Attach && len(positional) > 1 && stdoutIsTerminal && !inv.asksForHelp() {
		inv.Kind, inv.Attaches = Interactive, positional[1]
	}
	return inv
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

func readFlag(args []string, i int) flagUse {
	name, value, glued := strings.Cut(args[i], "=")
	use := flagUse{name: name, first: i, end: i + 1}
	if glued {
		use.values = []string{value}
		return use
	}
	takes, known := claude.FlagTakes(name)
	if !known && len(name) > 2 && name[1] != '-' { // -rID, and bundles such as -pc: commander reads both
		if takes, _ := claude.FlagTakes(name[:2]); takes != claude.NoValue {
			use.name, use.values = name[:2], []string{name[2:]}
		}
		return use
	}
	for use.end < len(args) && takes != claude.NoValue && (takes == claude.OneValue || !isFlag(args[use.end])) {
		use.end++
		if takes != claude.ManyValues {
			break
		}
	}
	use.values = args[i+1 : use.end]
	return use
}

func (inv *Invocation) apply(use flagUse) {
	value := ""
	if len(use.values) > 0 {
		value = use.values[0]
	}
	if use.isShort('p') || use.name == "--print" {
		inv.setKind(Print)
	}
	if use.isShort('c') || use.name == "--continue" {
		inv.Continue = true
	}
	if use.isShort('w') || use.name == "--worktree" && value == "" {
		inv.NewWorktree = true
	}
	switch use.name {
	case "--output-format":
		inv.Format = value
	case "--input-format":
		inv.Input = value
	case "--no-session-persistence":
		inv.NoPersistence = true
	case "--bare":
		inv.Bare = true
	case "--resume", "-r":
		inv.Resume = value
	case "--fork-session":
		inv.Fork = true
	case "--settings":
		inv.Settings = value
	case "--setting-sources":
		inv.Sources = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
		if inv.Sources == nil {
			inv.Sources = []string{} // none
		}
	case "--session-id":
		inv.SessionID = value
	case "--resume-session-at":
		inv.ResumeAt = value
	}
	if claude.IsPlainFlag(use.name) || use.isShort('v') || use.isShort('h') {
		inv.setKind(Plain)
	}
}

// Renews reports whether the client may renew the login with this command line.
func (inv Invocation) Renews() bool {
	if inv.Attaches != "" {
		return true // its session does
	}
	if inv.command == "" {
		return !inv.Bare && !claude.NeverRenews(inv.Args)
	}
	return claude.MayRenew(inv.command) && !inv.asksForHelp()
}

// startsBackground reports whether the client starts a session in the background, where nobody sees that it fails.
func (inv Invocation) startsBackground() bool {
	if inv.command != "" {
		return inv.command == claude.Respawn && !inv.asksForHelp()
	}
	return slices.ContainsFunc(inv.flags, func(use flagUse) bool {
		return slices.Contains(claude.Background[:], use.name)
	})
}

// Converses reports whether a program talks with the client: it writes the messages, one a line, and reads the answers,
// for as long as it likes. Editors and the Agent SDK start the client so (@anthropic-ai/claude-agent-sdk 0.3.332).
func (inv Invocation) Converses() bool {
	return inv.Kind == Print && inv.Input == claude.FormatStreamJSON && inv.Format == claude.FormatStreamJSON
}

// asksForHelp reports whether a subcommand is only to print its help. It renews nothing then (2.1.165, 2.1.330,
// 2.1.332).
func (inv Invocation) asksForHelp() bool {
	last := inv.Args[len(inv.Args)-1]
	return last == "--help" || last == "-h"
}

// setKind leaves Plain as it is: `claude -p --version` prints the version.
func (inv *Invocation) setKind(kind Kind) {
	if inv.Kind != Plain {
		inv.Kind = kind
	}
}

// isShort reports whether the flag is -letter, alone or in a bundle of flags without values.
func (use flagUse) isShort(letter byte) bool {
	return len(use.values) == 0 && use.name[1] != '-' && strings.IndexByte(use.name[1:], letter) >= 0
}

// without returns the command line without the named flags and their values.
func (inv Invocation) without(names ...string) []string {
	var kept []string
	next := 0
	for _, use := range inv.flags {
		bundle := use.bundle()
		if bundle == "" && !slices.Contains(names, use.name) {
			continue
		}
		kept = append(kept, inv.Args[next:use.first]...)
		if bundle = dropLetters(bundle, names); bundle != "" {
			kept = append(kept, "-"+bundle)
		}
		next = use.end
	}
	return append(kept, inv.Args[next:]...)
}

// bundle returns the letters of a flag such as -pc, and "" for any other flag.
func (use flagUse) bundle() string {
	if len(use.name) > 2 && use.name[1] != '-' && len(use.values) == 0 {
		return use.name[1:]
	}
	return ""
}

// dropLetters returns bundle without the letters of those names that are a dash and a letter.
func dropLetters(bundle string, names []string) string {
	return strings.Map(func(r rune) rune {
		if slices.Contains(names, "-"+string(r)) {
			return -1
		}
		return r
	}, bundle)
}

// In returns the invocation that goes on in the worktree of that name, instead of making a new one. It is inv itself
// when inv makes none, and when the name is unknown ("").
func (inv Invocation) In(worktree string) Invocation {
	if !inv.NewWorktree || worktree == "" {
		return inv
	}
	args := append([]string{"--worktree", worktree}, inv.without("--worktree", "-w")...)
	return Parse(args, inv.Kind == Interactive)
}

// Resumed returns the command line that goes on with the session id, with the same flags and without the prompt. It
// follows an interactive session that ended with a failure.
func (inv Invocation) Resumed(id string) []string {
	if inv.Attaches != "" {
		return inv.Args // the background session goes on by itself
	}
	args := inv.without("--resume", "-r", "--continue", "-c", "--session-id", "--fork-session", "--from-pr")
	if i := slices.Index(args, inv.Prompt); i >= 0 && inv.Prompt != "" {
		args = slices.Delete(args, i, i+1)
	}
	return append([]string{"--resume", id}, args...)
}
