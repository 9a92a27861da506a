// Security is the stand-in for macOS's program, as a program of its own.
package main

import (
	"os"

	"github.com/claude-auth/claude-auth/internal/test/keychain"
)

func main() {
	security := keychain.Security{
		Dir: os.Getenv(keychain.EnvDir), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}
	os.Exit(security.Main(os.Args[1:]))
}
