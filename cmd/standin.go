package cmd

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/standin"
)

// The demonstration runs these in place of the client and of a browser.
var (
	_ = register("__standin", func() command {
		return command{plumbing: true, maxArgs: anyNumber, run: (*program).standin}
	})
	_ = register("__browser", func() command {
		return command{plumbing: true, maxArgs: anyNumber, run: (*program).standinBrowser}
	})
)

func (p *program) standin(c *cli.Context) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	return statusError{status: standin.Main(standin.Process{
		Args: c.Args().Slice(), Env: p.env, Dir: dir, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: p.now,
	})}
}

func (p *program) standinBrowser(c *cli.Context) error {
	return standin.Browser(c.Args().Slice(), p.env, standin.DeliverFile, func() { <-c.Context.Done() })
}
