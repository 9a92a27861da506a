package ui

import (
	"errors"
	"io"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/fdio"
)

// written passes output on and remembers the first error: most callers of Printf could do nothing about it.
type written struct {
	to  io.Writer
	err error
}

func (w *written) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if w.err == nil && !errors.Is(err, syscall.EPIPE) {
		w.err = err
	}
	return n, err
}

// Lost returns a *fdio.OutputError when a part of what was written to standard output is lost. A reader that has closed
// its pipe has lost nothing that it wanted.
func (u *UI) Lost() error {
	if w, ok := u.Out.(*written); ok && w.err != nil {
		return &fdio.OutputError{Whose: "the output", Err: w.err}
	}
	return nil
}
