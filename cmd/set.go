package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
		group: groupDocument, rank: 30,
		usage:     "set a value in the credentials file and leave every other byte as it is",
		argsUsage: "PATH VALUE|-",
		description: `VALUE is taken as JSON when it is JSON (5, true, null, [1,2], {"a":1}), and as a string otherwise.` +
			"\nWith - it is read from standard input, without a final newline; " +
			"on a terminal it is asked for and not shown. A secret's value\n" +
			"is taken from there alone, as a string: arguments are for everybody on the machine to read.\n" +
			"What is overwritten can be put back with 'claude-auth undo'.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "string", Usage: "VALUE is a string, whatever it looks like"},
			&cli.BoolFlag{Name: "json", Usage: "VALUE is JSON, or it is refused"},
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
		return answer{list: []candidate{{standardInput, "from standard input"}}}
	}
	return p.completePath(args, current)
}

func (p *program) set(c *cli.Context) error {
	if c.Bool("string") && c.Bool("json") {
		return wrongUsage(c, "--string and --json exclude each other")
	}
	path, text := c.Args().Get(0), c.Args().Get(1)
	place, err := placeArgument(c, path)
	if err != nil {
		return err
	}
	isSecret, given := credentials.SecretPath(path), text != standardInput
	if given && isSecret {
		return p.refuseArgument(path, "a secret")
	}
	if !given {
		if text, err = p.readValue(c.Context, path); err != nil {
			return fmt.Errorf("set: %w", err)
		}
	}
	raw, err := valueOf(text, c.Bool("json"), c.Bool("string") || isSecret && !given)
	if err != nil {
		return wrongUsage(c, "the value: %w", err)
	}
	if given && credentials.SecretValue(raw) {
		return p.refuseArgument(path, "what looks like a secret")
	}
	return p.edit(c, place, func(doc *credentials.Document) (*credentials.Document, error) {
		return doc.SetAt(place, raw)
	})
}

func (p *program) refuseArgument(path, what string) error {
	return usageErrorf(fmt.Sprintf("give it on standard input: claude-auth set %q -", path),
		"set: %s is not taken from an argument, which others can read", what)
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
	p.ui.Prompt("value of " + path + " (not shown): ")
	defer p.ui.Prompt("\n")
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
