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
	"assertion", "codeverifier", "authorization", "sessionkey", "signingkey", "accesskey", "bearer",
}

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
	return !slices.Contains(plainNames, name) &&
		slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) })
}

// opaqueLen is the length in bytes from which a string of digits and letters without a space is taken for a token,
// whatever its member is called. It is more than a UUID's 36, which is a name and not a secret.
const opaqueLen = 37

// LooksSecret reports whether value looks like a token, whatever member it is in. When in doubt it says yes: that hides
// a harmless value, and a wrong no shows a token.
func LooksSecret(value string) bool {
	if mayHoldToken(value) && tokenText().MatchString(value) {
		return true
	}
	if len(value) < opaqueLen || strings.ContainsAny(value, " \t\n") || strings.Contains(value, "://") ||
		strings.HasPrefix(value, "/") {
		return false
	}
	var digit, letter bool
	for _, c := range value {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letter = true
		}
	}
	return digit && letter
}
