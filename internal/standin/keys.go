package standin

import "github.com/claude-auth/claude-auth/internal/vt"

// keyDecoder decodes what the terminal sends, chunk by chunk.
type keyDecoder struct{ rest []byte }

func (d *keyDecoder) decode(chunk []byte) (keys []vt.Key) {
	p := append(d.rest, chunk...)
	for len(p) > 0 {
		n, k := vt.Decode(p, string(p) == "\x1b") // a lone ESC is a key; another incomplete sequence waits for the rest
		if n == 0 {
			break
		}
		keys = append(keys, k)
		p = p[n:]
	}
	d.rest = p
	return keys
}
