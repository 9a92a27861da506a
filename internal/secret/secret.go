// Package secret keeps tokens out of everything people and programs read.
//
// A Secret is a string that cannot be printed: every formatting verb, JSON and log/slog print "[redacted]". Only Reveal
// returns the text, so that `grep Reveal` lists every place where a token can leave the program. The program shows the
// fingerprint of a secret instead, an HMAC under a random key of this machine: equal tokens have equal fingerprints
// here, and elsewhere a fingerprint says nothing about its token.
package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is shown in the place of a secret.
const Redacted = "[redacted]"

// Secret is a string that must not be printed. The zero Secret is the empty string.
type Secret struct{ text string }

// New wraps text.
func New(text string) Secret { return Secret{text: text} }

// Reveal returns the text itself. The caller has to keep it from being printed.
func (s Secret) Reveal() string { return s.text }

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.text == "" }

// Equal compares two secrets in constant time.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.text), []byte(t.text)) == 1
}

// String implements fmt.Stringer.
func (s Secret) String() string { return Redacted }

// GoString implements fmt.GoStringer, for %#v.
func (s Secret) GoString() string { return Redacted }

// Format implements fmt.Formatter, for all verbs: %d and %x do not call String.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// MarshalJSON implements json.Marshaler.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }

// MarshalText implements encoding.TextMarshaler, for map keys and other encodings.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// fingerprintLen is the number of hex digits of a fingerprint: 64 bits, far more than the logins of one machine need.
const fingerprintLen = 16

// Fingerprint identifies the secret without revealing it: the first 16 hex digits of HMAC-SHA-256 under key. The empty
// secret has the empty fingerprint.
func (s Secret) Fingerprint(key Key) string {
	if s.IsZero() {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(s.text))
	return hex.EncodeToString(mac.Sum(nil))[:fingerprintLen]
}
