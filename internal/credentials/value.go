package credentials

import (
	"bytes"
	"encoding/json"
)

// Quote is text as a JSON string, with no more escapes than JSON asks for.
func Quote(text string) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string into a buffer
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// SecretValue reports whether a JSON value has a secret in it: one that looks like one, or stands under a secret's name.
func SecretValue(raw []byte) bool {
	if ValidValue(raw) != nil {
		return false
	}
	_, hidden := newRedactor([]byte("{}")).render(raw, false)
	return hidden
}
