package ui

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Debug is the log of what the program saw, believed and decided, for a person who asks why it did what it did. It has
// no tokens. A nil Debug writes nothing. It is safe for several goroutines, and several processes may append to one
// file.
type Debug struct {
	mu  sync.Mutex
	out io.Writer
	now func() time.Time
}

// NewDebug returns a log that is written to out.
func NewDebug(out io.Writer, now func() time.Time) *Debug { return &Debug{out: out, now: now} }

// Sawf writes down an observation: something that was read, or that the client has shown.
func (d *Debug) Sawf(format string, args ...any) { d.write("saw", format, args) }

// Believesf writes down a conclusion from what was seen.
func (d *Debug) Believesf(format string, args ...any) { d.write("believes", format, args) }

// Decidedf writes down what the program does, or does not, and why.
func (d *Debug) Decidedf(format string, args ...any) { d.write("decided", format, args) }

// write writes one line: the time in UTC, the process, the kind and the text. A log that cannot be written is given up:
// it must not stop what it describes.
func (d *Debug) write(kind, format string, args []any) {
	if d == nil {
		return
	}
	text := strings.Join(strings.Fields(Clean(fmt.Sprintf(format, args...))), " ")
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _ = fmt.Fprintf(d.out, "%s %d %-8s %s\n", d.now().UTC().Format("2006-01-02T15:04:05.000Z"), os.Getpid(), kind, text)
}
