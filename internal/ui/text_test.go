package ui

import (
	"bytes"
	"testing"
)

func TestText(t *testing.T) {
	text := "one two three four five six seven eight nine\n\n    indented one two three four five six seven\n  short\n"
	for width, want := range map[int]string{
		0:  text,
		40: "one two three four five six seven eight\nnine\n\n    indented one two three four five six\n    seven\n  short\n",
	} {
		var out bytes.Buffer
		(&UI{Out: &out, width: width}).Text(text)
		if out.String() != want {
			t.Errorf("width %d:\n%s\nwant:\n%s", width, out.String(), want)
		}
	}
}

func TestReveal(t *testing.T) {
	secret := "sk-ant-oat01-FIXTURE\x1b[31m\u202e\xff\n"
	for width, want := range map[int]string{0: secret, 40: "sk-ant-oat01-FIXTURE\\x1b[31m\\u202e\\ufffd\n"} {
		var out bytes.Buffer
		if err := (&UI{Out: &out, width: width}).Reveal(secret); err != nil || out.String() != want {
			t.Errorf("width %d: %q, %v; want %q", width, out.String(), err, want)
		}
	}
}
