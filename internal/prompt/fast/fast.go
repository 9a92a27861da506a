// Package fast answers `status --format prompt|porcelain` and `__prompt` while the program is being initialised, and ends
// the process. Importing it for its effect is all there is to do.
//
// Go initialises packages before main, each once those it imports are done, and among those that are ready the one with the
// first import path. This one imports os and little else, so that it is ready before regexp, crypto, encoding/json, urfave/cli and the
// like, none of which a prompt has to pay for. (Half of a prompt's time is what the kernel and Go's runtime need to start
// any program at all; see bench/.)
//
// It is the one place below cmd that ends the process, because the point of it is that nothing above it runs.
package fast

import (
	"os"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/prompt"
)

func init() {
	if len(os.Args) < 2 {
		return
	}
	keepFromDumps()
	out, status, ok := prompt.Answer(os.Args[1:], syscall.Getenv, time.Now())
	if !ok {
		return
	}
	if !print(out) {
		status = 1
	}
	syscall.Exit(status)
}

// print writes to standard output without os.File, which would set up polling.
func print(out []byte) bool {
	for len(out) > 0 {
		n, err := syscall.Write(1, out)
		switch {
		case err == syscall.EINTR, err == syscall.EAGAIN:
		case err != nil:
			return false
		default:
			out = out[n:]
		}
	}
	return true
}
