package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

var _ = register("unset", func() command {
	return command{
		group: groupDocument, rank: 40,
		usage:     "remove a value from the credentials file and leave every other byte as it is",
		argsUsage: "PATH",
		description: "Exit status 1 when there is nothing at PATH. 'claude-auth undo' puts it back.\n" +
			"To take the login out, use 'claude-auth wipe': it takes what belongs to it along.",
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
			err = nothingAt(c.Args().First(), p.paths.Credentials)
		}
		if err != nil {
			return nil, err
		}
		return doc.DeleteAt(place)
	})
}
