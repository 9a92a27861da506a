package ui

import "errors"

// hinted is an error with the command, or the fact, that helps.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// Hint returns the line that follows the error's own.
func (h hinted) Hint() string { return h.hint }

// WithHint adds to err the command, or the fact, that helps. A nil err stays nil.
func WithHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hinted{err, hint}
}

// HintOf returns the outermost hint of err, or "".
func HintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}
