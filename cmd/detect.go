package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/detect"
)

// The exit statuses of detect are grep's.
const (
	detectNone  = 1
	detectError = 2
)

var _ = register("detect", func() command {
	return command{
		group: groupMore, rank: 20,
		usage:     "find the client's failure messages in recordings, logs or standard input",
		argsUsage: "[FILE…]",
		description: "Prints one JSON object a finding: rule, class, offset in bytes, the phrase, " +
			"and the file where several are read.\n" +
			"Exit status 0 when something was found, 1 when nothing was, 2 after an error.",
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
		n, fileErr := p.detectIn(rules, file, len(files) > 1)
		found, err = found+n, errors.Join(err, fileErr)
	}
	if err != nil {
		return statusError{detectError, err}
	}
	return statusError{status: pick(found > 0, exitOK, detectNone)}
}

// readSize is how much is read at once.
const readSize = 64 << 10

func (p *program) detectIn(rules *detect.Rules, name string, several bool) (found int, err error) {
	in := p.ui.In
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return 0, err
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
			err = fmt.Errorf("write the findings: %w", e)
		}
	}
	scanner := detect.NewScanner(rules)
	buffer := make([]byte, readSize)
	for err == nil {
		n, readErr := in.Read(buffer)
		scanner.Scan(buffer[:n], emit)
		if readErr == io.EOF {
			break
		}
		if readErr != nil {
			return found, fmt.Errorf("read %s: %w", name, readErr)
		}
	}
	scanner.Close(emit)
	return found, err
}
