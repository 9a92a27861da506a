package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestFlagsFirst(t *testing.T) {
	known := commandSet{}
	for name, c := range map[string]command{
		"get":       {flags: []cli.Flag{&cli.BoolFlag{Name: "reveal"}}},
		"status":    {flags: []cli.Flag{&cli.StringFlag{Name: "format", Aliases: []string{"f"}}}},
		"run":       {flags: []cli.Flag{&cli.StringFlag{Name: "mode"}}, passesArgs: true},
		"backups":   {subcommands: []command{{name: "prune", flags: []cli.Flag{&cli.BoolFlag{Name: "dry-run"}}}}},
		"__standin": {plumbing: true},
	} {
		known[name] = func() command { return c }
	}
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
		if l := readLine(known, got); len(l.words) > 0 {
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

// The command of a line is found behind its global flags.
func TestCommandOf(t *testing.T) {
	for line, want := range map[string]string{
		"status": "status", "--file x status": "status", "--file=x --no-color status --format json": "status",
		"--file x": "", "--file status": "", "--file status show": "show", "--bogus why": "why", "": "", "nothing": "",
		"-- status":             "",
		"recover --file status": "recover", "__complete bash x": "__complete",
	} {
		got := readLine(commands, strings.Fields(line)).command
		if got.name != want {
			t.Errorf("%q is taken for %q, want %q", line, got.name, want)
		}
	}
}

// A signal ends a command that changes something through its context, so that it can finish what it began.
func TestContext(t *testing.T) {
	endsBySignal := func(line string) bool {
		ctx, stop := readLine(commands, strings.Fields(line)).command.context()
		defer stop()
		return ctx.Done() != nil
	}
	for _, line := range []string{
		"status", "--file x show", "get a", "history", "why", "version", "help", "completion bash", "init bash",
	} {
		if endsBySignal(line) {
			t.Errorf("%s only reads, and waits for signals", line)
		}
	}
	for _, line := range []string{
		"recover", "login", "wipe", "undo", "run", "--file status set a 1", "unset a", "install", "",
	} {
		if !endsBySignal(line) {
			t.Errorf("%q must not end halfway", line)
		}
	}
}

// Each word of the tables stands for one command that there is, and is not the name of one.
func TestOtherNames(t *testing.T) {
	seen := map[string]string{}
	for meant, words := range otherNames {
		l := readLine(commands, strings.Fields(meant))
		if l.command.name == "" || len(l.arguments) > 0 || l.problem() != nil {
			t.Errorf("there is no command %q", meant)
		}
		for _, word := range words {
			if commands[word] != nil || seen[word] != "" {
				t.Errorf("%q stands for %q, and for %q", word, meant, seen[word])
			}
			seen[word] = meant
		}
	}
	for full, words := range otherSubcommands {
		name, sub, _ := strings.Cut(full, " ")
		parent := commands.find(name)
		for _, word := range words {
			if got := parent.subcommandMeant(word); got != sub || parent.subcommand(word).name != "" {
				t.Errorf("%s %s stands for %q, want %q", name, word, got, sub)
			}
		}
	}
}

func TestProblem(t *testing.T) {
	for line, want := range map[string]string{
		"status":                        "",
		"wipe --all --dry-run -n":       "",
		"wipe --help --bogus":           "unknown flag: --bogus",
		"--bogus wipe":                  "unknown flag: --bogus",
		"foo --bogus":                   "",
		"wipe --all=yes":                `--all must be true or false, not "yes"`,
		"wipe --all=false":              "",
		"renew --if-due --within 15m":   "",
		"renew --within":                "--within needs a value: --within TIME",
		"login --timeout 5m -- --email": "",
		"run -- --bogus":                "",
		"__complete bash --bogus":       "",
		"set a -5":                      "",
		"config --bogus set":            "unknown flag: --bogus",
		"config set --bogus":            "unknown flag: --bogus",
		"config set mode ask -n -q":     "",
	} {
		got := ""
		if err := readLine(commands, strings.Fields(line)).problem(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
