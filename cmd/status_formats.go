package cmd

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
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

// statusPrometheus prints the text exposition format, for node_exporter's textfile collector. What is not known has
// no sample.
func (p *program) statusPrometheus(r report) error {
	var out strings.Builder
	file := `file="` + escapeLabel(r.snapshot.Path) + `"`
	metric := func(name, help string) {
		fmt.Fprintf(&out, "# HELP claude_auth_%s %s\n# TYPE claude_auth_%s gauge\n", name, help, name)
	}
	sample := func(name, labels string, value int64) {
		fmt.Fprintf(&out, "claude_auth_%s{%s} %d\n", name, labels, value)
	}
	metric("login_state", "The state of the saved login: 1 for the one that it is in.")
	for _, state := range credentials.States() {
		sample("login_state", fmt.Sprintf(`%s,state="%s"`, file, state), pick[int64](state == r.state, 1, 0))
	}
	metric("login_usable", "Whether Claude Code can use the saved login.")
	sample("login_usable", file, pick[int64](r.state.Usable(), 1, 0))
	metric("login_overridden", "Whether another credential overrides the saved login.")
	sample("login_overridden", file, pick[int64](r.shadow != nil, 1, 0))
	report := r.forPrompt()
	for _, t := range []struct {
		name, help string
		at         time.Time
	}{
		{"access_token_expires_timestamp_seconds", "The end of the access token.", report.ExpiresAt},
		{"login_ends_timestamp_seconds", "The end of the login itself: nothing renews it after that.", report.EndsAt},
		{"login_signed_in_timestamp_seconds", "When the login was made, if that was seen.", report.SignedInAt},
	} {
		if !t.at.IsZero() {
			metric(t.name, t.help)
			sample(t.name, file, t.at.Unix())
		}
	}
	if oldest := r.standing.OldestDeath; oldest > 0 {
		metric("login_oldest_rejected_age_seconds", "The oldest age at which a login of this user was rejected.")
		sample("login_oldest_rejected_age_seconds", file, int64(oldest/time.Second))
	}
	return p.write(out.String())
}

// escapeLabel escapes the value of a label as the format asks for.
func escapeLabel(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(text, "\ufffd"))
}
