// Package early prints the cached answer to `status` before the rest of the program is initialised.
//
// A prompt asks for the same answer thousands of times a day. Half of the time for it would go into the initialisation
// of packages that it does not need: urfave/cli, regexp, crypto. A call in main would come after that
// (docs/performance.md has the figures). Go initialises a package as soon as its imports are initialised, so this one,
// which imports little, comes first. Main imports it only for that effect, and no other package may import it.
//
// Without a valid answer in the cache, the program goes on as if this package did not exist.
package early

import (
	"os"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
)

// wrapper is paths.Wrapper, the name under which the program takes no commands: there the word is for Claude Code.
// Package paths would be initialised first.
const wrapper = "claude-auth-wrapper"

func init() {
	if !slices.Contains(os.Args, "status") || isWrapper(os.Args[0]) {
		return
	}
	answer, ok := cache.Find(os.Args[1:], os.LookupEnv, time.Now())
	if !ok {
		return
	}
	if answer.Output != "" {
		if _, err := os.Stdout.WriteString(answer.Output); err != nil {
			return // the program will fail in the same way, and report it
		}
	}
	os.Exit(answer.Status)
}

// isWrapper reports whether the program goes by the name wrapper. Package strings would be initialised first.
func isWrapper(path string) bool {
	dir := len(path) - len(wrapper)
	return dir >= 0 && path[dir:] == wrapper && (dir == 0 || path[dir-1] == '/')
}
