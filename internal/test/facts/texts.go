package facts

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// keywords are what a text about sign-in or a rejection has. They are looked for as they stand.
var keywords = []string{
	"/login", "og in", "ogged in", "ogin ", "ign in", "ign-in", "igned in", "uthenticat", "API Error", "redential",
	"OAuth", "401", "403", "xpired", "evoked", "API key", "auth token",
}

// failing is what a text about a failure has beside a keyword.
var failing = regexp.MustCompile(`(?i)\bfail|invalid|expire|revoke|\bnot\b|n['’]t\b|\bmust\b|requir|unauthor|denied|` +
	`disabled|reject|refus|again|/login|unable|\bno\b|cannot|missing|error|ended|timed out|please`)

// sentence is how a text for people begins.
var sentence = regexp.MustCompile(`^(…?[A-Z][a-z'’]|API |OAuth|AWS )`)

const (
	// longestText bounds the texts that are looked at: longer ones are instructions for the model.
	longestText = 400
	// fewestGaps is one less than the words of a message.
	fewestGaps = 2
)

// Texts returns the texts in a client's program that may tell a person of a failed sign-in or a rejection, each once,
// in order. A native client has its JavaScript inside.
func Texts(program []byte) []string {
	seen := map[string]bool{}
	for _, keyword := range keywords {
		for from := 0; ; {
			at := bytes.Index(program[from:], []byte(keyword))
			if at < 0 {
				break
			}
			at += from
			from = at + len(keyword)
			if text, ok := literal(program, at, from); ok && concerns(text) {
				seen[text] = true
			}
		}
	}
	texts := make([]string, 0, len(seen))
	for text := range seen {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}

func concerns(text string) bool {
	return strings.Count(text, " ") >= fewestGaps && sentence.MatchString(text) && failing.MatchString(text)
}

// literal returns the string of JavaScript that has program[start:end] in it, with "…" for what is filled in.
func literal(program []byte, start, end int) (string, bool) {
	low, high := max(0, start-longestText), min(len(program), end+longestText)
	best, found := "", false
	for _, quote := range []byte("\"`'") {
		left := bytes.LastIndexByte(program[low:start], quote)
		if left < 1 {
			continue
		}
		left += low
		right := closing(program[end:high], quote)
		if right < 0 {
			continue
		}
		right += end
		raw := program[left+1 : right]
		if !bytes.ContainsRune([]byte("(,:=[?+{ >|&n!}`;"), rune(program[left-1])) ||
			quote != '`' && bytes.IndexByte(raw, '\n') >= 0 || found && len(raw) >= len(best) {
			continue
		}
		best, found = string(raw), true
	}
	if !found || !utf8.ValidString(best) {
		return "", false
	}
	return strings.Join(strings.Fields(unescape(fill(best))), " "), true
}

// closing is where a string ends whose rest this is.
func closing(rest []byte, quote byte) int {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return -1
}

// fill puts "…" in the place of each ${…}, whose names change with every build.
func fill(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		depth, end := 1, len(rest)
		for i, c := range []byte(rest) {
			switch c {
			case '{':
				depth++
			case '}':
				depth--
			}
			if depth == 0 {
				end = i + 1
				break
			}
		}
		b.WriteString("…")
		text = rest[end:]
	}
}

// escape is a character that JavaScript's source has in another form.
var escape = regexp.MustCompile(`\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]+\}|.)`)

func unescape(text string) string {
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		switch e[1] {
		case 'n', 't', 'r':
			return " "
		case 'x', 'u':
			if n, err := strconv.ParseInt(strings.Trim(e[2:], "{}"), 16, 32); err == nil {
				return string(rune(n))
			}
		}
		return e[1:]
	})
}

// has reports whether a text is in a client's program, in any of the forms in which its builds write it.
func has(program []byte, text string) bool {
	for _, form := range []func(rune) string{
		func(r rune) string { return string(r) },
		func(r rune) string { return escaped(r, "ABCDEF") },
		func(r rune) string { return escaped(r, "abcdef") },
	} {
		var b strings.Builder
		for _, r := range text {
			if r < utf8.RuneSelf {
				b.WriteRune(r)
			} else {
				b.WriteString(form(r))
			}
		}
		for _, quoted := range []string{b.String(), strings.ReplaceAll(b.String(), "'", `\'`)} {
			if bytes.Contains(program, []byte(quoted)) {
				return true
			}
		}
	}
	return false
}

// escaped is a character as \xNN or \uNNNN.
func escaped(r rune, digits string) string {
	text := strconv.FormatInt(int64(r), 16)
	if digits == "ABCDEF" {
		text = strings.ToUpper(text)
	}
	if len(text) <= 2 {
		return `\x` + strings.Repeat("0", 2-len(text)) + text
	}
	return `\u` + strings.Repeat("0", max(0, 4-len(text))) + text
}
