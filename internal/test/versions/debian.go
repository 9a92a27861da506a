package versions

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/shell"
)

// Releases are Debian's, from the oldest on: of each its shells are brought.
var Releases = []string{"bullseye", "bookworm", "trixie", "sid"}

// Shells are those that every release has.
var Shells = []string{"bash", "zsh", "fish"}

// needed are the packages of a root besides the shell's: what the tests call.
var needed = []string{"dash", "coreutils", "grep", "sed", "strace", "ncurses-base", "libc-bin"}

// unneeded are packages that a shell depends on and does without here. apt is told that they are installed.
var unneeded = []string{
	"bc", "bsdextrautils", "debconf", "debianutils", "dpkg", "gettext-base", "groff-base", "init-system-helpers",
	"libjs-jquery", "lynx", "man-db", "perl-base", "procps", "python3", "python3-distutils", "tar", "xsel",
}

// longestBring bounds how long Debian may take.
const longestBring = 10 * time.Minute

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// Debian returns the shell of a release, and brings it first where the cache does not have it: its packages, and those
// that they need, are unpacked in a directory. apt works on lists and a cache of its own.
func Debian(ctx context.Context, s *shell.Shell, release string) (Version, error) {
	ctx, cancel := context.WithTimeout(ctx, longestBring)
	defer cancel()
	cache, err := cacheDir()
	if err != nil {
		return Version{}, err
	}
	v := Version{Shell: s, How: "Debian " + release, root: filepath.Join(cache, s.Name+"-"+release)}
	if os.Geteuid() != 0 {
		return Version{}, fmt.Errorf("run %s of %s: only root may use chroot", s.Name, v.How)
	}
	if _, err := os.Stat(v.root); errors.Is(err, os.ErrNotExist) {
		err = bring(ctx, cache, s.Name, release, v.root)
		if err != nil {
			return Version{}, fmt.Errorf("bring %s of %s: %w", s.Name, v.How, err)
		}
	}
	return v, v.ask(ctx)
}

// cacheDir is $XDG_CACHE_HOME or ~/.cache, claude-auth-test/shells.
func cacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache for the shells: %w", err)
	}
	return filepath.Join(dir, "claude-auth-test", "shells"), nil
}

// bring fills root, which appears when it is complete.
func bring(ctx context.Context, cache, name, release, root string) error {
	work, err := os.MkdirTemp("", "claude-auth-shell-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	debs, err := download(ctx, work, release, append([]string{name}, needed...))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	part, err := os.MkdirTemp(cache, name+"-"+release+"-part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part) // nothing is there once it has its name
	if err := os.Chmod(part, 0o755); err != nil {
		return err
	}
	for _, deb := range debs {
		if err := run(ctx, "dpkg", "-x", deb, part); err != nil {
			return err
		}
	}
	if err := furnish(part); err != nil {
		return err
	}
	return os.Rename(part, root)
}

// furnish adds what Debian's base has, and no package that is brought.
func furnish(root string) error {
	for _, dir := range []string{"dev", "proc", "root", "source", "tmp", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(filepath.Join(root, "tmp"), 0o1777|os.ModeSticky); err != nil {
		return err
	}
	// From trixie on the packages have only /usr.
	for _, dir := range []string{"bin", "sbin", "lib", "lib64"} {
		err := os.Symlink("usr/"+dir, filepath.Join(root, dir))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	if err := os.Symlink("dash", filepath.Join(root, "usr/bin/sh")); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return os.WriteFile(filepath.Join(root, "etc/passwd"), []byte("root:x:0:0:root:/root:/bin/sh\n"), 0o644)
}

// download returns the packages of a release, with all that they need, as files below work.
func download(ctx context.Context, work, release string, packages []string) ([]string, error) {
	if _, err := os.Stat(keyring); err != nil {
		return nil, fmt.Errorf("find the keys of Debian's archive: %w", err)
	}
	var status strings.Builder
	for _, name := range unneeded {
		fmt.Fprintf(&status, "Package: %s\nStatus: install ok installed\nVersion: 9999\n"+
			"Architecture: all\nMulti-Arch: foreign\n\n", name)
	}
	for name, text := range map[string]string{
		"sources.list": "deb [signed-by=" + keyring + "] http://deb.debian.org/debian " + release + " main\n",
		"status":       status.String(),
	} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	for _, dir := range []string{"state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(work, dir), 0o755); err != nil {
			return nil, err
		}
	}
	options := []string{"-q"}
	for _, option := range []string{
		"Dir::State=" + work + "/state", "Dir::State::status=" + work + "/status", "Dir::Cache=" + work + "/cache",
		"Dir::Etc::sourcelist=" + work + "/sources.list", "Dir::Etc::sourceparts=/dev/null",
		"Dir::Etc::preferences=/dev/null", "Dir::Etc::preferencesparts=/dev/null", "APT::Install-Recommends=false",
		"Acquire::Languages=none", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false", "APT::Sandbox::User=root",
		"Acquire::Retries=3",
	} {
		options = append(options, "-o", option)
	}
	if err := run(ctx, "apt-get", append(options, "update", "--error-on=any")...); err != nil {
		return nil, err
	}
	install := append(append(options, "install", "-y", "--download-only"), packages...)
	if err := run(ctx, "apt-get", install...); err != nil {
		return nil, err
	}
	return filepath.Glob(work + "/cache/archives/*.deb")
}

// run runs a command, and returns what it printed as an error when it fails.
func run(ctx context.Context, name string, args ...string) error {
	command := exec.CommandContext(ctx, name, args...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
