package detect

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Limits on a phrase, in bytes. Ordinary lines would begin with a shorter phrase.
const (
	minPhrase = 8
	maxPhrase = 512
)

// Rules is a checked set of rules, ready for matching. It never changes and may be shared between goroutines.
type Rules struct {
	list  []Rule
	trie  *trie
	words int // most words in one phrase
}

// newRules makes a set of the given rules. It reduces white space inside a phrase to single spaces. An error names the
// rule that is wrong.
func newRules(list []Rule) (*Rules, error) {
	r := &Rules{list: slices.Clone(list)}
	phrases := make([]string, len(list))
	seen := make(map[string]string, len(list))
	for i := range r.list {
		rule := &r.list[i]
		if err := checkRule(rule); err != nil {
			return nil, fmt.Errorf("rule %q: %w", rule.Name, err)
		}
		if other, ok := seen[rule.Phrase]; ok {
			return nil, fmt.Errorf("rule %q: the phrase %q is already rule %q", rule.Name, rule.Phrase, other)
		}
		seen[rule.Phrase] = rule.Name
		phrases[i] = rule.Phrase
		r.words = max(r.words, len(strings.Fields(rule.Phrase)))
	}
	r.trie = newTrie(phrases)
	return r, nil
}

// List returns a copy of the rules, in the order they were given.
func (r *Rules) List() []Rule { return slices.Clone(r.list) }

// Rule returns the rule of that name.
func (r *Rules) Rule(name string) (Rule, bool) {
	i := slices.IndexFunc(r.list, func(rule Rule) bool { return rule.Name == name })
	if i < 0 {
		return Rule{}, false
	}
	return r.list[i], true
}

// Match returns the rule with the longest phrase that text begins with. It is for texts that are known to be a message
// of the client: the result of a structured output, an entry of a transcript.
func (r *Rules) Match(text string) (Rule, bool) {
	// With a space, a phrase that ends in one matches a message that ends before it.
	i, _, _ := r.trie.longest(strings.TrimSpace(text) + " ")
	if i == noRule {
		return Rule{}, false
	}
	return r.list[i], true
}

// Classify returns the class of an error that the client reports: that of the rule that its text matches, with the
// rule's name, else the one that the client's own word for the error and the HTTP status mean (read in 2.1.165 and
// 2.1.330). The class is "" when the error has nothing to do with the login or the service.
func (r *Rules) Classify(text, word string, status int) (class Class, rule string) {
	if rule, ok := r.Match(text); ok {
		return rule.Class, rule.Name
	}
	switch {
	case word == "oauth_org_not_allowed", word == "account_on_hold":
		return Organisation, ""
	case word == "server_error", word == "overloaded":
		return Outage, ""
	case status == 403:
		return Organisation, ""
	case word == claude.AuthenticationFailed, status == 401:
		return Rejected, ""
	case status >= 500 && status <= 599:
		return Outage, ""
	}
	return "", ""
}

// finding makes the Finding for rule i at an offset.
func (r *Rules) finding(i int32, offset int64) Finding {
	rule := &r.list[i]
	return Finding{Rule: rule.Name, Class: rule.Class, Offset: offset, Phrase: rule.Phrase}
}

// checkRule normalises the phrase of a rule and rejects a rule that can't work.
func checkRule(rule *Rule) error {
	if rule.Name == "" {
		return fmt.Errorf("the name is missing")
	}
	if !rule.Class.Known() {
		return fmt.Errorf("unknown class %q", rule.Class)
	}
	open := strings.HasSuffix(rule.Phrase, " ")
	phrase, err := normalPhrase(rule.Phrase)
	if err != nil {
		return err
	}
	if open && rule.Open {
		phrase += " "
	}
	rule.Phrase = phrase
	return nil
}

// normalPhrase reduces white space to single spaces and checks what is left.
func normalPhrase(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("the phrase is not UTF-8")
	}
	s = strings.Join(strings.Fields(s), " ")
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", fmt.Errorf("the phrase %q holds a control character", s)
	}
	if len(s) < minPhrase || len(s) > maxPhrase {
		return "", fmt.Errorf("the phrase %q has %d bytes, expected %d to %d", s, len(s), minPhrase, maxPhrase)
	}
	return s, nil
}
