package fdio

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// OutputError says that a part of the output is lost: standard output could not be written, for another reason than
// that its reader has closed it.
type OutputError struct {
	Whose string // "the output", "the client's output"
	Err   error
}

func (e *OutputError) Error() string {
	why := e.Err
	if inner := errors.Unwrap(why); inner != nil { // without Go's "write /dev/stdout"
		why = inner
	}
	return fmt.Sprintf("cannot write %s: %v", e.Whose, why)
}

func (e *OutputError) Unwrap() error { return e.Err }

// Hint says what helps.
func (e *OutputError) Hint() string {
	if errors.Is(e.Err, unix.ENOSPC) || errors.Is(e.Err, unix.EDQUOT) {
		return "free some space where the output goes, and run the command again"
	}
	return ""
}
