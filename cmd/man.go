package cmd

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// manDate is the date on the manual page, on which its text last changed.
const manDate = "November 27, 2026"

// manSections are the topics that become sections of the manual page, in its order, with their headings.
var manSections = [][2]string{
	{"states", "LOGIN STATES"}, {"paths", "PATHS"}, {"environment", "ENVIRONMENT"}, {"exit-codes", "EXIT STATUS"},
	{"headless", "SIGNING IN WITHOUT A BROWSER"}, {"editors", "EDITORS AND THE AGENT SDK"}, {"fleet", "METRICS"},
	{"settings", "SETTINGS"}, {"lifecycle-hooks", "LIFECYCLE HOOKS"}, {"external-commands", "EXTERNAL COMMANDS"},
	{"rules", "DETECTION RULES"}, {"debug", "DEBUGGING"},
}

// manPage makes the manual page in mdoc from the commands and texts of help, so that the two agree. `make man` writes
// it to docs/claude-auth.1.
func manPage() []byte {
	var m mdoc
	m.linef(".Dd %s", manDate)
	m.linef(".Dt CLAUDE-AUTH 1")
	m.linef(".Os")
	m.linef(".Sh NAME")
	m.linef(".Nm claude-auth")
	m.linef(".Nd %s", escapeRoff(programUsage))
	m.linef(".Sh SYNOPSIS")
	m.linef(".Nm")
	for _, flag := range globalFlags() {
		m.linef(".Op %s", flagMacro(flag))
	}
	m.linef(".Ar COMMAND")
	m.linef(".Op Ar ARGUMENT ...")
	m.linef(".Sh DESCRIPTION")
	m.text(manDescription)
	m.linef(".Pp")
	m.text("Flags may be before or after arguments. These flags may be anywhere on the line:")
	m.flags(globalFlags())
	m.linef(".Sh COMMANDS")
	for _, group := range groups {
		m.linef(".Ss %s", strings.ToUpper(group[:1])+group[1:])
		m.linef(".Bl -tag -width Ds")
		for _, c := range commands.inHelpOrder() {
			if c.group == group {
				m.command(c, c.name)
			}
		}
		m.linef(".El")
	}
	for _, section := range manSections {
		m.linef(".Sh %s", section[1])
		_, text, _ := strings.Cut(topic(section[0]), "\n") // without its title
		m.body(strings.Trim(text, "\n"))
	}
	m.linef(".Sh FILES")
	m.body(manFiles)
	return m.out.Bytes()
}

const manDescription = `Claude Code keeps its login in a JSON file. When Anthropic rejects that login, every request ` +
	`fails with "API Error: 401". The usual advice is to delete the file, which also removes every MCP login. ` +
	`claude-auth says what is wrong and repairs it: it removes only the rejected login, signs in again through Claude ` +
	`Code, checks that a new login was saved, and repeats your command or resumes your session. ` +
	`If no new login was saved, it restores the old one.`

const manFiles = "~/" + claude.ConfigDir + "/" + claude.CredentialsFile + `
    the credentials of Claude Code
~/.local/state/claude-auth
    what happened to each login, the backups, and the key of the fingerprints
~/.config/claude-auth/config
    your settings
~/.config/claude-auth/rules
    detection rules of your own
~/.config/claude-auth/hooks
    lifecycle hooks`

// mdoc writes a manual page.
type mdoc struct{ out bytes.Buffer }

func (m *mdoc) linef(format string, args ...any) { fmt.Fprintf(&m.out, format+"\n", args...) }

// text writes prose.
func (m *mdoc) text(prose string) {
	for line := range strings.Lines(prose) {
		line = escapeRoff(strings.TrimSpace(line))
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		m.linef("%s", line)
	}
}

func (m *mdoc) flags(flags []cli.Flag) {
	if len(flags) == 0 {
		return
	}
	m.linef(".Bl -tag -width Ds -compact")
	for _, flag := range flags {
		m.linef(".It %s", flagMacro(flag))
		m.text(usageOf(flag) + ".")
	}
	m.linef(".El")
}

// command writes a command and its subcommands.
func (m *mdoc) command(c command, full string) {
	head := ".It Cm " + escapeRoff(full)
	for _, flag := range c.flags {
		head += " Oo " + flagMacro(flag) + " Oc"
	}
	if c.argsUsage != "" {
		head += " Ar " + escapeRoff(c.argsUsage)
	}
	m.linef("%s", head)
	m.text(ui.Sentence(c.usage))
	if c.description != "" {
		m.linef(".Pp")
		m.body(c.description)
	}
	m.flags(c.flags)
	m.examples(c.exampleList())
	for _, sub := range c.subcommands {
		m.command(sub, full+" "+sub.name)
	}
}

func (m *mdoc) examples(list []example) {
	for _, e := range list {
		m.linef(".Pp")
		m.text(ui.Sentence(e.does))
		m.linef(".Dl %s", escapeRoff(e.line))
	}
}

func flagMacro(flag cli.Flag) string {
	var forms []string
	for _, name := range flag.Names() {
		forms = append(forms, "Fl "+escapeRoff(dashed(name)[1:])) // Fl writes the first dash
	}
	text := strings.Join(forms, " , ")
	if _, placeholder, ok := strings.Cut(flagForm(flag, ""), " "); ok {
		text += " Ar " + escapeRoff(placeholder)
	}
	return text
}

// body writes paragraphs. The meaning of a term is on the lines below it, indented by four spaces, or behind it after
// at least two spaces. A line with an indentation of two spaces is literal. Everything else is prose.
func (m *mdoc) body(text string) {
	lines := strings.Split(text, "\n")
	closing := "" // the macro that ends the open list or display
	// enter ends the open list or display and begins another one, unless it is of the same kind. "" is prose.
	enter := func(begin, end string) {
		if closing == end {
			return
		}
		for _, macro := range []string{closing, begin} {
			if macro != "" {
				m.linef("%s", macro)
			}
		}
		closing = end
	}
	for i, line := range lines {
		switch {
		case line == "":
			if i+1 < len(lines) && !isTerm(lines, i+1) {
				enter("", "")
				m.linef(".Pp")
			}
		case strings.HasPrefix(line, "    "):
			m.text(line)
		case strings.HasPrefix(line, "  "):
			enter(".Bd -literal -offset indent", ".Ed")
			m.linef(`\&%s`, escapeRoff(strings.TrimSpace(line)))
		case isTerm(lines, i):
			enter(".Bl -tag -width Ds", ".El")
			name, meaning, _ := cutTerm(line)
			m.linef(".It %s", escapeRoff(name))
			if meaning != "" {
				m.text(meaning)
			}
		default:
			enter("", "")
			m.text(line)
		}
	}
	enter("", "")
}

// isTerm reports whether line i is a term of a list.
func isTerm(lines []string, i int) bool {
	line := lines[i]
	if line == "" || line[0] == ' ' {
		return false
	}
	_, _, inLine := cutTerm(line)
	return inLine || i+1 < len(lines) && strings.HasPrefix(lines[i+1], "    ")
}

// cutTerm splits a line of a two-column list: a word, at least two spaces, and what it means.
func cutTerm(line string) (name, meaning string, ok bool) {
	name, meaning, ok = strings.Cut(line, "  ")
	if !ok || strings.Contains(name, " ") {
		return line, "", false
	}
	return name, strings.TrimLeft(meaning, " "), true
}

// escapeRoff writes text so that roff prints it as it is.
func escapeRoff(text string) string {
	var out strings.Builder
	for _, r := range strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`).Replace(text) {
		if r > '~' {
			fmt.Fprintf(&out, `\[u%04X]`, r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}
