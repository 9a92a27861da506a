package recovery

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// noSignIn is ErrSignInNeeded with a text of its own.
type noSignIn struct{ error }

func (noSignIn) Is(target error) bool { return target == ErrSignInNeeded }

// checkName returns an error where Claude Code would store a new login beside the credentials file, because that has
// another name. It returns nil for the file that Claude Code uses.
func (r *Repairer) checkName() error {
	dir, name := filepath.Split(r.Paths.Credentials)
	if name == claude.CredentialsFile {
		return nil
	}
	without := "the variable " + paths.EnvFile
	if r.Paths.FileNamed {
		without = "--file"
	}
	return ui.WithHint(&refusal{
		fmt.Sprintf("cannot sign in for %s: Claude Code would save the new login in %s", r.Paths.Credentials,
			filepath.Join(dir, claude.CredentialsFile)), ErrNoHelp,
	}, "leave out "+without+": claude-auth login")
}

// CanLogin returns why a person who asks for a sign-in cannot make one here, or nil. The client needs a terminal, where
// a person can copy the link and paste the code, or a browser that it can open (2.1.165, 2.1.330).
func (r *Repairer) CanLogin() error {
	if err := r.checkName(); err != nil {
		return err
	}
	switch {
	case r.InsideClient() || r.canSignIn(true): // Login says why there is no sign-in inside the client
		return nil
	case r.Env.Get("CI") != "":
		return ui.WithHint(noSignIn{errors.New("cannot sign in: this job has no terminal and no browser")}, r.elsewhere())
	}
	return ui.WithHint(noSignIn{fmt.Errorf("cannot sign in: there is no terminal here, and no browser to open")},
		inTwoSteps("claude-auth login"))
}
