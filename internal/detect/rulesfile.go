package detect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// maxRulesFile bounds what is read of a rules file, in bytes.
const maxRulesFile = 64 << 10

// LoadRules returns the built-in rules and those of the user's file at path. A file that is
// missing, or that this user cannot even see, adds none. When lines of
// the file are wrong it returns the rules of the other lines along with the error.
func LoadRules(path string) (*Rules, error) {
	text, _, err := atomicfile.ReadRegular(path, maxRulesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Builtin(), nil
	}
	if _, unseen := os.Lstat(path); errors.Is(unseen, fs.ErrPermission) { // in the closed home of another user
		return Builtin(), nil
	}
	if err != nil {
		return Builtin(), fmt.Errorf("reading rules: %w", err)
	}
	added, problem := parseRules(text, path)
	rules, err := newRules(append(builtin(), added...))
	if err != nil {
		return nil, err
	}
	return rules, problem
}

// parseRules reads a user's rules, one a line:
//
//	# what the client says => what helps
//	Token gone · Please run /login => rejected
//	Gateway says no: … => organisation
//
// The phrase must begin a line or a message of the client; an ellipsis at its end makes the rule open ([Rule]). The
// remedy is a class. The error reports every bad line; the rules of the other lines are returned along with it. A
// phrase of the built-in table is an error, because it would have two remedies.
func parseRules(text []byte, filename string) ([]Rule, error) {
	seen := make(map[string]bool)
	for _, rule := range builtin() {
		seen[strings.TrimSpace(rule.Phrase)] = true
	}
	var rules []Rule
	var errs []error
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		rule, err := parseRule(line, i+1)
		if err == nil && seen[rule.Phrase] {
			err = fmt.Errorf("the phrase %q is already known", rule.Phrase)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", filename, i+1, err))
			continue
		}
		seen[rule.Phrase] = true
		rules = append(rules, rule)
	}
	return rules, errors.Join(errs...)
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
		var names []string
		for _, c := range Classes() {
			names = append(names, string(c))
		}
		return Rule{}, fmt.Errorf("unknown remedy %q, expected one of %s", class, strings.Join(names, ", "))
	}
	return Rule{Name: fmt.Sprintf("user-%d", line), Class: class, Phrase: phrase, Open: open}, nil
}
