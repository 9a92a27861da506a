package headless

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/flock"
)

const (
	// turnTime is how long Ask waits for another process that calls.
	turnTime = 10 * time.Second
	// hearTime is how long the sign-in may take to answer a call at all.
	hearTime = 15 * time.Second
	// lookEvery is how often Ask looks whether the sign-in is still there, until that answers.
	lookEvery = 100 * time.Millisecond
)

// ErrSilent says that the sign-in that waits does not answer.
var ErrSilent = errors.New("the sign-in in the background does not answer")

// ErrTurn says that another process calls.
var ErrTurn = errors.New("another process is giving a code; try again in a moment")

// Ask calls the sign-in that waits, and passes what it says to hear, until that hangs up. The error is ErrNone when
// none waits any more.
func Ask(ctx context.Context, dir string, call Call, hear func(Message)) error {
	if _, busy := flock.HeldBy(filepath.Join(dir, lockName)); !busy {
		return ErrNone
	}
	limited, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	turn, err := flock.Open(limited, filepath.Join(dir, turnName), nil)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, new(*flock.HeldError)):
		return ErrTurn
	case err != nil:
		return err
	}
	defer turn.Close() // unlocks it
	path := filepath.Join(dir, answerName)
	answer, err := makeFIFO(path, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer answer.Close() // nothing was written
	defer os.Remove(path)
	if err := send(dir, call); err != nil {
		return err
	}
	return listen(ctx, dir, answer, hear)
}

// send writes the call.
func send(dir string, call Call) error {
	file, err := openFIFO(filepath.Join(dir, callName), os.O_WRONLY)
	if errors.Is(err, unix.ENXIO) || errors.Is(err, fs.ErrNotExist) { // nobody reads
		return ErrNone
	}
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := json.Marshal(call)
	if err != nil {
		return err
	}
	defer clear(text)
	return fdio.WriteAll(file, append(text, '\n'))
}

// listen passes on what comes.
func listen(ctx context.Context, dir string, answer *os.File, hear func(Message)) error {
	wake, err := fdio.NewWake()
	if err != nil {
		return err
	}
	defer wake.Close()
	defer context.AfterFunc(ctx, wake.Ring)()
	fd, release, err := fdio.Of(answer)
	if err != nil {
		return err
	}
	defer release()
	heard, begun := false, time.Now()
	var read []byte
	for {
		timeout := int(lookEvery / time.Millisecond)
		if heard {
			timeout = -1
		}
		fds := []unix.PollFd{fdio.For(fd, unix.POLLIN), fdio.For(wake.R, unix.POLLIN)}
		if _, err := fdio.Wait(fds, timeout); err != nil {
			return err
		}
		var buf [4096]byte
		n, err := fdio.Read(fd, buf[:])
		switch {
		case n == 0 && ctx.Err() != nil: // only then: what has come says whether the code was given
			return context.Cause(ctx)
		case n == 0 && heard && err != unix.EAGAIN: // it has hung up
			return nil
		case n == 0 && !heard:
			if _, busy := flock.HeldBy(filepath.Join(dir, lockName)); !busy {
				return ErrNone
			}
			if time.Since(begun) > hearTime {
				return ErrSilent
			}
			time.Sleep(5 * time.Millisecond) // where a FIFO without a writer counts as readable
			continue
		}
		heard, read = true, append(read, buf[:n]...)
		for line, rest, ok := bytes.Cut(read, []byte("\n")); ok; line, rest, ok = bytes.Cut(read, []byte("\n")) {
			var m Message
			if json.Unmarshal(line, &m) == nil {
				hear(m)
			}
			read = rest
		}
	}
}

// Read passes on what a sign-in says to the process that has started it.
func Read(from io.Reader, hear func(Message)) {
	for decoder := json.NewDecoder(io.LimitReader(from, maxMessage*maxKept)); ; {
		var m Message
		if decoder.Decode(&m) != nil { // the end, or nothing of this program's
			return
		}
		hear(m)
	}
}
