package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// linkFile returns the absolute path of --link-file, "" without one.
func linkFile(c *cli.Context) (string, error) {
	file := c.String("link-file")
	if file == "" {
		return "", nil
	}
	whole, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("find the directory of the link file: %w", err)
	}
	return whole, nil
}

// errTried ends a write that only tries.
var errTried = errors.New("the file can be written")

// tryLinkFile returns why the link could not be written to the file, or nil.
func tryLinkFile(file string) error {
	if err := replaceLink(file, linkStart, func() error { return errTried }); !errors.Is(err, errTried) {
		return err
	}
	return nil
}

// writeLink writes the link to a file that only this user can read.
func writeLink(file, link string) error { return replaceLink(file, link, nil) }

func replaceLink(file, link string, before func() error) error {
	err := holdsNoMore(file)
	if err == nil {
		err = atomicfile.Write(file, []byte(link+"\n"), atomicfile.Options{NoFollow: true, Before: before})
	}
	if err != nil && !errors.Is(err, errTried) {
		return fmt.Errorf("cannot write the link file %s: %w", file, atomicfile.WithoutPath(err))
	}
	return err
}

// linkStart begins every link.
const linkStart = "https://"

// holdsNoMore returns an error where a file is in the place of the link file that is more than an earlier link: it
// would be overwritten, and removed at the end.
func holdsNoMore(file string) error {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("it is a symbolic link")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	text, _, err := atomicfile.ReadRegular(file, maxLink)
	if errors.As(err, new(*atomicfile.TooLargeError)) {
		err = nil
	}
	if err != nil {
		return err
	}
	line := strings.TrimSuffix(string(text), "\n")
	if !strings.HasPrefix(line, linkStart) || strings.ContainsAny(line, " \n") {
		return errors.New("it holds something else than a link")
	}
	return nil
}

// removeLinkFile removes the link file, unless it holds something else than the link that was written last.
func removeLinkFile(file, link string) {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	text, _, err := atomicfile.ReadRegular(file, maxLink)
	if err == nil && bytes.Equal(text, []byte(link+"\n")) {
		_ = os.Remove(file) // what stays does no harm
	}
}

// maxLink bounds what is read of a link file, in bytes.
const maxLink = 16 << 10
