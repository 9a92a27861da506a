package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// The exit statuses of detect are grep's.
const (
	detectNone  = 1
	detectError = 2
)

var _ = register("detect", func() command {
	return command{
		group: groupMore, rank: 20,
		usage:     "find failure messages of Claude Code in logs and recordings",
		argsUsage: "[FILE…]",
		description: "Without FILE it reads standard input. It prints a JSON object for each message: " +
			"rule, class, offset (in bytes) and phrase, and file where there are several.\n\n" +
			"As with grep, the exit status is 0 when something was found, 1 when nothing was, and 2 after an error.",
		examples: "claude-auth detect build.log   # look into a log\n" +
			"claude -p hi 2>&1 | claude-auth detect   # look at what a command prints",
		run:     (*program).detect,
		maxArgs: anyNumber, complete: completeFiles,
	}
})

// finding is one line of output.
type finding struct {
	File string `json:"file,omitempty"`
	detect.Finding
}

func completeFiles(*program, []string, string) answer { return answer{directive: "files"} }

func (p *program) detect(c *cli.Context) error {
	rules, err := detect.LoadRules(p.paths.Rules())
	if err != nil {
		return statusError{detectError, err}
	}
	files := c.Args().Slice()
	if len(files) == 0 {
		files = []string{"-"}
	}
	found := 0
	for _, file := range files {
		n, fileErr := p.detectIn(c.Context, rules, file, len(files) > 1)
		found, err = found+n, errors.Join(err, fileErr)
	}
	if c.Context.Err() != nil {
		return c.Context.Err()
	}
	if err != nil {
		return statusError{detectError, err}
	}
	return statusError{status: pick(found > 0, exitOK, detectNone)}
}

// readSize is how much is read at once.
const readSize = 64 << 10

func (p *program) detectIn(
	ctx context.Context, rules *detect.Rules, name string, several bool,
) (found int, err error) {
	in := p.ui.In
	if name == "-" {
		if tty.IsTerminal(os.Stdin) {
			p.ui.Notef("reading standard input; Ctrl-D ends it")
		}
	} else {
		file, err := os.Open(name)
		if err != nil {
			return 0, fmt.Errorf("cannot read %s: %w", name, atomicfile.WithoutPath(err))
		}
		defer file.Close()
		in = file
	}
	encoder := json.NewEncoder(p.ui.Out)
	encoder.SetEscapeHTML(false)
	emit := func(f detect.Finding) {
		found++
		line := finding{Finding: f}
		if several {
			line.File = name
		}
		if e := encoder.Encode(line); e != nil && err == nil {
			err = fmt.Errorf("cannot write the findings: %w", e)
		}
	}
	scanner := detect.NewScanner(rules)
	buffer := make([]byte, readSize)
	for err == nil {
		n, readErr := ui.Await(ctx, func() (int, error) { return in.Read(buffer) })
		scanner.Scan(buffer[:n], emit)
		if readErr == io.EOF {
			break
		}
		if readErr != nil {
			return found, fmt.Errorf("cannot read %s: %w", name, atomicfile.WithoutPath(readErr))
		}
	}
	scanner.Close(emit)
	return found, err
}
