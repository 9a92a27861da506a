// Phrases holds the texts of clients about sign-in and rejections against the detection table, and prints those that
// nobody has judged, and the rules whose text is gone. The status is 1 when there are any. `make phrases` runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/test/facts"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	differs, err := run(ctx, strings.Fields(strings.Join(flag.Args(), " ")))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "phrases:", err)
		os.Exit(2)
	}
	if differs {
		os.Exit(1)
	}
}

func run(ctx context.Context, clients []string) (differs bool, err error) {
	if len(clients) == 0 {
		newest, err := realclient.Latest(ctx)
		if err != nil {
			return false, err
		}
		clients = []string{newest}
	}
	for _, client := range clients {
		path, err := realclient.Install(ctx, client)
		if err != nil {
			return differs, err
		}
		program, err := os.ReadFile(path)
		if err != nil {
			return differs, fmt.Errorf("read the client: %w", err)
		}
		p := facts.Compare(program, detect.Builtin(), facts.Harmless())
		fmt.Print(p.Report(client))
		differs = differs || len(p.Unknown)+len(p.Gone) > 0
	}
	return differs, nil
}
