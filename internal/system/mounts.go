package system

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Mount is a line of the kernel's list of mounts.
type Mount struct {
	Point   string // where it is mounted
	Type    string // the file system, such as ext4 or overlay
	Options string // the file system's own options, such as the directories of an overlay
}

// IsLayers reports whether the file system is what engines of containers make of the layers of an image.
func (m Mount) IsLayers() bool {
	return m.Type == "overlay" || m.Type == "fuse-overlayfs" || m.Type == "fuse.fuse-overlayfs" || m.Type == "aufs"
}

// file reads a file of the system; "" when it cannot be read.
func (s System) file(name string) string {
	data, _ := os.ReadFile(s.Root + name)
	return string(data)
}

// has reports whether the system has a file.
func (s System) has(name string) bool {
	_, err := os.Lstat(s.Root + name)
	return err == nil
}

// MountOf returns the mount that has a path, whose links are followed. It is zero where the kernel has no list.
func (s System) MountOf(path string) (found Mount) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for line := range strings.Lines(s.file("/proc/self/mountinfo")) {
		m := readMount(line)
		below := m.Point == "/" || path == m.Point || strings.HasPrefix(path, m.Point+"/")
		if m.Point != "" && below && len(m.Point) >= len(found.Point) { // a later mount lies over an earlier one
			found = m
		}
	}
	return found
}

// readMount reads a line of /proc/self/mountinfo: see proc_pid_mountinfo(5).
func readMount(line string) Mount {
	where, what, _ := strings.Cut(line, " - ")
	place, system := strings.Fields(where), strings.Fields(what)
	if len(place) < 5 || len(system) < 2 {
		return Mount{}
	}
	return Mount{Point: unescapeMount(place[4]), Type: system[0], Options: strings.Join(system[2:], " ")}
}

// unescapeMount turns \040 and the like back into the characters they stand for.
func unescapeMount(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, `\`)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		code, err := strconv.ParseUint(rest[:min(3, len(rest))], 8, 8)
		if err != nil {
			out.WriteString(`\`)
			text = rest
			continue
		}
		out.WriteByte(byte(code))
		text = rest[3:]
	}
}
