//go:build !linux

package runner

import "os"

func ownExecutable() (string, error) { return os.Executable() }
