package credentials

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// Snapshot is what a store held at one moment.
type Snapshot struct {
	Path    string // the file, also where the login is in the keychain
	Item    string // the service of the keychain item; "" for the file
	Exists  bool
	Data    []byte    // the exact bytes
	Doc     *Document // nil when Data is not a document or could not be read; Empty() when nothing exists
	Err     error     // why Doc is nil; it wraps a *SyntaxError or an *atomicfile.TooLargeError for a corrupt one
	Mode    fs.FileMode
	ModTime time.Time // of a keychain item to the second, zero when it is not known
	Size    int64

	// Partial says that a part of the document was in a further item of the keychain, which is gone or can't be read.
	Partial bool

	// Console is the key of a Console sign-in, where the client uses it: no saved login serves the model. It is empty
	// everywhere else, and in what ReadFile returns.
	Console     secret.Secret
	ConsoleItem string // the item of the keychain that has it; "" when the client's global config has it
}

// ConsolePlace is where Console is saved, for people.
func (s Snapshot) ConsolePlace(globalConfig string) string {
	return placeName(globalConfig, s.ConsoleItem)
}

// Place names the file or the keychain item for people.
func (s Snapshot) Place() string { return placeName(s.Path, s.Item) }

func placeName(path, item string) string {
	if item != "" {
		return itemName(item)
	}
	return path
}

// Corrupt reports whether something is stored that is not a document, or one that the client cannot read.
func (s Snapshot) Corrupt() bool {
	var syntax *SyntaxError
	var large *atomicfile.TooLargeError
	var hexed *HexItemError
	return errors.As(s.Err, &syntax) || errors.As(s.Err, &large) || errors.As(s.Err, &hexed)
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
	state := Evaluate(s.Login(), now, h)
	switch {
	case s.Console.IsZero() || state == Corrupt:
		return state
	case h.Rejected:
		return Rejected
	}
	return Console
}

// A file that is not a document is read again this often while a program may still be writing it: the client renames a
// whole file into place, but editors, shells and backup programs write into it.
const (
	readAttempts = 12
	readPause    = 25 * time.Millisecond
	settledAfter = 2 * time.Second // after so long without a write the file is complete
)

// finishPatience is how long Read waits for the lock around a write before it reads a file whose write in place was
// interrupted, or is under way. One that is under way takes milliseconds.
const finishPatience = 200 * time.Millisecond

// Read implements Store. It completes a write in place that was interrupted; the next Replace does what Read could not.
func (f *FileStore) Read(ctx context.Context) (Snapshot, error) {
	if f.Locks.Dir != "" && atomicfile.Unfinished(f.Path) {
		if held, err := f.Locks.Storage().Acquire(ctx, finishPatience); err == nil {
			_ = atomicfile.Finish(f.Path) // what is wrong with the file shows when it is read
			_ = held.Release()            // it gets stale
		}
	}
	return f.read(ctx)
}

func (f *FileStore) read(ctx context.Context) (Snapshot, error) {
	var s Snapshot
	for attempt := 1; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return Snapshot{Path: f.Path, Err: err}, err
		}
		s = ReadFile(f.Path)
		if !s.Corrupt() || attempt == readAttempts || f.Now().Sub(s.ModTime).Abs() > settledAfter {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(readPause):
		}
	}
	if s.Err != nil && !s.Corrupt() {
		return s, s.Err
	}
	s.addConsole(f.GlobalConfig)
	return s, nil
}

// ReadFile reads the credentials file once, and never waits: what is not a regular file is not opened. Snapshot.Err
// says why there is no document, as in Store.Read.
func ReadFile(path string) Snapshot {
	s := Snapshot{Path: path}
	data, info, err := atomicfile.ReadRegular(path, MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		s.Doc = Empty()
		return s
	}
	s.Exists = true
	if info != nil {
		s.Mode, s.ModTime, s.Size = info.Mode(), info.ModTime(), info.Size()
	}
	if err == nil {
		s.Data = data
		s.Doc, err = Parse(data)
	}
	if err != nil {
		s.Doc, s.Err = nil, fileError(path, err)
	}
	return s
}

// emptyFile says that the file is empty.
type emptyFile struct {
	path string
	err  error // the *SyntaxError
}

func (e emptyFile) Error() string { return e.path + " is empty" }

func (e emptyFile) Unwrap() error { return e.err }

// fileError says what is wrong with the file at path.
func fileError(path string, err error) error {
	var syntax *SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Msg == noObject:
		return fmt.Errorf("%s is not a JSON object: %w", path, err)
	case errors.As(err, &syntax) && syntax.Msg == emptyText:
		return emptyFile{path, err}
	case errors.As(err, &syntax):
		return fmt.Errorf("%s is not valid JSON: %w", path, err)
	case errors.As(err, new(*atomicfile.NotRegularError)):
		return err
	}
	return atomicfile.Failed("cannot read "+path, err)
}
