// Install-clients installs the clients that the tests run against, once, into the user's cache. `make clients` runs it.
//
// A client that cannot be installed is reported, and is an error only with CI set: elsewhere the tests against it are
// skipped, and say so.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	failed := false
	for _, version := range realclient.Versions() {
		path, err := realclient.Install(ctx, version)
		if err != nil {
			failed = true
			fmt.Fprintf(os.Stderr, "missing client %s: its tests are skipped\n%v\n", version, err)
			continue
		}
		fmt.Printf("ok      client %s: %s\n", version, path)
	}
	stop()
	if failed && os.Getenv("CI") != "" {
		os.Exit(1)
	}
}
