package cmd

import (
	"io"
	"strings"

	"github.com/claude-auth/claude-auth/internal/prompt"
)

// statusFormats lists the formats of status, in the order in which people are told of them.
func statusFormats() []string {
	return []string{"text", "json", "prompt", "statusline", "porcelain", "prometheus"}
}

// statusFormat returns the function that prints a format, nil for an unknown one. For the formats that are asked for
// again and again, text returns all that it prints.
func (p *program) statusFormat(name string, style prompt.Style) (show func(report) error, text func(report) string) {
	switch name {
	case "text":
		return p.statusText, nil
	case "json":
		return p.statusJSON, nil
	case "prometheus":
		return p.statusPrometheus, nil
	case "statusline":
		return func(r report) error { return p.write(p.inSession(r).line(style)) }, nil
	case "prompt":
		text = func(r report) string { return r.line(style) }
	case "porcelain":
		text = func(r report) string { return r.forPrompt().Porcelain() }
	default:
		return nil, nil
	}
	return func(r report) error { return p.write(text(r)) }, text
}

// write prints text without cleaning it: it is for another program.
func (p *program) write(text string) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(p.ui.Out, text)
	return err
}

// line is the segment with its line feed; "" while all is well.
func (r report) line(style prompt.Style) string {
	if segment := style.Segment(r.forPrompt().Tail(r.now)); segment != "" {
		return segment + "\n"
	}
	return ""
}

// orList is "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// forPrompt returns what package prompt needs of the report.
func (r report) forPrompt() prompt.Report {
	out := prompt.Report{State: r.state, File: r.snapshot.Path}
	if r.shadow != nil {
		out.OverriddenBy = r.shadow.String()
	}
	if r.login == nil {
		return out
	}
	out.ExpiresAt, out.EndsAt = r.login.ExpiresAt, r.login.EndsAt()
	if r.standing.BornExact {
		out.SignedInAt = r.standing.Born
	}
	if r.standing.OldestDeath > 0 && !r.standing.Born.IsZero() {
		out.OldAt = r.standing.Born.Add(r.standing.OldestDeath)
	}
	return out
}
