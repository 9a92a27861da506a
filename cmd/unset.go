package cmd

import (
	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

var _ = register(command{
	name: "unset", group: groupDocument, rank: 40, build: (*program).unsetCommand,
	complete: completePath,
})

func (p *program) unsetCommand() *cli.Command {
	return &cli.Command{
		Usage:     "take a value out of the document and leave every other byte as it is",
		ArgsUsage: "PATH",
		Description: "Exit status 1 when there is nothing at PATH. 'claude-auth undo' puts it back.\n" +
			"To take the login out, use 'claude-auth wipe': it takes what belongs to it along.",
		Action: p.unset,
	}
}

func (p *program) unset(c *cli.Context) error {
	args, err := arguments(c, 1, 1)
	if err != nil {
		return err
	}
	place, err := placeArgument(c, args[0])
	if err != nil {
		return err
	}
	return p.edit(c, place, func(doc *credentials.Document) (*credentials.Document, error) {
		_, there, err := doc.At(place)
		if err == nil && !there {
			err = nothingAt(args[0], p.paths.Credentials)
		}
		if err != nil {
			return nil, err
		}
		return doc.DeleteAt(place)
	})
}
