package diagnose

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/config"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/system"
)

// Opener is the program with which the client opens the page of a sign-in.
type Opener struct {
	Program string // "" where there is no desktop, and none is named
	From    string // the variable or the setting that names it; "" where the client chooses
	Trouble string // why it opens nothing; "" when nothing is known against it
	remedy  string // for Trouble
}

// Works reports whether a browser can be counted on.
func (o Opener) Works() bool { return o.Program != "" && o.Trouble == "" }

// wslview opens a page in the browser of Windows.
const wslview = "wslview"

// useWslview is what helps where wslview is there, and the client does not know of it.
const useWslview = "set " + claude.EnvBrowser + "=" + wslview + " in the startup file of your shell, " +
	"so that pages open in the browser of Windows"

// FindOpener finds the program that opens the page of a sign-in. setting is that of this program, or "".
func FindOpener(on system.System, env paths.Env, setting string) Opener {
	o := Opener{Program: setting, From: "the setting " + config.Browser}
	if setting == "" {
		o = Opener{Program: env.Get(claude.EnvBrowser), From: claude.EnvBrowser}
	}
	wsl := on.WSL(env.Get)
	switch {
	case o.Program != "":
		o.check(env, wsl)
	case on.MacOS():
		o = Opener{}
		if on.HasDesktop(env.Get) {
			o.Program = claude.OpenerOnMac
		}
	default:
		o = desktopOpener(env, wsl, on.HasDesktop(env.Get))
	}
	return o
}

// desktopOpener is the program that the client takes on Linux where none is named. It needs a desktop, or in WSL a way
// to Windows, which wslview registers for it.
func desktopOpener(env paths.Env, wsl system.WSL, hasDesktop bool) Opener {
	_, hasView := paths.Look(env, wslview)
	hasView = hasView && wsl.Interop
	if !hasDesktop && !wsl.Is {
		return Opener{}
	}
	o := Opener{Program: claude.Opener}
	o.check(env, wsl)
	if o.Trouble == "" && !hasDesktop && !hasView {
		o.Trouble = claude.Opener + " has no browser to open: there is no desktop, and " + noWay(env, wsl)
		o.remedy = installWslview
	}
	if o.Trouble != "" && hasView {
		o.remedy = useWslview
	}
	return o
}

const installWslview = "install wslu, and set " + claude.EnvBrowser + "=" + wslview

// noWay says why no page gets from WSL to Windows.
func noWay(env paths.Env, wsl system.WSL) string {
	if _, there := paths.Look(env, wslview); there && !wsl.Interop {
		return "this distribution cannot start programs of Windows"
	}
	return wslview + " is not installed"
}

// check finds out why the program would open nothing.
func (o *Opener) check(env paths.Env, wsl system.WSL) {
	path, found := paths.Look(env, o.Program)
	name := strings.ToLower(filepath.Base(path))
	switch {
	case !found && wsl.Is && o.From == "":
		o.Trouble, o.remedy = o.Program+" is not installed", installWslview
	case !found && o.From == "":
		o.Trouble, o.remedy = o.Program+" is not installed", "install xdg-utils"
	case !found:
		o.Trouble = o.From + " names " + o.Program + ", which is not a program"
		o.remedy = "set " + claude.EnvBrowser + " to the name of a program, without arguments"
		switch {
		case o.From == claude.EnvBrowser:
		case env.Get(paths.EnvBrowser) != "":
			o.remedy = "run 'unset " + paths.EnvBrowser + "'"
		default:
			o.remedy = "run 'claude-auth config unset " + config.Browser + "'"
		}
	case wsl.Is && !wsl.Interop && (name == wslview || strings.HasSuffix(name, ".exe")):
		o.Trouble = o.Program + " opens nothing: this distribution cannot start programs of Windows"
		o.remedy = "set enabled=true in the section [interop] of /etc/wsl.conf, then run 'wsl --shutdown' in Windows"
	}
}

// browser says with what the page of a sign-in is opened. Without a browser a sign-in works too: the link is
// opened on another machine.
func (d *Doctor) browser(context.Context) Finding {
	const without = "a sign-in prints a link for a browser on another machine"
	o := FindOpener(d.System, d.Env, d.Browser)
	_, hasView := paths.Look(d.Env, wslview)
	wsl := d.System.WSL(d.Env.Get)
	switch {
	case o.Program == "":
		return fine("none here: %s", without)
	case o.Trouble != "":
		return note(o.remedy, "%s, so %s", o.Trouble, without)
	case o.From != "":
		return fine("%s opens the page of a sign-in (%s)", o.Program, o.From)
	case wsl.Interop && hasView:
		return note(useWslview, "%s opens the page of a sign-in; in WSL %s is the safer way", o.Program, wslview)
	}
	return fine("%s opens the page of a sign-in", o.Program)
}
