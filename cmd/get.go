package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/tty"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("get", func() command {
	return command{
		group: groupFile, rank: 20,
		usage:     "print a value; of a secret, only its fingerprint",
		argsUsage: "PATH",
		description: "A string is printed without its quotes, any other value as JSON. Secrets are redacted.\n" +
			"'claude-auth help paths' explains PATH. The exit status is 1 when nothing is there.",
		examples: "claude-auth get " + inLogin + "subscriptionType   # print the plan\n" +
			"claude-auth get " + inLogin + "scopes.0   # print the first of a list\n" +
			"claude-auth get " + inLogin + "refreshToken   # print its fingerprint, to compare it\n" +
			"claude-auth get " + inLogin + "refreshToken --reveal   # print the token itself",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print JSON: schema, path, and value or fingerprint"},
			&cli.BoolFlag{Name: "reveal", Usage: "print secrets too; only to a terminal"},
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "with --reveal: also print to a pipe or a file"},
		},
		run:     (*program).get,
		minArgs: 1, maxArgs: 1, readsOnly: true, complete: (*program).completePath,
	}
})

func (p *program) get(c *cli.Context) error {
	path := c.Args().First()
	if c.Bool("reveal") && !c.Bool("force") && !tty.IsTerminal(os.Stdout) { // a pipe or a log may be a mistake
		return ui.WithHint(errors.New("--reveal prints secrets only to a terminal"),
			"add --force to print them to a pipe or a file")
	}
	snapshot, err := p.document(c.Context)
	if err != nil {
		return err
	}
	shown, hidden, ok, err := snapshot.Doc.Redacted(path)
	if err == nil && !ok {
		err = nothingError{path, snapshot.Place()}
	}
	var raw []byte
	if err == nil {
		raw, _, err = snapshot.Doc.Get(path)
	}
	switch {
	case err != nil:
		return err
	case c.Bool("reveal") && c.Bool("json"):
		return p.ui.Reveal(fmt.Sprintf("{\"schema\":1,\"path\":%s,\"value\":%s}\n", credentials.Quote(path), raw))
	case c.Bool("reveal"):
		return p.ui.Reveal(plainText(raw) + "\n")
	case hidden && isScalar(raw):
		return p.showFingerprint(c, path, raw)
	case c.Bool("json"):
		p.rawJSON("path", secret.Redact(path), "value", shown)
	default:
		p.ui.Printf("%s\n", plainText(shown))
	}
	return nil
}

// showFingerprint prints the fingerprint of a secret, which distinguishes it from others and does not tell it.
func (p *program) showFingerprint(c *cli.Context, path string, raw []byte) error {
	key, err := secret.LoadKey(p.paths.Key())
	if err != nil {
		return err
	}
	fingerprint := secret.New(plainText(raw)).Fingerprint(key)
	if c.Bool("json") {
		p.rawJSON("path", secret.Redact(path), "fingerprint", credentials.Quote(fingerprint))
	} else {
		p.ui.Printf("fingerprint:%s\n", fingerprint)
	}
	return nil
}

func isScalar(raw []byte) bool { return raw[0] != '{' && raw[0] != '[' }

// plainText returns the text of a string, and the JSON of any other value.
func plainText(raw []byte) string {
	var text string
	if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
