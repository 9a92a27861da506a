package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestDebug(t *testing.T) {
	var none *Debug
	none.Sawf("nothing is written, and nothing fails")
	var out bytes.Buffer
	d := NewDebug(&out, func() time.Time { return time.Date(2026, 11, 27, 1, 2, 3, 4e6, time.UTC) })
	d.Sawf("a token: %s", "sk-ant-oat01-FIXTUREfixtureFIXTUREfixture")
	d.Decidedf("two\nlines \x1b[31m")
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines: %q", len(lines)-1, out.String())
	}
	if !strings.HasPrefix(lines[0], "2026-11-27T01:02:03.004Z ") || !strings.Contains(lines[0], " saw      a token: ") {
		t.Errorf("the form of a line: %q", lines[0])
	}
	if strings.Contains(out.String(), "FIXTURE") || strings.Contains(out.String(), "\x1b") {
		t.Errorf("a token or an escape sequence: %q", out.String())
	}
	if !strings.HasSuffix(lines[1], ` decided  two lines \x1b[31m`) {
		t.Errorf("a text of two lines: %q", lines[1])
	}
}
