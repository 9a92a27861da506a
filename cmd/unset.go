package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

var _ = register("unset", func() command {
	return command{
		group: groupFile, rank: 40,
		usage:     "remove a value; every other byte stays as it is",
		argsUsage: "PATH",
		description: "The exit status is 1 when nothing is at PATH, which 'claude-auth help paths' explains. " +
			"It prints nothing when it succeeds. 'claude-auth undo' restores the value.\n\n" +
			"To remove the login, use 'claude-auth wipe': it also removes what belongs to the login.",
		examples: "claude-auth unset mcpOAuth   # remove all MCP logins\n" +
			"claude-auth unset 'mcpOAuth.notes\\|0a1b2c'   # remove one of them",
		flags: []cli.Flag{dryRunFlag()},
		run:   (*program).unset, acts: true,
		minArgs: 1, maxArgs: 1, complete: (*program).completePath,
	}
})

func (p *program) unset(c *cli.Context) error {
	place, err := placeArgument(c, c.Args().First())
	if err != nil {
		return err
	}
	return p.edit(c, place, func(doc *credentials.Document) (*credentials.Document, error) {
		_, there, err := doc.At(place)
		if err == nil && !there {
			err = nothingError{c.Args().First(), credentials.PlaceOf(p.store())}
		}
		if err != nil {
			return nil, err
		}
		return doc.DeleteAt(place)
	})
}
