package cmd

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/standin"
)

// standinCommands are what the demonstration runs in place of the client and of a browser.
func (p *program) standinCommands() []*cli.Command {
	return []*cli.Command{
		{Name: "__standin", Hidden: true, SkipFlagParsing: true, Action: p.standin},
		{Name: "__browser", Hidden: true, SkipFlagParsing: true, Action: p.standinBrowser},
	}
}

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
