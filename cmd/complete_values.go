package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/prompt"
	"github.com/claude-auth/claude-auth/shell"
)

// flagValues are the values that a flag can have.
func flagValues(command *cli.Command, flag cli.Flag) answer {
	var values []string
	switch flag.Names()[0] {
	case "file", "client":
		return answer{directive: "files"}
	case "mode":
		values = []string{modeAsk, modeAuto, modeOff}
	case "shell":
		values = prompt.Shells()
	case "format":
		if command != nil && command.Name == "status" {
			values = statusFormats()
		}
	}
	return plainValues(values)
}

func plainValues(values []string) answer {
	var a answer
	for _, value := range values {
		a.list = append(a.list, candidate{value: value})
	}
	return a
}

// completer completes the arguments of a command.
type completer struct {
	*program
	app   *cli.App
	paths paths.Paths // as the line before the cursor has them
}

// argument completes the argument of l's command that is under the cursor.
func (c completer) argument(l line, current string) answer {
	first := len(l.args) == 0
	switch name := l.path[0].Name; {
	case name == "get" && first, name == "unset" && first, name == "set" && first:
		return answer{list: c.documentPaths(current)}
	case name == "set" && len(l.args) == 1 && credentials.SecretPath(l.args[0]):
		return answer{list: []candidate{{standardInput, "from standard input"}}}
	case name == "backups" && len(l.path) == 1 && first:
		var list []candidate
		for _, sub := range l.path[0].Subcommands {
			list = append(list, candidate{sub.Name, sub.Usage})
		}
		return answer{list: list}
	case l.command().Name == "restore" && first:
		return answer{list: c.backupIDs()}
	case slices.Contains([]string{"init", "install", "uninstall", "completion"}, name) && first:
		return plainValues(shell.Names())
	case name == "help":
		return c.helpWords(l.args)
	case name == "detect":
		return answer{directive: "files"}
	}
	return answer{}
}

func (c completer) helpWords(before []string) answer {
	if len(before) > 0 {
		var a answer
		if command := c.app.Command(before[0]); command != nil && len(before) == 1 {
			for _, sub := range command.Subcommands {
				a.list = append(a.list, candidate{sub.Name, sub.Usage})
			}
		}
		return a
	}
	a := answer{list: c.commandCandidates(c.app)}
	all := topics()
	for _, name := range topicNames() {
		title, _, _ := strings.Cut(all[name], "\n")
		a.list = append(a.list, candidate{name, title})
	}
	for _, state := range credentials.States() {
		a.list = append(a.list, candidate{string(state), "a state of the login"})
	}
	return a
}

func (c completer) backupIDs() []candidate {
	list, err := credentials.OpenBackups(c.paths.Backups()).List()
	if err != nil && len(list) == 0 {
		return nil
	}
	var ids []candidate
	for _, b := range list {
		if b.File == c.paths.Credentials {
			ids = append(ids, candidate{b.ID, b.Reason + ": " + strings.Join(b.Labels(b.Removed), ", ")})
		}
	}
	return ids
}

const (
	completeWithin = 100 * time.Millisecond // for a file that is being written meanwhile
	completeFlat   = 256 << 10              // from this size on in bytes, paths are completed a level at a time
)

// documentPaths lists the paths that begin with prefix: what is in one container, and as many levels below it as can be
// offered. Keys alone, never a value. The keychain is not asked: that may put a question to the person.
func (c completer) documentPaths(prefix string) []candidate {
	ctx, cancel := context.WithTimeout(context.Background(), completeWithin)
	defer cancel()
	snapshot, err := credentials.NewFileStore(c.paths.Credentials).Read(ctx)
	if err != nil || snapshot.Doc == nil {
		return nil
	}
	list := snapshot.Doc.Complete(prefix)
	for level, grew := list, snapshot.Size < completeFlat; grew; {
		list, grew = deeper(snapshot.Doc, level)
		if len(list) > maxCandidates {
			list, grew = level, false
		}
		level = list
	}
	candidates := make([]candidate, 0, len(list))
	for _, completion := range list {
		about := completion.Kind.String()
		if credentials.SecretPath(completion.Path) {
			about = "secret"
		}
		candidates = append(candidates, candidate{completion.Path, about})
	}
	return candidates
}

// deeper puts behind each container that nothing stands behind yet what is in it.
func deeper(doc *credentials.Document, list []credentials.Completion) (next []credentials.Completion, grew bool) {
	for i, completion := range list {
		next = append(next, completion)
		inside := completion.Path + "."
		open := completion.Kind != credentials.Object && completion.Kind != credentials.Array ||
			i+1 < len(list) && strings.HasPrefix(list[i+1].Path, inside)
		if open || len(next) > maxCandidates {
			continue
		}
		children := doc.Complete(inside)
		next, grew = append(next, children...), grew || len(children) > 0
	}
	return next, grew
}
