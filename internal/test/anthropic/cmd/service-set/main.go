// Service-set changes settings of the pretend Anthropic in DIR, for trying the clients by hand:
//
//	go run ./internal/test/anthropic/cmd/service-set DIR token=401 answer=hello
//
// revoke alone makes every token worthless.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "service-set:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: service-set DIR NAME=VALUE…")
	}
	s, err := service.Open(args[0], time.Now)
	if err != nil {
		return err
	}
	for _, arg := range args[1:] {
		name, value, set := strings.Cut(arg, "=")
		switch {
		case arg == "revoke":
			err = s.Revoke()
		case set:
			err = s.Set(name, value)
		default:
			err = fmt.Errorf("%q is no NAME=VALUE", arg)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
