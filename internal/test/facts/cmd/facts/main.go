// Facts tries everything that this program knows about the client with the versions that are named, or with the newest
// that npm has, and prints what has changed. The status is 1 when something has, unless -warn is given. `make facts`
// runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/facts"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// options is what the command line says.
type options struct {
	only    string
	warn    bool
	limit   time.Duration
	clients []string
}

func main() {
	var o options
	flag.StringVar(&o.only, "only", "", "the `suites` to run, with commas between them: client, both, renewals")
	flag.BoolVar(&o.warn, "warn", false, "only warn, and only where npm has a version that is newer than the newest known")
	flag.DurationVar(&o.limit, "limit", 3*time.Hour, "stop after this `time`")
	flag.Parse()
	o.clients = strings.Fields(strings.Join(flag.Args(), " "))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	changed, err := run(ctx, o)
	cancel()
	stop()
	switch {
	case err != nil && o.warn:
		fmt.Printf("warning: the newest client was not tried: %v\n", err)
	case err != nil:
		fmt.Fprintln(os.Stderr, "facts:", err)
		os.Exit(2)
	case changed && !o.warn:
		os.Exit(1)
	}
}

// run tries the clients one after the other.
func run(ctx context.Context, o options) (changed bool, err error) {
	if len(o.clients) == 0 {
		newest, err := realclient.Latest(ctx)
		if err != nil {
			return false, err
		}
		o.clients = []string{newest}
	}
	if v, ok := claude.ParseVersion(o.clients[0]); o.warn && ok && v <= claude.Newest {
		fmt.Printf("ok      the newest client that npm has is %s, which is known\n", v)
		return false, nil
	}
	suites := facts.Suites
	if o.only != "" {
		suites = nil
		for name := range strings.SplitSeq(o.only, ",") {
			suite, err := facts.Find(name)
			if err != nil {
				return false, err
			}
			suites = append(suites, suite)
		}
	}
	for _, client := range o.clients {
		c, err := try(ctx, client, suites, o.warn)
		if err != nil {
			return changed, err
		}
		changed = changed || c
	}
	return changed, nil
}

// try prints the table of one client.
func try(ctx context.Context, client string, suites []facts.Suite, warn bool) (changed bool, err error) {
	if _, ok := claude.ParseVersion(client); !ok {
		return false, fmt.Errorf("%q is not a version", client)
	}
	if _, err := realclient.Install(ctx, client); err != nil {
		return false, err
	}
	var all []facts.Result
	for _, suite := range suites {
		fmt.Fprintf(os.Stderr, "client %s: %s …\n", client, suite.Name)
		results, err := suite.Try(ctx, client)
		if err != nil {
			return false, errors.Join(err, ctx.Err())
		}
		all = append(all, results...)
	}
	fmt.Print(facts.Table(client, all))
	changed = slices.ContainsFunc(all, func(r facts.Result) bool { return r.State == facts.Changed })
	if changed && warn {
		fmt.Printf("warning: client %s differs from what is known; see `make facts CLIENT=%s`\n", client, client)
	}
	return changed, nil
}
