package detect

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// The inputs of issue 7, a few MiB each, none with a finding in it.

// plainText is prose in lines of 60 to 90 bytes, with some indented ones.
func plainText() []byte {
	var b bytes.Buffer
	words := strings.Fields("the saved login of a client is kept in one file and when its token dies " +
		"every request fails until somebody signs in again")
	for i := 0; b.Len() < 4<<20; i++ {
		if i%7 == 0 {
			b.WriteString("    ")
		}
		for j := range 12 + i%7 {
			b.WriteString(words[(i*7+j*3)%len(words)])
			b.WriteByte(' ')
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// terminalOutput is what the real clients write to a terminal: the recordings in which nothing is found, over and
// over.
func terminalOutput(tb testing.TB) []byte {
	var b bytes.Buffer
	for b.Len() < 4<<20 {
		b.Write(recording(tb, "165-quoted-100"))
		b.Write(recording(tb, "330-quoted-100"))
	}
	return b.Bytes()
}

// denseOutput is colour and cursor move for every word or part of one.
func denseOutput() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 4<<20; i++ {
		fmt.Fprintf(&b, "\x1b[38;5;%dmword\x1b[%dGmo\x1b[1mre\x1b[22m\x1b[39m", i%256, i%100)
		if i%10 == 0 {
			b.WriteString("\r\x1b[1B\x1b[2C")
		}
	}
	return b.Bytes()
}

// nearMisses are lines that begin as failure messages do and end otherwise.
func nearMisses() []byte {
	var b bytes.Buffer
	rules := Builtin()
	for i := 0; b.Len() < 4<<20; i++ {
		text := strings.TrimRight(rules.list[i%len(rules.list)].Phrase, " ")
		line := text[:len(text)-1] + "!"
		if _, hit := rules.Match(line); !hit { // a longer form of another phrase
			fmt.Fprintf(&b, "● %s\n%s?\n", line, text[:len(text)/2])
		}
	}
	return b.Bytes()
}

func benchInputs(tb testing.TB) []struct {
	name string
	data []byte
} {
	return []struct {
		name string
		data []byte
	}{
		{"plain", plainText()}, {"terminal", terminalOutput(tb)}, {"dense", denseOutput()}, {"near-misses", nearMisses()},
	}
}

// BenchmarkScanner reads as `run` does, in reads of 32 KiB.
func BenchmarkScanner(b *testing.B) {
	for _, in := range benchInputs(b) {
		b.Run(in.name, func(b *testing.B) {
			s := NewScanner(Builtin())
			emit := func(f Finding) { b.Fatalf("found %v", f) }
			b.SetBytes(int64(len(in.data)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := in.data; len(rest) > 0; rest = rest[min(len(rest), 32<<10):] {
					s.Scan(rest[:min(len(rest), 32<<10)], emit)
				}
			}
		})
	}
}

// BenchmarkRegexp is the peer: one regular expression of all phrases, over text from which the escapes were taken
// out beforehand, that work not timed.
func BenchmarkRegexp(b *testing.B) {
	var phrases []string
	for _, rule := range builtin() {
		phrases = append(phrases, strings.ReplaceAll(regexp.QuoteMeta(rule.Phrase), " ", `\s+`))
	}
	re := regexp.MustCompile(`(?m:^)(?:\s*(?:●|⏺|⎿)\s+)?(?:` + strings.Join(phrases, "|") + `)`)
	escapes := regexp.MustCompile(`\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*([@-~])|\x1b.`)
	for _, in := range benchInputs(b) {
		b.Run(in.name, func(b *testing.B) {
			text := escapes.ReplaceAllFunc(in.data, func(m []byte) []byte {
				if bytes.ContainsAny(m[len(m)-1:], "CDGHf") {
					return []byte(" ")
				} else if bytes.ContainsAny(m[len(m)-1:], "ABEF") {
					return []byte("\n")
				}
				return nil
			})
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if m := re.FindIndex(text); m != nil {
					b.Fatalf("found %q", text[m[0]:m[1]])
				}
			}
		})
	}
}
