package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// NotRegularError says that the path names something else than a regular file, which is left as it is.
type NotRegularError struct {
	Path string      // after symbolic links; "" in a text that names the file already
	Mode fs.FileMode // its type bits
}

func (e *NotRegularError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("it is %s, not a regular file", kind(e.Mode))
	}
	return fmt.Sprintf("%s is %s, not a regular file", e.Path, kind(e.Mode))
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// OwnerError says that the file belongs to another user and this process may not give its own file to that user. So it
// could replace the file only by changing its owner.
type OwnerError struct {
	Path     string
	UID, GID int // the file's
	Err      error
}

func (e *OwnerError) Error() string {
	return fmt.Sprintf("cannot write %s: it belongs to user %d, group %d, and would not afterwards: %v",
		e.Path, e.UID, e.GID, e.Err)
}

func (e *OwnerError) Unwrap() error { return e.Err }

// NotDurableError says that the change was made and every process sees it, but syncing the directory failed: after a
// power cut the old state may be back.
type NotDurableError struct {
	Path string
	Err  error
}

func (e *NotDurableError) Error() string {
	return fmt.Sprintf("%s was changed, but a power cut may undo that: its directory could not be synced: %v",
		e.Path, WithoutPath(e.Err))
}

func (e *NotDurableError) Unwrap() error { return e.Err }

// failure is an error whose text says what failed and the innermost reason.
type failure struct {
	what string
	err  error
}

func (e *failure) Error() string { return e.what + ": " + WithoutPath(e.err).Error() }

func (e *failure) Unwrap() error { return e.err }

// Failed adds to err what failed, with the file that it is about, in words for people. The text leaves out the path and
// the operation in an *fs.PathError, which are details of how a file is written; the error that it wraps has them.
func Failed(what string, err error) error { return &failure{what, err} }

// WithoutPath returns the reason in an *fs.PathError or *os.LinkError, for a text that names the file already. It
// returns any other error as it is.
func WithoutPath(err error) error {
	if wrapped := (*fs.PathError)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	if wrapped := (*os.LinkError)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	if wrapped := (*NotRegularError)(nil); errors.As(err, &wrapped) {
		return &NotRegularError{Mode: wrapped.Mode}
	}
	return err
}
