package detect

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on a phrase, in bytes. A shorter phrase would stand at the beginning
// of ordinary lines; a longer one is no phrase.
const (
	minPhrase = 8
	maxPhrase = 512
)

// Rules is a checked set of rules, made ready for matching. It never changes
// after it was made and may be shared between goroutines.
type Rules struct {
	list  []Rule
	trie  *trie
	words int // most words in one phrase
}

// NewRules makes a set of the given rules. White space inside a phrase is
// reduced to single spaces. An error names the rule that is at fault.
func NewRules(list []Rule) (*Rules, error) {
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
	for _, rule := range r.list {
		if rule.Name == name {
			return rule, true
		}
	}
	return Rule{}, false
}

// Match returns the rule with the longest phrase that text begins with. It
// serves texts that are known to be a message of the client's: the result of
// a structured output, an entry of a transcript.
func (r *Rules) Match(text string) (Rule, bool) {
	text = strings.TrimSpace(text)
	// A phrase that ends in a space would miss the message that ends there.
	text += " "
	best, at := int32(noRule), r.trie.root[text[0]]
	for at != 0 && strings.HasPrefix(text, r.trie.nodes[at].label) {
		n := &r.trie.nodes[at]
		if n.rule != noRule {
			best = n.rule
		}
		text = text[len(n.label):]
		if text == "" {
			break
		}
		at = r.trie.kid(n, text[0])
	}
	if best == noRule {
		return Rule{}, false
	}
	return r.list[best], true
}

// finding makes the Finding for rule i at an offset.
func (r *Rules) finding(i int32, offset int64) Finding {
	rule := &r.list[i]
	return Finding{Rule: rule.Name, Class: rule.Class, Offset: offset, Phrase: rule.Phrase}
}

// checkRule normalises the phrase of a rule and refuses what cannot work.
func checkRule(rule *Rule) error {
	if rule.Name == "" || rule.Remedy == "" {
		return fmt.Errorf("the name or the remedy is missing")
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
