package cmd

import "github.com/urfave/cli/v2"

// The flags that several commands have. They have the same names and the same meaning everywhere.

// jsonFlag is --json. The output is one JSON object whose member schema is the version of its format. Times are RFC
// 3339 in UTC with whole seconds, and durations are whole seconds. What is not known is left out. The member time is
// when the thing itself happened, every other time ends in _at, and a duration in _seconds. The client's words are
// seen.
func jsonFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON"} }

// dryRunFlag is --dry-run and -n.
func dryRunFlag() cli.Flag {
	return &cli.BoolFlag{Name: "dry-run", Aliases: []string{"n"}, Usage: "only show what would be done"}
}

// yesFlag is --yes and -y.
func yesFlag() cli.Flag {
	return &cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask"}
}

// quietFlag is --quiet and -q.
func quietFlag() cli.Flag {
	return &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print nothing but errors and questions"}
}
