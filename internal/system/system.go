// Package system says what is different on macOS, in a container and in WSL. Everything in the program that depends on
// the operating system asks here, except what the compiler chooses by a file's name (terminals) and the scheduler,
// which goes by Go's name for the system. docs/macos.md lists all of it, with what has never been run on a Mac.
package system

import "runtime"

// SecurityTool is the program of macOS through which Claude Code, and this program, use the keychain.
const SecurityTool = "/usr/bin/security"

// System is an operating system. Tests make their own, to run the code for macOS elsewhere.
type System struct {
	Name     string // Go's name for it
	Security string // the program for the keychain; "" where Claude Code keeps its login in the file alone
	Root     string // the directory in which Container and WSL look for the system's files; "" for /
}

// Here is the system that this program runs on.
func Here() System {
	s := System{Name: runtime.GOOS}
	if s.MacOS() {
		s.Security = SecurityTool
	}
	return s
}

// MacOS reports whether the system is macOS.
func (s System) MacOS() bool { return s.Name == "darwin" }

// HasKeychain reports whether Claude Code keeps its login in a keychain.
func (s System) HasKeychain() bool { return s.Security != "" }

// HasDesktop reports whether a process with these variables can show a window. On macOS no variable names a desktop,
// and only a session over ssh has none.
func (s System) HasDesktop(variable func(name string) string) bool {
	if s.MacOS() {
		return variable("SSH_CONNECTION") == ""
	}
	return variable("DISPLAY") != "" || variable("WAYLAND_DISPLAY") != ""
}
