package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A platform's package has the program. npm installs the one that fits, and runs no script for it.
type platformPackage struct {
	release
	NodeOS, NodeCPU string
}

func npmPackages(dist, out string, r release) error {
	for _, platform := range platforms {
		system, cpu, _ := strings.Cut(platform, "_")
		if cpu == "amd64" {
			cpu = "x64"
		}
		dir := filepath.Join(out, system+"-"+cpu)
		p := platformPackage{release: r, NodeOS: system, NodeCPU: cpu}
		if err := fill("npm/platform.json", p, filepath.Join(dir, "package.json")); err != nil {
			return err
		}
		if err := unpack(filepath.Join(dist, r.Archive(platform)), dir); err != nil {
			return err
		}
	}
	// npm shows these of each package. The archives have the same ones for every platform.
	for _, name := range []string{"README.md", "LICENSE"} {
		text, err := os.ReadFile(filepath.Join(out, "linux-x64/share/doc/claude-auth", name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, "claude-auth", name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// unpack writes the files of an archive of ours below dir, without the archive's own directory.
func unpack(archive, dir string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close() // it was only read
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	for reader := tar.NewReader(unzipped); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		_, name, found := strings.Cut(header.Name, "/")
		if header.Typeflag != tar.TypeReg || !found {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%s has a file outside of it: %s", archive, header.Name)
		}
		if err := copyTo(filepath.Join(dir, name), reader, header.FileInfo().Mode().Perm()); err != nil {
			return err
		}
	}
}

func copyTo(name string, from io.Reader, mode os.FileMode) error {
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, mode)
}
