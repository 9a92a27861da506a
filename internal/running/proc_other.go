//go:build !linux

package running

import "github.com/claude-auth/claude-auth/internal/paths"

// unnoted finds nothing: there is no /proc.
func unnoted(paths.Paths) []Client { return nil }
