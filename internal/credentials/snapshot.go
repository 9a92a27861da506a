package credentials

import (
	"errors"
	"io/fs"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// Snapshot is what a store held at one moment.
type Snapshot struct {
	Path    string // the file, or the name of the keychain item
	Exists  bool
	Data    []byte    // the exact bytes
	Doc     *Document // nil when Data is no document or could not be read; Empty() when nothing exists
	Err     error     // why Doc is nil: a *SyntaxError or *atomicfile.TooLargeError, wrapped, or why the store could not be read
	Mode    fs.FileMode
	UID     uint32
	ModTime time.Time // zero for the keychain
	Size    int64
}

// Corrupt reports whether there is something, and it is no document.
func (s Snapshot) Corrupt() bool {
	var syntax *SyntaxError
	var large *atomicfile.TooLargeError
	return errors.As(s.Err, &syntax) || errors.As(s.Err, &large)
}

// Login returns the saved login, or nil when there is none or it cannot be understood.
func (s Snapshot) Login() *Login {
	if s.Doc == nil {
		return nil
	}
	login, ok := s.Doc.Login()
	if !ok {
		return nil
	}
	return &login
}

// State says in which state the saved login is.
func (s Snapshot) State(now time.Time, h History) State {
	switch {
	case s.Corrupt():
		return Corrupt
	case s.Err != nil:
		return Unreadable
	}
	return Evaluate(s.Login(), now, h)
}
