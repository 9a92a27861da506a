// Fake-browser signs in at the pretend Anthropic without a person; see standin.Browser. For trying the clients by hand.
package main

import (
	"fmt"
	"os"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/test/anthropic"
)

func main() {
	if err := standin.Browser(os.Args[1:], paths.FromOS(), anthropic.Deliver, func() { select {} }); err != nil {
		fmt.Fprintln(os.Stderr, "fake-browser:", err)
		os.Exit(1)
	}
}
