package secret

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// tokenForms lists what a token looks like inside other text: Anthropic's keys and tokens, JSON web tokens, and tokens
// of the services that people use as MCP servers. A text that matches a pattern contains one of its words, in any case.
var tokenForms = []struct {
	words   []string // in lower case
	pattern string
}{
	{[]string{"sk-"}, `sk-ant-[A-Za-z0-9_\-]+|\bsk-[A-Za-z0-9_\-]{16,}`},
	{[]string{"eyj"}, `\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)?`},
	{
		[]string{"gho_", "ghp_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "akia", "ya29.", "lin_api_", "ntn_"},
		`\b(gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|AKIA|ya29\.|lin_api_|ntn_)[A-Za-z0-9_\-.]{8,}`,
	},
	{[]string{"bearer"}, `(?i:\bbearer) +[A-Za-z0-9_\-.=+/]{8,}`},
	{[]string{"basic"}, `(?i:\bbasic) +[A-Za-z0-9+/]+[a-z][A-Z][A-Za-z0-9+/]{3,}=*`}, // not "Basic authentication"
	{[]string{"private key"}, `-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----`},
	{
		[]string{"asia", "aiza", "xapp-", "npm_", "pypi-", "hf_", "dop_v1_", "shpat_", "sg.", "_live_", "_test_"},
		`\b(ASIA[A-Z0-9]{12,}|(AIza|xapp-|npm_|pypi-|hf_|dop_v1_|shpat_|[srp]k_live_|[srp]k_test_)[A-Za-z0-9_\-]{12,}` +
			`|SG\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,})`,
	},
	{[]string{"://"}, `://[^/?#\s"@:]*:[^/?#\s"@]+@`}, // the password in a URL
	{[]string{"hooks.slack.com/"}, `hooks\.slack\.com/(services|workflows)/[^\s"]+`},
}

var tokenText = sync.OnceValue(func() *regexp.Regexp {
	var patterns []string
	for _, form := range tokenForms {
		patterns = append(patterns, form.pattern)
	}
	return regexp.MustCompile(strings.Join(patterns, "|"))
})

// mayHoldToken reports whether a pattern can match in text. Most texts contain none of the words, so that most runs do
// not compile the regular expression.
func mayHoldToken(text string) bool {
	text = strings.ToLower(text)
	for _, form := range tokenForms {
		for _, word := range form.words {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	return false
}

// Redact replaces what looks like a token in text, for error messages and logs of other programs.
func Redact(text string) string {
	if !mayHoldToken(text) {
		return text
	}
	return tokenText().ReplaceAllString(text, Redacted)
}

// secretNames are parts of member names whose values are secrets, in lower case without separators.
var secretNames = []string{
	"token", "secret", "password", "passwd", "passphrase", "apikey", "privatekey", "credential", "cookie", "jwt",
	"assertion", "codeverifier", "authorization", "sessionkey", "signingkey", "accesskey", "bearer", "encryptionkey",
	"secretkey", "sshkey",
}

// wholeNames are member names whose values are secrets, where a longer name with this part need not be.
var wholeNames = []string{"key", "pwd", "pass", "pem", "otp"}

// plainNames are member names that contain one of secretNames and hold no secret.
var plainNames = []string{
	"tokentype", "tokenendpoint", "tokenurl", "tokenendpointauthmethod", "clientsecretexpiresat", "tokenexpiresat",
	"refreshtokenexpiresat", "accesstokenexpiresat", "authorizationendpoint", "authorizationserverurl",
	"authorizationurl", "maxtokens",
}

var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// IsSecretName reports whether a member of this name holds a secret.
func IsSecretName(name string) bool {
	name = separators.Replace(strings.ToLower(name))
	return slices.Contains(wholeNames, name) || !slices.Contains(plainNames, name) &&
		slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) })
}

// opaqueLen is the length in bytes from which a string of digits and letters without a space is taken for a token,
// whatever its member is called. It is more than a UUID's 36, which is a name and not a secret.
const opaqueLen = 37

// mixedLen is the length from which a string that mixes digits and letters as no name does is taken for a token.
const mixedLen = 20

// LooksSecret reports whether value looks like a token, whatever member it is in. When in doubt it says yes: that hides
// a harmless value, and a wrong no shows a token.
func LooksSecret(value string) bool {
	if mayHoldToken(value) && tokenText().MatchString(value) {
		return true
	}
	if random(value) {
		return true
	}
	if len(value) < opaqueLen || strings.ContainsAny(value, " \t\n") || strings.Contains(value, "://") ||
		strings.HasPrefix(value, "/") {
		return false
	}
	var hasDigit, hasLetter bool
	for _, c := range value {
		switch {
		case c >= '0' && c <= '9':
			hasDigit = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			hasLetter = true
		}
	}
	return hasDigit && hasLetter
}

// random reports whether value looks as if a machine had drawn it: 32 or more hexadecimal digits, or
// at least mixedLen characters of base64 in which digits, capitals and small letters change places often. It spares
// UUIDs, dates, paths, host names and words joined by separators.
func random(value string) bool {
	if len(value) < mixedLen {
		return false
	}
	hexadecimal, changes, kinds, last := true, 0, 0, 0
	for i := range len(value) {
		kind := kindOf(value[i])
		if kind == 0 {
			return false
		}
		if c := value[i] | 0x20; kind != digit && (c < 'a' || c > 'f') {
			hexadecimal = false
		}
		if kind != last && last != 0 {
			changes++
		}
		kinds, last = kinds|kind, kind
	}
	if hexadecimal && kinds&digit != 0 && kinds != digit && len(value) >= 32 {
		return true
	}
	// In random base64 six of ten neighbours are of different kinds; in a name like parseJSON2Value three.
	return kinds == digit|upper|lower && changes*5 >= len(value)*2
}

// The kinds of characters of base64.
const (
	digit = 1 << iota
	upper
	lower
)

// kindOf returns the kind of a character; `+`, `=` and `/` count as digits. 0 is for one that no token has.
func kindOf(c byte) int {
	switch {
	case c >= '0' && c <= '9', c == '+', c == '=', c == '/':
		return digit
	case c >= 'A' && c <= 'Z':
		return upper
	case c >= 'a' && c <= 'z':
		return lower
	}
	return 0
}
