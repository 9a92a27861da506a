// Package early prints the answer to `status` that is kept in the cache, before the rest of the program is initialised.
//
// A prompt asks for the same answer thousands of times a day, and half of what the program needs to give it goes into
// the initialisation of packages that it does not use for it: urfave/cli, regexp, crypto. A call in main would come
// after that (the figures are in docs/performance.md). Go initialises a package as soon as those that it imports are
// done, so this one, which imports little, comes first. Main imports it for that effect alone, and nothing else may.
//
// It works nothing out: where no kept answer holds, the program goes on as if this package were not there.
package early

import (
	"os"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
)

func init() {
	if !slices.Contains(os.Args, "status") {
		return
	}
	answer, ok := cache.Find(os.Args[1:], os.LookupEnv, time.Now())
	if !ok {
		return
	}
	if answer.Output != "" {
		if _, err := os.Stdout.WriteString(answer.Output); err != nil {
			return // the program fails in the same way, and says so
		}
	}
	os.Exit(answer.Status)
}
