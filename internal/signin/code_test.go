package signin

import (
	"slices"
	"testing"
	"time"
)

func TestCodeLine(t *testing.T) {
	const paste, end = "\x1b[200~", "\x1b[201~"
	for name, test := range map[string]struct {
		typed string
		want  []typed // without nothing and edited
		code  string
	}{
		"typed":                       {"ab#c\r", []typed{entered}, "ab#c"},
		"pasted":                      {paste + "ab#c" + end, nil, "ab#c"},
		"pasted, then Enter":          {paste + "ab#c" + end + "\r", []typed{entered}, "ab#c"},
		"pasted with its line feed":   {paste + "ab#c\n" + end, []typed{entered}, "ab#c"},
		"pasted, broken in two lines": {paste + "ab\n#c" + end + "\r", []typed{entered}, "ab#c"},
		"pasted Ctrl-C and Tab":       {paste + "a\x03\tb" + end, nil, "ab"},
		"not marked":                  {"ab#c\n", []typed{entered}, "ab#c"},
		"Enter alone":                 {"\r\r", nil, ""},
		"corrected":                   {"abx\x7f#c", nil, "ab#c"},
		"begun again":                 {"abc\x15xy\x17z", nil, "z"},
		"arrows":                      {"a\x1b[Ab\x1bOCc\x1b[1;5D", nil, "abc"},
		"Ctrl-C":                      {"ab\x03", []typed{cancelled}, "ab"},
		"Ctrl-D in a code":            {"ab\x04", nil, "ab"},
		"Ctrl-D":                      {"\x04", []typed{cancelled}, ""},
		"Ctrl-Z":                      {"\x1a", nil, ""},
		"Tab":                         {"\t", []typed{toggled}, ""},
		"Esc":                         {"a\x1b", nil, "a"},
		"blanks":                      {"  ab#c \r", []typed{entered}, "ab#c"},
	} {
		for _, size := range []int{1, len(test.typed)} {
			var c codeLine
			var got []typed
			now := time.Now()
			for part := range slices.Chunk([]byte(test.typed), size) {
				c.Feed(part, now)
				for did, _, ok := c.Next(now); ok; did, _, ok = c.Next(now) {
					if did != nothing && did != edited {
						got = append(got, did)
					}
				}
			}
			for did, _, ok := c.Next(now.Add(time.Second)); ok; did, _, ok = c.Next(now.Add(time.Second)) {
				if did != nothing && did != edited {
					got = append(got, did)
				}
			}
			if !slices.Equal(got, test.want) || c.Take() != test.code {
				t.Errorf("%s: %v, code %q", name, got, c.Take())
			}
		}
	}
}

func TestRepliesPassOn(t *testing.T) {
	var replies []byte
	c := codeLine{Reply: func(p []byte) { replies = append(replies, p...) }}
	c.Feed([]byte("a\x1b[?62;4cb"), time.Now())
	for _, _, ok := c.Next(time.Now()); ok; _, _, ok = c.Next(time.Now()) {
	}
	if code := c.Take(); code != "ab" || string(replies) != "\x1b[?62;4c" {
		t.Errorf("%q, %q", code, replies)
	}
}

func TestMasked(t *testing.T) {
	c := codeLine{text: []rune("secret#code")}
	for width, want := range map[int]string{20: "••••••#••••", 11: "••••••#••••", 6: "…#••••"} {
		if got := c.Masked(width); got != want {
			t.Errorf("%d: %q, want %q", width, got, want)
		}
	}
}
