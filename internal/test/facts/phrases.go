package facts

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/claude-auth/claude-auth/internal/detect"
)

// Phrases is a client's texts held against the detection table.
type Phrases struct {
	Known   []string // a rule finds them
	Unknown []string // no rule finds them, and nobody has judged them
	Gone    []string // the names of the rules whose text the client no longer has
	judged  int
}

// judgedList has a line for each text of the newest client that was looked at and is no failure of the login, as its
// hash, and for each rule whose text is in no client's program.
//
//go:embed harmless.txt
var judgedList string

// Judged is that list: what was looked at, and which rules are not looked for.
type Judged struct {
	hashes map[string]bool
	absent map[string]bool
}

// Harmless returns the list of this repository.
func Harmless() Judged { return readJudged(judgedList) }

func readJudged(text string) Judged {
	j := Judged{map[string]bool{}, map[string]bool{}}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "absent" && len(words) > 1:
			j.absent[words[1]] = true
		default:
			j.hashes[words[0]] = true
		}
	}
	return j
}

// Hash is how a text stands in the list.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// Compare holds a client's program against the rules.
func Compare(program []byte, rules *detect.Rules, judged Judged) Phrases {
	var p Phrases
	for _, text := range Texts(program) {
		_, known := rules.Match(text)
		switch {
		case known:
			p.Known = append(p.Known, text)
		case judged.hashes[Hash(text)]:
			p.judged++
		default:
			p.Unknown = append(p.Unknown, text)
		}
	}
	looked := map[string]bool{} // a phrase has several rules, for what the client puts before it
	for _, rule := range rules.List() {
		words := ownWords(rule.Phrase)
		if !looked[words] && !judged.absent[rule.Name] && !has(program, words) {
			p.Gone = append(p.Gone, rule.Name)
		}
		looked[words] = true
	}
	return p
}

// composed is the beginning of a phrase that the client puts before the service's words.
var composed = regexp.MustCompile(`^(Failed to authenticate\. |Please run /login · )?API Error: (\d\d\d )?|^Error: `)

// ownWords is the part of a phrase that stands in the client's program as one text.
func ownWords(phrase string) string {
	return strings.TrimRight(composed.ReplaceAllString(phrase, ""), " ·")
}

// Report is what a person reads.
func (p Phrases) Report(version string) string {
	var b strings.Builder
	for _, text := range p.Unknown {
		fmt.Fprintf(&b, "unknown  %s  %s\n", Hash(text), text)
	}
	for _, name := range p.Gone {
		fmt.Fprintf(&b, "gone     %s\n", name)
	}
	fmt.Fprintf(&b, "client %s: %d texts known, %d judged harmless, %d unknown, %d rules gone\n", version, len(p.Known),
		p.judged, len(p.Unknown), len(p.Gone))
	return b.String()
}
