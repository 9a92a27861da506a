package schedule

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The comment before the line of the crontab. By it TurnOff finds what TurnOn has added, and by the second form it
// knows that the crontab did not end in a newline.
const (
	marker       = "# claude-auth: 'schedule on' has added the next line; 'claude-auth schedule off' removes it"
	joined       = " (and the newline before)"
	markerJoined = marker + joined
)

// maxLine is the longest command that cron takes, in bytes (Debian's cron; others take more).
const maxLine = 998

// cron runs the job by a line in the user's crontab.
type cron struct {
	commands
	now func() time.Time
}

func newCron(run commands, now func() time.Time) *cron { return &cron{run, now} }

func (c *cron) Name() string { return "cron" }

func (c *cron) Usable(ctx context.Context) error {
	_, err := c.read(ctx)
	return err
}

// read returns the crontab of the user. It must never return an error as an empty crontab: that would be written.
func (c *cron) read(ctx context.Context) (string, error) {
	text, err := c.run(ctx, "", "crontab", "-l")
	var failed *commandError
	if errors.As(err, &failed) && failed.out == "" &&
		(strings.Contains(failed.said, "no crontab for") || // Vixie's, cronie's, BSD's
			strings.Contains(failed.said, "No such file or directory")) { // BusyBox's
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("cron cannot be used (%w)", reason(err))
	}
	return text, nil
}

func (c *cron) write(text, about string) Step {
	step := c.step("crontab", "-")
	step.Input, step.About = text, about
	return step
}

func (c *cron) TurnOn(ctx context.Context, job Job) ([]Step, error) {
	before, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	line, err := cronLine(job)
	if err != nil {
		return nil, err
	}
	head, others := marker, removeLine(before)
	if others != "" && !strings.HasSuffix(others, "\n") {
		head = markerJoined
		others += "\n"
	}
	after := others + head + "\n" + line + "\n"
	if len(blocks().FindAllString(before, -1)) == 1 && strings.Contains(before, "\n"+line+"\n") || after == before {
		return nil, nil
	}
	return []Step{c.write(after, "added: "+head+"\n"+line+"\n")}, nil
}

func (c *cron) TurnOff(ctx context.Context) ([]Step, error) {
	before, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	after := removeLine(before)
	switch {
	case after == before:
		return nil, nil
	case after == "":
		return []Step{c.step("crontab", "-r")}, nil
	}
	return []Step{c.write(after, "removed: "+strings.Join(blocks().FindAllString(before, -1), ""))}, nil
}

func (c *cron) State(ctx context.Context) (State, error) {
	text, err := c.read(ctx)
	if err != nil || !blocks().MatchString(text) {
		return State{}, err
	}
	return State{On: true, Next: c.now().Truncate(Period).Add(Period)}, nil
}

// blocks matches what TurnOn adds. A line that a person has put in the place of ours is theirs, and stays.
func blocks() *regexp.Regexp {
	return regexp.MustCompile(`(?m)(?:\n` + regexp.QuoteMeta(markerJoined) + `\n.*renew --if-due.*\n?\z)` +
		`|^` + regexp.QuoteMeta(marker) + `(?:` + regexp.QuoteMeta(joined) + `)?(?:\n|\z)(?:.*renew --if-due.*\n?)?`)
}

// removeLine returns a crontab without what TurnOn has added.
func removeLine(crontab string) string { return blocks().ReplaceAllString(crontab, "") }

// cronLine is the line of the crontab. It uses env and no assignment, because a crontab may choose another shell. Cron
// mails what a job prints; here that is only what the program writes to standard error, once for each failure.
func cronLine(job Job) (string, error) {
	command := cronCommand(job)
	if len(command) > maxLine { // in WSL, PATH has the directories of Windows
		job.Env = slices.Clone(job.Env)
		for i, pair := range job.Env {
			if path, ok := strings.CutPrefix(pair, "PATH="); ok {
				job.Env[i] = "PATH=" + shortPath(path)
			}
		}
		command = cronCommand(job)
	}
	if len(command) > maxLine {
		return "", fmt.Errorf("renewals cannot be scheduled: the line for the crontab has %d bytes, and cron takes %d",
			len(command), maxLine)
	}
	return "*/5 * * * * " + command, nil
}

func cronCommand(job Job) string {
	words := slices.Concat([]string{"/usr/bin/env"}, job.Env, job.words())
	for i, word := range words {
		words[i] = quoteCron(word)
	}
	return strings.Join(words, " ") + " >/dev/null"
}

// plain are the characters that need no quotes in any shell and mean nothing to cron.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+,:@="

// quoteCron quotes a word for a shell and for cron, which reads a % as a newline.
func quoteCron(word string) string {
	if strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.NewReplacer(`'`, `'\''`, `%`, `\%`).Replace(word) + "'"
}
