package detect

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxRulesFile bounds what is read of a rules file, in bytes.
const maxRulesFile = 64 << 10

// A RuleError is a line of a rules file that cannot be used.
type RuleError struct {
	File string
	Line int // from 1
	Err  error
}

func (e *RuleError) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }
func (e *RuleError) Unwrap() error { return e.Err }

// ParseRules reads a user's rules, one a line:
//
//	# what the client says => what helps
//	Token gone · Please run /login => rejected
//	Gateway says no: … => organisation
//
// The phrase must begin a line or a message of the client's; an ellipsis at
// its end says that the message goes on. The remedy is a class. Every bad
// line is reported, each as a *RuleError, joined; the good ones are returned
// beside them. A phrase of the built-in table is refused: it would be
// ambiguous which remedy holds.
func ParseRules(r io.Reader, filename string) ([]Rule, error) {
	seen := make(map[string]bool)
	for _, rule := range builtin() {
		seen[strings.TrimSpace(rule.Phrase)] = true
	}
	var rules []Rule
	var errs []error
	limited := &io.LimitedReader{R: r, N: maxRulesFile + 1}
	lines := bufio.NewScanner(limited)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		rule, err := parseRule(text, n)
		if err == nil && seen[rule.Phrase] {
			err = fmt.Errorf("the phrase %q is already known", rule.Phrase)
		}
		if err != nil {
			errs = append(errs, &RuleError{File: filename, Line: n, Err: err})
			continue
		}
		seen[rule.Phrase] = true
		rules = append(rules, rule)
	}
	if err := lines.Err(); err != nil {
		errs = append(errs, fmt.Errorf("reading rules from %s: %w", filename, err))
	}
	if limited.N == 0 {
		errs = append(errs, fmt.Errorf("reading rules from %s: larger than %d bytes", filename, maxRulesFile))
	}
	return rules, errors.Join(errs...)
}

// LoadRules returns the built-in rules with those of the file at path added.
// A missing file adds none. When lines of the file are at fault the set with
// the good ones is returned along with the error.
func LoadRules(path string) (*Rules, error) {
	list := builtin()
	var problem error
	f, _, err := openRegular(path)
	switch {
	case err == nil:
		var added []Rule
		added, problem = ParseRules(f, path)
		if err := f.Close(); err != nil && problem == nil {
			problem = fmt.Errorf("reading rules: %w", err)
		}
		list = append(list, added...)
	case !errors.Is(err, os.ErrNotExist):
		problem = fmt.Errorf("reading rules: %w", err)
	}
	rules, err := NewRules(list)
	if err != nil {
		return nil, err
	}
	return rules, problem
}

// parseRule reads one line that is neither empty nor a comment.
func parseRule(text string, line int) (Rule, error) {
	at := strings.LastIndex(text, "=>")
	if at < 0 {
		return Rule{}, fmt.Errorf("no remedy: expected PHRASE => REMEDY")
	}
	phrase, open := strings.CutSuffix(strings.TrimSpace(text[:at]), "…")
	phrase, err := normalPhrase(phrase)
	if err != nil {
		return Rule{}, err
	}
	class := Class(strings.TrimSpace(text[at+len("=>"):]))
	if !class.Known() {
		return Rule{}, fmt.Errorf("unknown remedy %q, expected one of %s", class, classList())
	}
	return Rule{
		Name: fmt.Sprintf("user-%d", line), Class: class,
		Phrase: phrase, Open: open, Remedy: remedyFor(class),
	}, nil
}

func classList() string {
	var names []string
	for _, c := range Classes() {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}
