// Package fast becomes the client for `run -- --version` and the like while the program is being initialised: most of what such a
// command adds to the client's own time is the initialisation of what it does not use. Importing it for its effect is all there
// is to do; package prompt/fast says how that works. It comes after that one, because it needs more.
package fast

import (
	"os"

	"github.com/claude-auth/claude-auth/internal/handover"
	"github.com/claude-auth/claude-auth/internal/paths"
)

func init() {
	env := paths.FromOS()
	if client, args, ok := handover.Client(os.Args, env); ok {
		// What fails here fails again in the whole program, which says so.
		_ = handover.Exec(client, append([]string{client}, args...), env.Inside(client).Environ())
	}
}
