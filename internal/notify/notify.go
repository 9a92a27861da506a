// Package notify shows a desktop notification, through the program that the desktop has for that: notify-send, on macOS
// terminal-notifier or osascript. Where there is no such program, or no desktop, it shows nothing.
package notify

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"
	"unicode"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/system"
)

// Desktop is where notifications are shown.
type Desktop struct {
	System system.System
	Env    paths.Env
}

// timeout bounds how long the program may take. It only sends a message to another process.
const timeout = 5 * time.Second

// longest bounds a title and a text, in characters.
const longest = 300

// tool is a program that shows notifications.
type tool struct {
	name      string
	arguments func(title, text string) []string
}

// The title and the text are words of their own, behind what ends the options: no shell reads them.
var (
	notifySend = tool{"notify-send", func(title, text string) []string {
		return []string{"--app-name=claude-auth", "--urgency=critical", "--", title, escapeMarkup(text)}
	}}
	// Not tried on a Mac. Its arguments are read as property lists, which begin with a bracket or a quote.
	terminalNotifier = tool{"terminal-notifier", func(title, text string) []string {
		return []string{"-title", startWithLetter(title), "-message", startWithLetter(text)}
	}}
	// Not tried on a Mac. The texts are arguments of the script, not a part of it.
	osascript = tool{"osascript", func(title, text string) []string {
		return []string{
			"-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)", "-e", "end run",
			"--", title, text,
		}
	}}
)

// escapeMarkup keeps a notification server from reading the text as markup. It does not read titles like that.
func escapeMarkup(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func startWithLetter(text string) string {
	if text != "" && unicode.IsLetter([]rune(text)[0]) {
		return text
	}
	return "· " + text
}

// Available reports whether a notification can be shown from here, as far as that can be known without showing one.
func (d Desktop) Available() bool {
	_, _, err := d.find()
	return err == nil
}

// errNone says that notifications cannot be shown from here.
var errNone = errors.New("no desktop for a notification")

// find returns the program to call, and its path.
func (d Desktop) find() (tool, string, error) {
	tools := []tool{notifySend}
	if d.System.MacOS() {
		tools = []tool{terminalNotifier, osascript}
	}
	if !d.isThere() {
		return tool{}, "", errNone
	}
	for _, t := range tools {
		if path, found := paths.Look(d.Env, t.name); found {
			return t, path, nil
		}
	}
	return tool{}, "", errNone
}

// isThere reports whether this process belongs to a desktop. On Linux the bus of one is enough.
func (d Desktop) isThere() bool {
	return d.System.HasDesktop(d.Env.Get) || !d.System.MacOS() && d.Env.Get("DBUS_SESSION_BUS_ADDRESS") != ""
}

// Show shows a notification, and waits until it has been handed over. The error says why there is none.
func (d Desktop) Show(ctx context.Context, title, text string) error {
	t, path, err := d.find()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	command := exec.CommandContext(ctx, path, t.arguments(clean(title), clean(text))...)
	command.Env = d.Env.Without(claude.SecretVariables()...).Environ()
	command.Dir = "/"
	return command.Run()
}

// clean makes one line of a text, without control characters, and of a bounded length.
func clean(text string) string {
	runes := []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " "))
	if len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return string(runes)
}
