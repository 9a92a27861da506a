package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("set", func() command {
	return command{
		group: groupFile, rank: 30,
		usage:     "set a value; every other byte stays as it is",
		argsUsage: "PATH VALUE|-",
		description: `VALUE is JSON if it can be read as JSON (5, true, null, [1,2], {"a":1}), and a string otherwise. ` +
			"'claude-auth help paths' explains PATH.\n\n" +
			"With - the value is read from standard input, without the final newline. " +
			"On a terminal you are asked for it, and it is not shown. " +
			"Set secrets this way: other users of the machine can read arguments.\n\n" +
			"A value that Claude Code would not write, such as a text for expiresAt, needs --force. " +
			"It prints nothing when it succeeds. 'claude-auth undo' restores what was overwritten.",
		examples: "claude-auth set " + inLogin + "expiresAt 0   # let Claude Code renew the login\n" +
			"pass show claude | claude-auth set " + inLogin + "refreshToken -   # from a password manager\n" +
			"claude-auth set " + inLogin + "refreshToken -   # type it; it is not shown\n" +
			`claude-auth set ` + inLogin + `scopes '["user:inference","user:profile"]'   # set a list`,
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "string", Usage: "VALUE is a string, whatever it looks like"},
			&cli.BoolFlag{Name: "json", Usage: "VALUE must be JSON"},
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "also set a value that Claude Code would not write"},
			dryRunFlag(),
		},
		run: (*program).set, acts: true,
		minArgs: 2, maxArgs: 2, complete: (*program).completeSet,
	}
})

// standardInput in the place of the value means that it is on standard input.
const standardInput = "-"

func (p *program) completeSet(args []string, current string) answer {
	if len(args) == 1 && credentials.SecretPath(args[0]) {
		return answer{list: []candidate{{standardInput, "read it from standard input"}}}
	}
	return p.completePath(args, current)
}

func (p *program) set(c *cli.Context) error {
	if c.Bool("string") && c.Bool("json") {
		return wrongUsage(c, "--string and --json cannot be used together")
	}
	path, text := c.Args().Get(0), c.Args().Get(1)
	place, err := placeArgument(c, path)
	if err != nil {
		return err
	}
	isSecret, given := credentials.SecretPath(path), text != standardInput
	if given && isSecret {
		return p.refuseArgument(path, "this is a secret, and")
	}
	if !given {
		if text, err = p.readValue(c.Context, path); err != nil {
			return err
		}
	}
	raw, err := valueOf(text, c.Bool("json"), c.Bool("string") || isSecret && !given)
	if err != nil {
		return wrongUsage(c, "the value is not valid JSON: %w", err)
	}
	if given && credentials.SecretValue(raw) {
		return p.refuseArgument(path, "this looks like a secret, and")
	}
	return p.edit(c, place, func(doc *credentials.Document) (*credentials.Document, error) {
		after, err := doc.SetAt(place, raw)
		if err == nil && !c.Bool("force") {
			err = unlikeClient(place, doc, after)
		}
		return after, err
	})
}

func (p *program) refuseArgument(path, what string) error {
	return usageErrorf(fmt.Sprintf("run 'claude-auth set %q -'", path),
		"%s other users can read arguments", what)
}

// unlikeClient is an error when an edit of place gives the login a value that the client would not write there.
func unlikeClient(place credentials.Path, before, after *credentials.Document) error {
	was, _ := before.Login()
	is, _ := after.Login()
	for _, problem := range is.Problems {
		if problem.Missing || slices.Contains(was.Problems, problem) {
			continue
		}
		subject := pick(problem.Member == place.String(), "the value", problem.Member)
		return ui.WithHint(fmt.Errorf("%s %s", subject, problem.Msg),
			"add --force to set it anyway; Claude Code may then not find the login")
	}
	return nil
}

// valueOf returns the JSON of a value that was typed.
func valueOf(text string, mustJSON, mustString bool) ([]byte, error) {
	jsonErr := credentials.ValidValue([]byte(text))
	switch {
	case mustJSON && jsonErr != nil:
		return nil, jsonErr
	case jsonErr == nil && (mustJSON || !mustString):
		return []byte(text), nil
	case !utf8.ValidString(text):
		return nil, errors.New("it is not valid UTF-8")
	}
	return credentials.Quote(text), nil
}

// readValue reads standard input to its end; on a terminal one line, which is not shown.
func (p *program) readValue(ctx context.Context, path string) (string, error) {
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) {
		limited := io.LimitReader(p.ui.In, credentials.MaxSize+1)
		data, err := awaitInput(ctx, func() ([]byte, error) { return io.ReadAll(limited) })
		if err == nil && len(data) > credentials.MaxSize {
			err = &atomicfile.TooLargeError{Size: int64(len(data)), Limit: credentials.MaxSize}
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), err
	}
	restore, err := tty.NoEcho(os.Stdin)
	if err != nil {
		return "", err
	}
	p.ui.Prompt("Value of " + path + " (not shown): ")
	defer p.ui.EndPrompt()
	line, err := awaitInput(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if errors.Is(err, io.EOF) {
		err = nil // Ctrl-D: an empty value
	}
	return string(line), errors.Join(err, restore())
}

// awaitInput returns what read returns, or ctx's error when that ends first.
func awaitInput(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	return ui.Await(ctx, func() ([]byte, error) {
		data, err := read()
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	})
}
