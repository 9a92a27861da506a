package cmd

import (
	"io"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/prompt"
)

// promptFlags are the flags of `status` that say how a segment looks.
func promptFlags() []cli.Flag {
	return []cli.Flag{
		choiceFlag{
			&cli.StringFlag{Name: "shell", Usage: "with --format prompt: write colours for `SHELL`: " + orList(prompt.Shells())},
			prompt.Shells(),
		},
		&cli.StringFlag{Name: "symbol", Usage: "with --format prompt or statusline: `TEXT` before the state " +
			"(default: \"" + prompt.DefaultSymbol + "\")"},
		&cli.BoolFlag{Name: "color", Usage: "with --format prompt or statusline: use colour"},
	}
}

// promptStyle returns the style that these flags ask for.
func (p *program) promptStyle(c *cli.Context) (prompt.Style, error) {
	style := prompt.Style{Shell: c.String("shell"), Symbol: c.String("symbol"), Color: c.Bool("color")}
	switch format := c.String("format"); {
	case style == prompt.Style{}:
	case format != "prompt" && format != "statusline":
		return style, usageErrorf("add --format prompt",
			"--shell, --symbol and --color cannot be used with the format %s", format)
	case !prompt.Style{Shell: style.Shell}.Valid():
		return style, usageErrorf("the shells are "+orList(prompt.Shells()), "no such shell: %s", style.Shell)
	case !style.Valid():
		return style, usageErrorf("leave out %, \\, $, #, ` and control characters",
			"the symbol %q has characters that a prompt would expand", style.Symbol)
	}
	if p.color(c).Suppressed(p.env) {
		style.Color = false
	}
	return style, nil
}

var _ = register(prompt.Command, func() command {
	return command{
		plumbing: true, findsHome: true, maxArgs: anyNumber, run: (*program).promptCommand,
	}
})

// promptCommand is what the shell hooks call when their state file no longer holds: `__prompt KEY` prints the segment
// in a line and writes the file (package prompt).
//
// It never fails and never writes to standard error, which would disturb the prompt.
func (p *program) promptCommand(c *cli.Context) error {
	p.ui.Err = io.Discard
	_ = p.write(p.promptSegment(c) + "\n") // it fails only when the shell has gone
	return nil
}

func (p *program) promptSegment(c *cli.Context) string {
	key, began := c.Args().First(), p.now()
	places, err := paths.Resolve(p.env, "")
	if err != nil {
		return ""
	}
	p.usePaths(places)
	// The stamp from before the ledger is read: when this process or another one adds to it, the next prompt asks again.
	ledger := cache.StampOf(p.paths.Ledger())
	r, err := p.report(c, false)
	if err != nil {
		return ""
	}
	// All directories share the state file, so the settings of a project do not count.
	r.shadow = diagnose.Launch{Sources: []string{"user"}}.Shadow(p.env, p.paths)
	modified := int64(0)
	if !r.snapshot.ModTime.IsZero() {
		modified = r.snapshot.ModTime.UnixNano()
	}
	report := r.forPrompt()
	state := prompt.NewState(report, key, modified, p.volatile(), began, r.now)
	if p.usesKeychain() {
		state = prompt.NewKeychainState(report, key, p.paths.StorageDir, p.volatile(), began, r.now)
	}
	everywhere := r.shadow != nil && r.shadow.File != "" // a setting, which is the same in all shells
	if everywhere || prompt.Storable(key, r.shadow != nil) {
		// Without the file the next prompt asks again.
		_ = state.Write(p.paths.PromptState(), p.paths.Ledger(), ledger)
	}
	return state.Segment
}

// placeVariables choose the credentials file and the client's settings. Each of them names a place.
var placeVariables = []string{"HOME", paths.EnvFile, claude.EnvConfigDir, claude.EnvStorageDir}

// volatile reports whether another file may be the credentials file, depending on the working directory.
func (p *program) volatile() bool {
	for _, name := range placeVariables {
		if value := p.env.Get(name); value != "" && !filepath.IsAbs(value) {
			return true
		}
	}
	return false
}
