// Entries makes what package managers need to know about a release from the archives and checksums of that very build:
// a formula for Homebrew, a PKGBUILD, a Nix flake, npm packages, and entries for the registries of aqua and mise.
//
//	go run ./packaging/entries DIST
//
// DIST has checksums.txt and the archives. The entries are written to DIST/entries. Nothing is published.
//
// goreleaser makes some of these too. It is not used for that: its formulas are deprecated, its Nix packages need
// programs of Nix, and its npm packages are not in the free version.
package main

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// plain lists the templates that are filled in once, and the files that are made of them.
var plain = map[string]string{
	"claude-auth.rb":             "homebrew/claude-auth.rb",
	"PKGBUILD":                   "aur/PKGBUILD",
	"SRCINFO":                    "aur/.SRCINFO",
	"flake.nix":                  "nix/flake.nix",
	"aqua.yaml":                  "aqua/registry.yaml",
	"mise.toml":                  "mise/claude-auth.toml",
	"npm/package.json":           "npm/claude-auth/package.json",
	"npm/claude-auth.js":         "npm/claude-auth/claude-auth.js",
	"npm/claude-auth-wrapper.js": "npm/claude-auth/claude-auth-wrapper.js",
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: entries DIST")
		os.Exit(2)
	}
	if err := entries(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "entries:", err)
		os.Exit(1)
	}
}

func entries(dist string) error {
	r, err := readRelease(filepath.Join(dist, "checksums.txt"))
	if err != nil {
		return err
	}
	out := filepath.Join(dist, "entries")
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	for name, to := range plain {
		if err := fill(name, r, filepath.Join(out, to)); err != nil {
			return err
		}
	}
	return npmPackages(dist, filepath.Join(out, "npm"), r)
}

// release is what the templates read.
type release struct {
	Version string
	sums    map[string]string // the SHA-256 of each archive, in hexadecimal, by its platform: linux_amd64
}

// archiveLine is the line of an archive in checksums.txt.
var archiveLine = regexp.MustCompile(`^([0-9a-f]{64})  claude-auth_(.+)_((?:linux|darwin)_(?:amd64|arm64))\.tar\.gz$`)

var platforms = []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"}

func readRelease(checksums string) (release, error) {
	text, err := os.ReadFile(checksums)
	if err != nil {
		return release{}, err
	}
	r := release{sums: map[string]string{}}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		match := archiveLine.FindStringSubmatch(lines.Text())
		if match == nil {
			continue // a package, or a list of modules
		}
		if r.Version != "" && r.Version != match[2] {
			return r, fmt.Errorf("%s lists archives of the versions %s and %s", checksums, r.Version, match[2])
		}
		r.Version = match[2]
		r.sums[match[3]] = match[1]
	}
	for _, platform := range platforms {
		if r.sums[platform] == "" {
			return r, fmt.Errorf("%s lists no archive for %s", checksums, platform)
		}
	}
	return r, nil
}

func (release) About() string { return "Repairs the saved login of Claude Code when it is rejected" }

func (release) Home() string { return "https://github.com/claude-auth/claude-auth" }

// Underscored is the version for makepkg, which allows no `-` in it.
func (r release) Underscored() string { return strings.ReplaceAll(r.Version, "-", "_") }

func (r release) Archive(platform string) string {
	return "claude-auth_" + r.Version + "_" + platform + ".tar.gz"
}

func (r release) URL(platform string) string {
	return r.Home() + "/releases/download/v" + r.Version + "/" + r.Archive(platform)
}

func (r release) Hex(platform string) string { return r.sums[platform] }

// SRI is the checksum in the form that Nix and npm use.
func (r release) SRI(platform string) (string, error) {
	sum, err := hex.DecodeString(r.sums[platform])
	return "sha256-" + base64.StdEncoding.EncodeToString(sum), err
}

// fill writes a template, filled in with data, to the file to.
func fill(name string, data any, to string) error {
	text, err := templates.ReadFile("templates/" + name)
	if err != nil {
		return err
	}
	// Ruby, shell, Nix, aqua and mise all give a meaning to braces.
	t, err := template.New(name).Delims("<%", "%>").Parse(string(text))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, out.Bytes(), 0o644)
}
