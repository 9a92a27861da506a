// Sbom lists the Go modules that a built program is made of, with their versions and checksums, as a software bill of
// materials in the form CycloneDX 1.6 (JSON). All of it comes from what Go has written into the program.
//
//	go run ./packaging/sbom PROGRAM DOCUMENT VERSION
//
// It has neither a date nor a serial number, so that two builds of a commit give the same bytes.
package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: sbom PROGRAM DOCUMENT VERSION")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// The parts of CycloneDX that are used here.
type (
	document struct {
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Version      int          `json:"version"` // of this document
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Ref        string     `json:"bom-ref"`
		Type       string     `json:"type"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl"`
		Hashes     []hash     `json:"hashes,omitempty"`
		Licenses   []licence  `json:"licenses,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	licence struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

func run(program, to, version string) error {
	data, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	doc, err := describe(info, sha256.Sum256(data), version)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(to, append(text, '\n'), 0o644)
}

// describe makes the document of a program with the build information info and the checksum sum.
func describe(info *debug.BuildInfo, sum [sha256.Size]byte, version string) (document, error) {
	doc := document{Format: "CycloneDX", Spec: "1.6", Version: 1}
	doc.Metadata.Component = ours(info, sum, version)
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	doc.Components = []component{{
		Ref: purl("std", goVersion), Type: "library", Name: "std", Version: goVersion, PURL: purl("std", goVersion),
	}}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		c, err := library(module)
		if err != nil {
			return document{}, err
		}
		doc.Components = append(doc.Components, c)
	}
	all := dependency{Ref: doc.Metadata.Component.Ref}
	for _, c := range doc.Components {
		all.DependsOn = append(all.DependsOn, c.Ref)
	}
	doc.Dependencies = []dependency{all}
	return doc, nil
}

// ours is the program itself.
func ours(info *debug.BuildInfo, sum [sha256.Size]byte, version string) component {
	c := component{
		Ref: purl(info.Main.Path, "v"+version), Type: "application", Name: "claude-auth", Version: version,
		PURL:   purl(info.Main.Path, "v"+version),
		Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}},
	}
	var mit licence
	mit.License.ID = "MIT"
	c.Licenses = []licence{mit}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "GOOS", "GOARCH", "CGO_ENABLED", "-tags":
			c.Properties = append(c.Properties, property{"go:build:" + setting.Key, setting.Value})
		}
	}
	return c
}

// library is a module. Its checksum is the one of go.sum: the SHA-256 of the list of its files' checksums.
func library(module *debug.Module) (component, error) {
	c := component{
		Ref: purl(module.Path, module.Version), Type: "library", Name: module.Path, Version: module.Version,
		PURL: purl(module.Path, module.Version),
	}
	encoded, found := strings.CutPrefix(module.Sum, "h1:")
	if !found {
		return c, fmt.Errorf("the program names no checksum for %s", module.Path)
	}
	sum, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return c, fmt.Errorf("the checksum of %s: %w", module.Path, err)
	}
	c.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum)}}
	return c, nil
}

func purl(module, version string) string { return "pkg:golang/" + module + "@" + version }
