package cmd

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/recovery"
)

// tilde replaces the home directory by ~ everywhere in a text.
func (p *program) tilde(text string) string {
	if p.paths.Home == "" || p.paths.Home == "/" || p.trouble.NoHome {
		return text
	}
	return shorten(text, strings.TrimRight(p.paths.Home, "/"))
}

// shorten replaces home by ~ where it is a whole path or the beginning of one, not where it is part of a longer name.
func shorten(text, home string) string {
	var short strings.Builder
	for done := 0; ; {
		at := strings.Index(text[done:], home)
		if at < 0 {
			return short.String() + text[done:]
		}
		at += done
		end := at + len(home)
		last, _ := utf8.DecodeLastRuneInString(text[:at])
		next, _ := utf8.DecodeRuneInString(text[end:])
		name := "~"
		if inName(last) || inName(next) {
			name = home
		}
		short.WriteString(text[done:at] + name)
		done = end
	}
}

// inName reports whether r may be part of a name beside a path. Where the text ends, it is utf8.RuneError.
func inName(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.+@%", r))
}

// readLedger reads the ledger once for all questions of doctor. It returns nil when there is no ledger, which it does
// not create, and when it cannot be read.
func (p *program) readLedger() (*ledger.Ledger, *ledger.Replay) {
	if _, err := os.Stat(p.paths.Ledger()); err != nil {
		return nil, nil
	}
	record, err := p.ledger()
	if err != nil {
		return nil, nil
	}
	replay, err := record.Replay()
	if err != nil {
		return nil, nil
	}
	return record, replay
}

// historyOf returns what the ledger knows about the saved login.
func (p *program) historyOf(s credentials.Snapshot, record *ledger.Ledger, replay *ledger.Replay) credentials.History {
	if record == nil {
		return credentials.History{}
	}
	id := recovery.Identify(record, s)
	if id.IsZero() {
		return credentials.History{}
	}
	standing := replay.Standing(p.paths.Credentials, id)
	history := credentials.History{Rejected: standing.Rejected, OldestDeath: standing.OldestDeath}
	if age, exact := standing.Age(p.now()); exact {
		history.Age = age
	}
	return history
}

// interruption returns the newest renewal of the saved login that was interrupted, nil when none is known.
func (p *program) interruption(s credentials.Snapshot, record *ledger.Ledger, replay *ledger.Replay) *ledger.Cut {
	var id ledger.LoginID
	if login := s.Login(); login != nil && record != nil {
		id = record.Identify(login.AccessToken, login.RefreshToken)
	}
	known := func() ledger.Stored {
		if replay == nil {
			return ledger.Stored{}
		}
		return replay.Stored(p.paths.Credentials, id)
	}
	cut, found := diagnose.Interruption(p.paths, s, known)
	if replay != nil { // it may know more about the same one
		if e, ok := replay.Cut(p.paths.Credentials, id); ok && !(found && cut.IsAfter(e)) {
			return &ledger.Cut{At: e.Time, By: e.InterruptedBy()}
		}
	}
	return pick(found, &cut, nil)
}

// doctorReport prints what a bug report needs: the versions, the settings, the checks, and the keys of the document.
// It names variables and keys, but no value that could be a secret or tell whose login it is.
func (p *program) doctorReport(ctx context.Context, findings []diagnose.Finding, replay *ledger.Replay) {
	say := func(format string, args ...any) { p.ui.Printf("%s\n", p.tilde(fmt.Sprintf(format, args...))) }
	say("claude-auth %s", thisVersion())
	say("time: %s", p.now().UTC().Format(time.RFC3339))
	say("shell: %s", p.env.Get("SHELL"))
	say("file: %s", p.paths.Credentials)
	say("state: %s", p.stateDir)
	say("set in the environment: %s", strings.Join(p.relevantVariables(), " "))
	say("")
	for _, f := range findings {
		say("%-5s %-13s %s", f.Result, f.Check, cmp.Or(f.Nameless, f.Found))
	}
	snapshot, err := p.store().Read(ctx)
	if err != nil || snapshot.Doc == nil {
		return // the checks say why
	}
	say("")
	say("keys: %s", strings.Join(snapshot.Doc.Labels(snapshot.Doc.Keys()), " "))
	if login := snapshot.Login(); login != nil {
		say("login: scopes %s; plan %s; access token until %s; login until %s", strings.Join(login.Scopes, " "),
			login.SubscriptionType, stamp(login.ExpiresAt), stamp(login.RefreshTokenExpiresAt))
	}
	if replay == nil {
		return
	}
	if e, ok := replay.LastRejection(p.paths.Credentials); ok {
		say("last rejection: %s, rule %s, seen in %s: %s",
			stamp(e.Time), e.Detail["rule"], e.Detail["where"], e.Detail["phrase"])
	}
}

func stamp(t time.Time) string { return pick(t.IsZero(), "?", t.UTC().Format(time.RFC3339)) }

// relevant are the variables that matter to the login, this program or its terminal; * at the end stands for any
// text.
var relevant = []string{
	"CLAUDE*", "ANTHROPIC_*", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HTTPS_PROXY", "HTTP_PROXY", "SSH_CONNECTION", "CI",
	"TMUX", "BROWSER",
}

// relevantVariables returns the names of those that are set.
func (p *program) relevantVariables() []string {
	var names []string
	for _, pair := range p.env.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		matches := func(pattern string) bool {
			matched, _ := path.Match(pattern, name) // the patterns are valid
			return matched
		}
		if slices.ContainsFunc(relevant, matches) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
