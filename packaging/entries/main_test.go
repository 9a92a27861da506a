package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// program is a script in the place of the program. It says how it was called, and ends with status 4, or with 5 at
// SIGTERM.
func program(platform string) string {
	return "#!/bin/sh\necho " + platform + ` "$@"
[ "$1" != wait ] || { sleep 300 & trap 'kill $!; exit 5' TERM; echo ready; wait; }
exit 4
`
}

// newDist makes the archives and the checksums of a release whose program is a script.
func newDist(t *testing.T) string {
	t.Helper()
	dist, sums := t.TempDir(), ""
	for _, platform := range platforms {
		path := filepath.Join(dist, release{Version: "1.2.3-pre"}.Archive(platform))
		if err := pack(path, "claude-auth_1.2.3-pre_"+platform, program(platform)); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256(text), filepath.Base(path))
	}
	sums += strings.Repeat("0", 64) + "  claude-auth_1.2.3-pre_linux_amd64.deb\n"
	if err := os.WriteFile(filepath.Join(dist, "checksums.txt"), []byte(sums), 0o600); err != nil {
		t.Fatal(err)
	}
	return dist
}

func pack(path, top, program string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	zipped := gzip.NewWriter(file)
	archive := tar.NewWriter(zipped)
	for name, text := range map[string]string{
		"bin/claude-auth": program, "share/doc/claude-auth/LICENSE": "MIT", "share/doc/claude-auth/README.md": "Read",
	} {
		header := tar.Header{Name: top + "/" + name, Mode: 0o755, Size: int64(len(text)), Typeflag: tar.TypeReg}
		if err := archive.WriteHeader(&header); err != nil {
			return err
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), zipped.Close(), file.Close())
}

func made(t *testing.T) (dist string, r release) {
	t.Helper()
	dist = newDist(t)
	if err := entries(dist); err != nil {
		t.Fatal(err)
	}
	r, err := readRelease(filepath.Join(dist, "checksums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return dist, r
}

// Each entry that names checksums has those of this build, and nothing is left to fill in.
func TestEntriesHaveTheChecksums(t *testing.T) {
	dist, r := made(t)
	for _, name := range []string{"homebrew/claude-auth.rb", "nix/flake.nix", "aur/PKGBUILD", "aur/.SRCINFO"} {
		text, err := os.ReadFile(filepath.Join(dist, "entries", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, platform := range platforms {
			if strings.HasPrefix(name, "aur/") && strings.HasPrefix(platform, "darwin") {
				continue
			}
			sri, err := r.SRI(platform)
			if err != nil {
				t.Fatal(err)
			}
			url := strings.Index(string(text), r.URL(platform))
			rest := string(text)[max(url, 0):]
			if url < 0 || !strings.Contains(rest, r.Hex(platform)) && !strings.Contains(rest, sri) {
				t.Errorf("%s lacks the address or the checksum for %s", name, platform)
			}
		}
		if strings.Contains(string(text), "<%") {
			t.Errorf("%s is not filled in", name)
		}
	}
}

func TestReleaseMustBeWhole(t *testing.T) {
	dist := newDist(t)
	name := filepath.Join(dist, "checksums.txt")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	for want, sums := range map[string]string{
		"no archive for darwin_amd64": rest,
		"of the versions":             string(text) + strings.Repeat("0", 64) + "  claude-auth_9.9_linux_arm64.tar.gz\n",
	} {
		if err := os.WriteFile(name, []byte(sums), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := entries(dist); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// makepkg calls package() of the PKGBUILD with the unpacked archive in $srcdir.
func TestPackageOfPKGBUILD(t *testing.T) {
	tools.Need(t, "bash", "tar")
	dist, _ := made(t)
	const build = `set -eu
		cd "$1" && mkdir src pkg && tar -xzf claude-auth_*_linux_amd64.tar.gz -C src
		srcdir=$PWD/src pkgdir=$PWD/pkg
		. entries/aur/PKGBUILD
		case $pkgver in *-*) echo "a dash in pkgver: $pkgver"; exit 1;; esac
		package
		[ -x pkg/usr/bin/claude-auth ] && [ -f "pkg/usr/share/licenses/$pkgname/LICENSE" ]`
	if out, err := exec.Command("bash", "-c", build, "bash", dist).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// npm installs the packages, without a network, and the command runs the program with its arguments and its status.
func TestPackagesOfNPM(t *testing.T) {
	tools.Need(t, "npm", "node")
	dist, _ := made(t)
	const install = `set -eu
		cd "$1" && mkdir home && export HOME="$PWD/home" npm_config_update_notifier=false
		npm=$PWD/entries/npm
		platform=$(node -p 'process.platform + "-" + process.arch')
		cd home && npm install --offline --no-audit --no-fund --install-links --omit=optional "$npm/claude-auth" >&2
		! node_modules/.bin/claude-auth 2>without || exit 1
		grep -q 'npm has not installed @claude-auth/' without
		npm install --offline --no-audit --no-fund --install-links --omit=optional "$npm/$platform" >&2
		node_modules/.bin/claude-auth status 'two words' && exit 1
		echo "status $?"
		node_modules/.bin/claude-auth wait >ready & pid=$!
		tries=0
		until grep -q ready ready; do tries=$((tries + 1)); [ $tries -lt 600 ] || exit 1; sleep 0.1; done
		kill $pid
		wait $pid || [ $? = 5 ]
		[ -s node_modules/claude-auth/README.md ] && [ -s node_modules/claude-auth/LICENSE ]`
	var errors strings.Builder
	command := exec.Command("sh", "-c", install, "sh", dist)
	command.Stderr = &errors
	out, err := command.Output()
	if err != nil || !strings.HasSuffix(string(out), " status two words\nstatus 4\n") {
		t.Errorf("%v: %s\n%s", err, out, errors.String())
	}
	for _, name := range []string{"claude-auth", "linux-x64", "darwin-arm64"} {
		text, err := os.ReadFile(filepath.Join(dist, "entries/npm", name, "package.json"))
		if err != nil || !json.Valid(text) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
