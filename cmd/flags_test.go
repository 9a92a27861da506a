package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestFlagsFirst(t *testing.T) {
	app := &cli.App{
		Flags: []cli.Flag{&cli.StringFlag{Name: "file"}, &cli.BoolFlag{Name: "no-color"}},
		Commands: []*cli.Command{
			{Name: "get", Flags: []cli.Flag{&cli.BoolFlag{Name: "reveal"}}},
			{Name: "status", Flags: []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}}}},
			{Name: "run", Flags: []cli.Flag{&cli.StringFlag{Name: "mode"}}},
			{Name: "backups", Subcommands: []*cli.Command{{Name: "prune", Flags: []cli.Flag{&cli.BoolFlag{Name: "dry-run"}}}}},
			{Name: "__standin", SkipFlagParsing: true},
		},
	}
	app.Setup()
	for in, want := range map[string]string{
		"status":                             "status",
		"status --format json":               "status --format json",
		"get a.b --reveal":                   "get --reveal -- a.b",
		"get --reveal a.b":                   "get --reveal -- a.b",
		"get a.b --file x --reveal":          "--file x get --reveal -- a.b",
		"--file x get a.b":                   "--file x get -- a.b",
		"--file=x --no-color get a.b":        "--file=x --no-color get -- a.b",
		"get a -5":                           "get -- a -5",
		"get -- --reveal":                    "get -- --reveal",
		"get a -- --reveal b":                "get -- a --reveal b",
		"get -":                              "get -- -",
		"status -f json --bogus":             "status -f json --bogus",
		"status --format":                    "status --format",
		"run --mode auto -- -p x --mode y":   "run --mode auto -- -p x --mode y",
		"run hello --mode auto":              "run -- hello --mode auto",
		"run -- --file x":                    "run -- --file x",
		"run --mode auto --file x -- -- -p":  "--file x run --mode auto -- -- -p",
		"backups prune --dry-run --no-color": "--no-color backups prune --dry-run",
		"backups --no-color prune":           "--no-color backups prune",
		"foo a --reveal":                     "foo a --reveal",
		"--file x foo --bar":                 "--file x foo --bar",
		"__standin -p x -- y --file z":       "__standin -p x -- y --file z",
		"--no-color":                         "--no-color",
		"":                                   "",
	} {
		got := strings.Fields(in)
		if l := readLine(app, got); len(l.words) > 0 {
			got = l.flagsFirst()
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q becomes %q, want %q", in, strings.Join(got, " "), want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"status", "recover", "wipe", "undo", "login", "install", "uninstall"}
	for word, want := range map[string]string{
		"staus": "status", "recovr": "recover", "wpie": "wipe", "lgoin": "login", "xyz": "", "unistall": "uninstall",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

// A command that only reads is told by its name, wherever the global flags stand.
func TestCommandOf(t *testing.T) {
	p, _ := testProgram()
	app := p.flagsOnly()
	for line, want := range map[string]string{
		"status": "status", "--file x status": "status", "--file=x --no-color status --format json": "status",
		"--file x": "", "--file status": "", "--file status show": "show", "--bogus why": "why", "": "", "nothing": "",
		"-- status":             "",
		"recover --file status": "recover", "__complete bash x": "__complete",
	} {
		got := commandOf(app, strings.Fields(line))
		if got.name != want {
			t.Errorf("%q is taken for %q, want %q", line, got.name, want)
		}
	}
	for _, name := range []string{"status", "show", "get", "history", "why", "version", "help", "completion", "init"} {
		if !commandNamed(name).readsOnly {
			t.Errorf("%s only reads", name)
		}
	}
	for _, name := range []string{"recover", "login", "wipe", "undo", "run", "set", "unset", "install", ""} {
		if commandNamed(name).readsOnly {
			t.Errorf("%q must not end halfway", name)
		}
	}
}
