// Package versions brings versions of the shells that this machine does not have, and runs the tests of package hooks
// in each. Use it, by `make shells`, before you change the script of a hook.
//
// Debian's versions come from its registry into the user's cache, and never into the system: see debian.go. Others are
// built by hand, and found in a directory that is named.
package versions

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/shell"
)

// Version is a shell that can be run.
type Version struct {
	Shell  *shell.Shell
	Number string // what the shell says of itself: 5.2.37
	How    string // where it comes from: "Debian bullseye"
	root   string // what it is run in by chroot; "" for one that runs on this machine
	dir    string // where its program is, on this machine
}

// Built returns the shells below dir, each in NAME-VERSION/bin/NAME.
func Built(ctx context.Context, dir string) ([]Version, error) {
	var found []Version
	for _, s := range shell.All() {
		paths, err := filepath.Glob(filepath.Join(dir, s.Name+"-*", "bin", s.Name))
		if err != nil {
			return nil, fmt.Errorf("look for shells in %s: %w", dir, err)
		}
		for _, path := range paths {
			dir := filepath.Dir(path)
			// fish 3.0.0 does not know its version when it was not built in its repository.
			named := strings.TrimPrefix(filepath.Base(filepath.Dir(dir)), s.Name+"-")
			v := Version{Shell: s, Number: named, How: "by hand", dir: dir}
			if err := v.ask(ctx); err != nil {
				return nil, err
			}
			found = append(found, v)
		}
	}
	return found, nil
}

// Installed returns the shells of this machine that are not among those that every release of Debian has.
func Installed(ctx context.Context) ([]Version, error) {
	var found []Version
	for _, s := range shell.All() {
		path, err := exec.LookPath(s.Name)
		if slices.Contains(Shells, s.Name) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find %s, which .ci/tools.sh installs: %w", s.Name, err)
		}
		v := Version{Shell: s, How: "`.ci/tools.sh`", dir: filepath.Dir(path)}
		if err := v.ask(ctx); err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, nil
}

// ask sets the number that the shell says. One that says none keeps the one that it has.
func (v *Version) ask(ctx context.Context) error {
	out, err := v.command(ctx, "env", v.Shell.Name, "--version").Output()
	if err != nil {
		return fmt.Errorf("ask %s of %s for its version: %w", v.Shell.Name, v.How, err)
	}
	// GNU bash, version 5.2.15(1)-release · zsh 5.9 (x86_64-debian-linux-gnu) · fish, version 3.6.0 · xonsh/0.13.4
	for word := range strings.FieldsSeq(string(out)) {
		word = word[strings.Index(word, "/")+1:]
		if word != "" && '0' <= word[0] && word[0] <= '9' {
			v.Number, _, _ = strings.Cut(word, "(")
			return nil
		}
	}
	if v.Number == "" {
		return fmt.Errorf("%s of %s tells no version: %q", v.Shell.Name, v.How, out)
	}
	return nil
}

// enter makes what a program needs below the root $1, in mounts that end with it: devices, processes, and the current
// directory as /source. Then it becomes the program.
const enter = `root=$1; shift
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc" 2>/dev/null || mount --rbind /proc "$root/proc"
mount --bind . "$root/source"
exec chroot "$root" "$@"`

// command returns a command that runs a program where the shell is, with the shell first on PATH. A shell of Debian has
// only what its own release has: its libraries, and the programs that the tests call. There the current directory is
// /source.
func (v *Version) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	if v.root == "" {
		command := exec.CommandContext(ctx, program, args...)
		command.Env = append(os.Environ(), "PATH="+v.dir+":"+os.Getenv("PATH"))
		return command
	}
	inside := []string{
		"unshare", "-m", "sh", "-ec", enter, "sh", v.root,
		"env", "-i", "--chdir=/source", "PATH=/usr/bin:/bin", "HOME=/root", "TERM=xterm", "LC_ALL=C.UTF-8", program,
	}
	inside = append(inside, args...)
	return exec.CommandContext(ctx, inside[0], inside[1:]...)
}
