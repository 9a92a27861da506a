package runner

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// HideInput keeps the terminal f from showing what is typed. It is for the time before a question is asked: whoever
// answers quickly would else see the answer. restore sets the terminal as it was.
func HideInput(f *os.File) (restore func() error, err error) {
	before, err := getTermios(int(f.Fd()))
	if err != nil {
		return nil, fmt.Errorf("read the settings of the terminal: %w", err)
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	if err := setTermios(int(f.Fd()), &hidden); err != nil {
		return nil, fmt.Errorf("hide what is typed: %w", err)
	}
	return func() error { return setTermios(int(f.Fd()), before) }, nil
}
