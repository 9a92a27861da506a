package schedule

import (
	"context"
	"encoding/xml"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// label names the agent.
const label = "dev.claude-auth.renew"

// launchd runs the job by an agent of the user on macOS. It is written after launchd.plist(5) and launchctl(1); it was
// not run on a Mac.
type launchd struct {
	commands
	plist string
}

func newLaunchd(p paths.Paths, run commands) *launchd {
	return &launchd{run, filepath.Join(p.Home, "Library", "LaunchAgents", label+".plist")}
}

func (l *launchd) Name() string { return "launchd" }

// domain is that of the user who is logged in at the screen.
func (l *launchd) domain() string { return fmt.Sprintf("gui/%d", l.uid) }

func (l *launchd) target() string { return l.domain() + "/" + label }

func (l *launchd) Usable(ctx context.Context) error {
	if _, err := l.run(ctx, "", "launchctl", "print", l.domain()); err != nil {
		return fmt.Errorf("launchd needs you to be logged in at the screen (%w)", reason(err))
	}
	return nil
}

func (l *launchd) loaded(ctx context.Context) bool {
	_, err := l.run(ctx, "", "launchctl", "print", l.target())
	return err == nil
}

func (l *launchd) TurnOn(ctx context.Context, job Job) ([]Step, error) {
	text, loaded := plistText(job), l.loaded(ctx)
	if loaded && contains(l.plist, text) {
		return nil, nil
	}
	steps := []Step{{Write: l.plist, Text: text, Mode: 0o644}}
	if loaded { // it has the old text
		steps = append(steps, l.may("launchctl", "bootout", l.target()))
	}
	return append(steps, l.step("launchctl", "bootstrap", l.domain(), l.plist)), nil
}

func (l *launchd) TurnOff(ctx context.Context) (steps []Step, err error) {
	if l.loaded(ctx) {
		steps = append(steps, l.step("launchctl", "bootout", l.target()))
	}
	if exists(l.plist) {
		steps = append(steps, Step{Remove: l.plist})
	}
	return steps, nil
}

func (l *launchd) State(ctx context.Context) (State, error) {
	state := State{On: exists(l.plist)}
	if state.On && !l.loaded(ctx) {
		state.Problem = "its agent is not loaded"
	}
	return state, nil
}

// plistText is the agent. launchd makes up for runs during sleep by one run at the wake. AbandonProcessGroup: the
// renewal itself is done by a process that may outlive the run.
func plistText(job Job) string {
	var text strings.Builder
	line := func(indent int, format string, args ...any) {
		fmt.Fprintf(&text, strings.Repeat("\t", indent)+format+"\n", args...)
	}
	entry := func(indent int, key, value string) {
		line(indent, "<key>%s</key>", escapeXML(key))
		line(indent, "%s", value)
	}
	str := func(value string) string { return "<string>" + escapeXML(value) + "</string>" }
	line(0, `<?xml version="1.0" encoding="UTF-8"?>`)
	line(0, `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">`)
	line(0, "<!-- Written by 'claude-auth schedule on'; 'claude-auth schedule off' removes it. -->")
	line(0, `<plist version="1.0">`)
	line(0, "<dict>")
	entry(1, "Label", str(label))
	line(1, "<key>ProgramArguments</key>")
	line(1, "<array>")
	for _, word := range append([]string{job.Program}, job.Args...) {
		line(2, "%s", str(word))
	}
	line(1, "</array>")
	line(1, "<key>EnvironmentVariables</key>")
	line(1, "<dict>")
	for _, pair := range job.Env {
		name, value, _ := strings.Cut(pair, "=")
		entry(2, name, str(value))
	}
	line(1, "</dict>")
	entry(1, "StartInterval", fmt.Sprintf("<integer>%d</integer>", int(Period.Seconds())))
	entry(1, "RunAtLoad", "<true/>")
	entry(1, "AbandonProcessGroup", "<true/>")
	line(0, "</dict>")
	line(0, "</plist>")
	return text.String()
}

func escapeXML(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder takes everything
	return out.String()
}
