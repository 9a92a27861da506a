package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/prompt"
	"github.com/claude-auth/claude-auth/shell"
)

// flagValues are the values that a flag can have.
func flagValues(flag cli.Flag) answer {
	var values []string
	switch flag.Names()[0] {
	case "file", "client":
		return answer{directive: "files"}
	case "mode":
		values = []string{modeAsk, modeAuto, modeOff}
	case "shell":
		values = prompt.Shells()
	case "format":
		values = statusFormats()
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

// The completions of arguments, each for the one under the cursor.

func completeFiles(completer, line, string) answer { return answer{directive: "files"} }

func completeShell(_ completer, l line, _ string) answer {
	if len(l.args) > 0 {
		return answer{}
	}
	return plainValues(shell.Names())
}

func completePath(c completer, l line, current string) answer {
	if len(l.args) > 0 {
		return answer{}
	}
	return answer{list: c.documentPaths(current)}
}

func completeSet(c completer, l line, current string) answer {
	if len(l.args) == 1 && credentials.SecretPath(l.args[0]) {
		return answer{list: []candidate{{standardInput, "from standard input"}}}
	}
	return completePath(c, l, current)
}

func completeBackups(c completer, l line, _ string) answer {
	switch {
	case len(l.args) > 0:
	case len(l.path) == 1:
		return answer{list: subcommands(l.path[0])}
	case l.command().Name == "restore":
		return answer{list: c.backupIDs()}
	}
	return answer{}
}

func completeHelp(c completer, l line, _ string) answer {
	if len(l.args) == 0 {
		return c.helpTopics()
	}
	if command := c.app.Command(l.args[0]); command != nil && len(l.args) == 1 {
		return answer{list: subcommands(command)}
	}
	return answer{}
}

func subcommands(command *cli.Command) (list []candidate) {
	for _, sub := range command.Subcommands {
		list = append(list, candidate{sub.Name, sub.Usage})
	}
	return list
}

func (c completer) helpTopics() answer {
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
