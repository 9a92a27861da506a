// Standin is the stand-in client as a program of its own, for the torture tests and for trying it by hand.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/standin"
)

func main() { os.Exit(run()) }

func run() int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		return 1
	}
	return standin.Main(standin.Process{
		Args: os.Args[1:], Env: paths.FromOS(), Dir: dir,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now,
	})
}
