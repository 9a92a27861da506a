package cmd

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/standin"
)

// What the demonstration runs in place of the client and of a browser.
var (
	_ = register(command{name: "__standin", group: hidden, build: func(p *program) *cli.Command {
		return &cli.Command{SkipFlagParsing: true, Action: p.standin}
	}})
	_ = register(command{name: "__browser", group: hidden, build: func(p *program) *cli.Command {
		return &cli.Command{SkipFlagParsing: true, Action: p.standinBrowser}
	}})
)

func (p *program) standin(c *cli.Context) error {
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	return statusError{status: standin.Main(c.Context, standin.Process{
		Args: c.Args().Slice(), Env: p.env, Dir: dir, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: p.now,
	})}
}

func (p *program) standinBrowser(c *cli.Context) error {
	return standin.Browser(c.Args().Slice(), p.env, standin.DeliverFile, func() { <-c.Context.Done() })
}
