package cmd

import (
	"context"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// usesKeychain reports whether the login may be in a keychain.
func (p *program) usesKeychain() bool {
	_, keychain := p.store().(*credentials.KeychainStore)
	return keychain
}

// versionOnPath is the version of the client on PATH, 0 when it does not say.
func (p *program) versionOnPath() claude.Version {
	path, err := paths.FindClient(p.env)
	if err != nil {
		return 0
	}
	said, err := p.clientVersion(context.Background(), path)
	if err != nil {
		return 0
	}
	version, _ := claude.ParseVersion(strings.TrimSpace(said)) // 0 for no version
	return version
}
