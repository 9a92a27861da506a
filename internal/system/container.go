package system

import (
	"os"
	"regexp"
	"strings"
	"time"
)

// Container is the container that this program runs in.
type Container struct {
	Name    string    // what it is, with its article: "a Docker container"; "" outside of one
	Created time.Time // when it was made from its image; zero when that is not known
	layers  bool      // its files are on the layers of an image
	system  System
}

// Container finds out whether this is a container. Each engine leaves a mark: a file, a variable, the name of a control
// group or of the directories of an overlay.
//
// A mark alone is not enough. A virtual machine may have been made of an image, with the file /.dockerenv in it (the
// machine of this project's tests is one), and so may a distribution of WSL. A container has namespaces of its own, or
// its files are layers.
func (s System) Container(variable func(name string) string) Container {
	if s.MacOS() {
		return Container{}
	}
	c := Container{Name: s.mark(variable), system: s}
	root := s.MountOf("/")
	c.layers = root.IsLayers()
	if c.Name == "" || !c.layers && (s.hasInitialNamespaces() || s.hasKernelOfWSL()) {
		return Container{}
	}
	if c.layers && s.Root == "" {
		c.Created = Born("/")
	}
	return c
}

// OwnFile reports whether a file, or the place for one, is among the container's own files, which are removed with it:
// it is not mounted from outside.
func (c Container) OwnFile(path string) bool {
	return c.layers && c.system.MountOf(path).Point == "/"
}

// variants are the names for what the variable "container" may say: systemd and the engines set it in what they start.
var variants = map[string]string{
	"docker": "a Docker container", "podman": "a Podman container", "lxc": "an LXC container",
	"lxc-libvirt": "an LXC container", "systemd-nspawn": "a container of systemd-nspawn", "oci": "a container",
	"containerd": "a container", "flatpak": "a Flatpak sandbox", "rkt": "a container",
}

// marks are what the engines call control groups and the directories of an overlay. A service of the engine itself,
// such as docker.service, is none.
var marks = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"a Kubernetes container", regexp.MustCompile(`/kubepods[./-]`)},
	{"a Docker container", regexp.MustCompile(`/docker[/-][0-9a-f]{64}|/docker/(overlay2|containerd|rootfs)/`)},
	{"a Podman container", regexp.MustCompile(`/libpod-[0-9a-f]{64}|/containers/storage/overlay/`)},
	{"a container", regexp.MustCompile(`/(cri-containerd|crio)-[0-9a-f]{64}|/io\.containerd\.snapshotter`)},
	{"an LXC container", regexp.MustCompile(`/lxc(\.payload\.|/)[^/\n]`)},
}

// mark names the container of which a mark was found, or "". What the person works with comes before the engine.
func (s System) mark(variable func(name string) string) string {
	said := strings.TrimSpace(s.file("/run/systemd/container"))
	switch {
	case variable("CODESPACES") == "true":
		return "a GitHub codespace"
	case variable("REMOTE_CONTAINERS") == "true":
		return "a development container"
	case variable("KUBERNETES_SERVICE_HOST") != "":
		return "a Kubernetes container"
	case s.has("/run/.containerenv"):
		return "a Podman container"
	case s.has("/.dockerenv"):
		return "a Docker container"
	case variants[variable("container")] != "":
		return variants[variable("container")]
	case variants[said] != "":
		return variants[said]
	}
	text := s.file("/proc/self/cgroup") + s.MountOf("/").Options
	for _, m := range marks {
		if m.pattern.MatchString(text) {
			return m.name
		}
	}
	return ""
}

// initial are the namespaces that the kernel makes when it starts (include/linux/proc_ns.h). Every container has at
// least one other, or layers.
var initial = map[string]string{
	"pid": "pid:[4026531836]", "uts": "uts:[4026531838]", "ipc": "ipc:[4026531839]", "cgroup": "cgroup:[4026531835]",
}

// hasInitialNamespaces reports whether this process has none but the initial namespaces. Where the kernel does not say,
// it reports false.
func (s System) hasInitialNamespaces() bool {
	for name, first := range initial {
		link, err := os.Readlink(s.Root + "/proc/self/ns/" + name)
		if err != nil || link != first {
			return false
		}
	}
	return true
}
