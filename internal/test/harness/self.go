package harness

import (
	"errors"
	"io"
	"os"
)

// CopySelf copies the program that runs, a test, to a new executable file. A test that stands for several programs
// needs a copy for each.
func CopySelf(to string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return CopyProgram(self, to)
}

// CopyProgram copies the program from to a new executable file.
func CopyProgram(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
