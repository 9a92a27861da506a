package diagnose

import (
	"context"
	"strings"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// keychain looks for what is wrong with a keychain, or in the way of it.
func (d *Doctor) keychain(ctx context.Context) Finding {
	if d.Keychain == nil {
		return fine("Claude Code keeps its login in a file here")
	}
	const expected = "one item that Claude Code can read"
	v := d.Keychain.Inspect(ctx)
	name := "keychain item \"" + v.Item + "\""
	switch {
	case v.IsHex():
		return wrong(v.Err.Error(), expected, ui.HintOf(v.Err)).fixedBy(func() error {
			_, err := d.Keychain.Repair(ctx)
			return err
		})
	case credentials.IsKeychainLocked(v.Err) && v.InFile:
		return note(ui.HintOf(v.Err), "%v: Claude Code uses %s until it is unlocked", v.Err, v.File)
	case v.Err != nil:
		return wrong(v.Err.Error(), expected, ui.HintOf(v.Err))
	case v.Copies > 1:
		return wrong(name+" is in more than one keychain, and Claude Code uses the first", expected,
			"run 'security delete-generic-password -a "+v.Account+" -s \""+v.Item+"\" KEYCHAIN' for the others")
	case v.Partial:
		return note("sign in again at the MCP servers that ask for it",
			"a part of the %s is gone: some MCP logins are missing", name)
	case v.Uses && v.InFile && !v.SameFile:
		return note("run 'claude-auth --file "+inShell(v.File)+" wipe' if you don't need that login",
			"%s has another login. Claude Code uses the %s, and the file only while that can't be read", v.File, name)
	case v.Uses && v.InFile:
		return note("", "%s has a copy of the login in the %s, which goes out of date", v.File, name)
	case !v.Exists && len(v.Accounts) > 0:
		return note("set USER as it was at the sign-in, or sign in again: claude-auth login",
			"the %s is of another account (%s); Claude Code looks for %s here", name, strings.Join(v.Accounts, ", "),
			v.Account)
	case len(v.Services) > 0:
		return fine("%s; other directories have %s", name, strings.Join(v.Services, ", "))
	case !v.Exists:
		return fine("no item of Claude Code")
	}
	return fine("%s of account %s", name, v.Account)
}
