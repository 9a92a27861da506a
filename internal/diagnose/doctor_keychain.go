package diagnose

import (
	"cmp"
	"context"
	"strings"

	"github.com/claude-auth/claude-auth/internal/ui"
)

// keychain checks the item of the keychain, and what else could be taken for it.
func (d *Doctor) keychain(ctx context.Context) Finding {
	if d.Keychain == nil {
		return fine("not used: Claude Code saves its login in a file")
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
	case v.Err != nil && v.InFile:
		return note(ui.HintOf(v.Err), "%v, so Claude Code uses %s", v.Err, v.File)
	case v.Err != nil:
		return wrong(v.Err.Error(), expected, cmp.Or(ui.HintOf(v.Err), "run 'claude-auth recover'"))
	case v.Copies > 1:
		return wrong(name+" is in more than one keychain, and Claude Code uses the first", expected,
			"run 'security delete-generic-password -a "+v.Account+" -s \""+v.Item+"\" KEYCHAIN' for each other keychain")
	case v.Partial:
		return note("sign in again to the MCP servers that ask for it",
			"some MCP logins are missing: a part of the %s is gone", name)
	case v.Uses && v.InFile && !v.SameFile:
		return note("run 'claude-auth --file "+inShell(v.File)+" wipe' if you don't need that login",
			"%s has another login; Claude Code uses it only if it can't read the %s", v.File, name)
	case v.Uses && v.InFile:
		return note("", "%s has a copy of the login in the %s, and is not updated", v.File, name)
	case !v.Exists && len(v.Accounts) > 0:
		return note("run 'claude-auth login' to sign in again, or set USER as it was at the sign-in",
			"the %s is of another macOS account (%s); Claude Code looks for that of %s", name, strings.Join(v.Accounts, ", "),
			v.Account)
	case len(v.Services) > 0:
		return fine("%s; other directories have %s", name, strings.Join(v.Services, ", "))
	case !v.Exists:
		return fine("no login is saved in it")
	}
	return fine("%s of account %s", name, v.Account)
}
