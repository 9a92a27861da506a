// Serve runs the pretend Anthropic in the foreground, for trying the real client by hand:
//
//	go run ./internal/test/anthropic/cmd/serve DIR
//
// It prints the environment that the client needs, and ends with its standard input or an interrupt.
package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/anthropic"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: serve DIR")
	}
	s, err := service.Open(args[0], time.Now)
	if err != nil {
		return err
	}
	server, err := anthropic.Start(s, args[0])
	if err != nil {
		return err
	}
	for _, pair := range server.Environ() {
		fmt.Println(pair)
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	if closeErr := server.Close(); err == nil {
		err = closeErr
	}
	return err
}
