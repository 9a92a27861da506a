package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Lines of /proc/self/mountinfo, as seen in containers and elsewhere.
const (
	plainRoot = "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
	// layers is the root of Docker with its driver overlay2.
	layers = "620 530 0:51 / / rw,relatime master:261 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB:" +
		"/var/lib/docker/overlay2/l/CD,upperdir=/var/lib/docker/overlay2/0a/diff,workdir=/var/lib/docker/overlay2/0a/work\n"
	podmanLayers = "620 530 0:51 / / rw,relatime - overlay overlay rw,lowerdir=/x/containers/storage/overlay/l/AB," +
		"upperdir=/x/containers/storage/overlay/0a1b/diff,workdir=/x/containers/storage/overlay/0a1b/work\n"
	liveRoot = "22 1 0:20 / / rw,relatime - overlay overlay rw,lowerdir=/rofs,upperdir=/cow/upper,workdir=/cow/work\n"
)

var id = strings.Repeat("0f", 32)

// ownPID are namespaces of which one is not the kernel's first.
var ownPID = map[string]string{"pid": "pid:[4026532281]"}

var containers = []struct {
	name  string
	files map[string]string
	ns    map[string]string // those that differ from the initial ones
	env   map[string]string
	want  string
}{
	{name: "a plain machine", files: map[string]string{"/proc/self/mountinfo": plainRoot}},
	{name: "nothing is known", files: map[string]string{}},
	{
		name:  "a machine that runs Docker",
		files: map[string]string{"/proc/self/mountinfo": plainRoot, "/proc/self/cgroup": "0::/system.slice/docker.service\n"},
		ns:    ownPID,
	},
	{
		name:  "a machine that runs LXC containers",
		files: map[string]string{"/proc/self/mountinfo": plainRoot, "/proc/self/cgroup": "0::/lxc.monitor.one\n"},
		ns:    ownPID,
	},
	{
		name:  "a virtual machine that was made of an image",
		files: map[string]string{"/.dockerenv": "", "/proc/self/mountinfo": plainRoot, "/proc/self/cgroup": "0::/\n"},
	},
	{
		name:  "a variable on a plain machine",
		files: map[string]string{"/proc/self/mountinfo": plainRoot},
		env:   map[string]string{"REMOTE_CONTAINERS": "true", "container": "docker"},
	},
	{
		name:  "a variable with a name of the user's",
		files: map[string]string{"/proc/self/mountinfo": plainRoot}, ns: ownPID,
		env: map[string]string{"container": "shipping", "CODESPACES": "false"},
	},
	{name: "a live system, whose root is an overlay", files: map[string]string{"/proc/self/mountinfo": liveRoot}},
	{
		name: "a distribution of WSL that was made of an image",
		files: map[string]string{
			"/.dockerenv": "", "/proc/self/mountinfo": plainRoot,
			"/proc/sys/kernel/osrelease": "5.15.153.1-microsoft-standard-WSL2\n",
		},
		ns: ownPID,
	},
	{
		name: "Docker", files: map[string]string{"/.dockerenv": "", "/proc/self/mountinfo": layers}, ns: ownPID,
		want: "a Docker container",
	},
	{
		name:  "Docker with the namespaces of the host",
		files: map[string]string{"/.dockerenv": "", "/proc/self/mountinfo": layers}, want: "a Docker container",
	},
	{
		name:  "Docker with another driver",
		files: map[string]string{"/.dockerenv": "", "/proc/self/mountinfo": plainRoot}, ns: ownPID,
		want: "a Docker container",
	},
	{
		name:  "Docker without its file, by the layers",
		files: map[string]string{"/proc/self/mountinfo": layers}, ns: ownPID, want: "a Docker container",
	},
	{
		name:  "Docker without its file, by the control group",
		files: map[string]string{"/proc/self/cgroup": "4:memory:/docker/" + id + "\n"}, ns: ownPID,
		want: "a Docker container",
	},
	{
		name: "Docker on the kernel of WSL",
		files: map[string]string{
			"/.dockerenv": "", "/proc/self/mountinfo": layers,
			"/proc/sys/kernel/osrelease": "5.15.153.1-microsoft-standard-WSL2\n",
		},
		ns: ownPID, want: "a Docker container",
	},
	{
		name:  "Podman",
		files: map[string]string{"/run/.containerenv": "", "/proc/self/mountinfo": podmanLayers}, ns: ownPID,
		want: "a Podman container",
	},
	{
		name: "Podman without its file", files: map[string]string{"/proc/self/mountinfo": podmanLayers}, ns: ownPID,
		want: "a Podman container",
	},
	{
		name:  "Kubernetes",
		files: map[string]string{"/proc/self/cgroup": "0::/kubepods.slice/pod1.slice/cri-containerd-" + id + ".scope\n"},
		ns:    ownPID, want: "a Kubernetes container",
	},
	{
		name:  "systemd-nspawn",
		files: map[string]string{"/run/systemd/container": "systemd-nspawn\n", "/proc/self/mountinfo": plainRoot}, ns: ownPID,
		want: "a container of systemd-nspawn",
	},
	{
		name: "LXC, by the variable", files: map[string]string{"/proc/self/mountinfo": plainRoot}, ns: ownPID,
		env: map[string]string{"container": "lxc"}, want: "an LXC container",
	},
	{
		name: "VS Code", files: map[string]string{"/.dockerenv": "", "/proc/self/mountinfo": layers}, ns: ownPID,
		env: map[string]string{"REMOTE_CONTAINERS": "true"}, want: "a development container",
	},
	{
		name: "a codespace", files: map[string]string{"/.dockerenv": "", "/proc/self/mountinfo": layers}, ns: ownPID,
		env: map[string]string{"CODESPACES": "true"}, want: "a GitHub codespace",
	},
}

func TestContainer(t *testing.T) {
	for _, test := range containers {
		t.Run(test.name, func(t *testing.T) {
			s := fakeSystem(t, test.files, test.ns)
			got := s.Container(func(name string) string { return test.env[name] })
			if got.Name != test.want {
				t.Errorf("it is %q, not %q", got.Name, test.want)
			}
			s.Name = "darwin"
			if got := s.Container(func(name string) string { return test.env[name] }); got.Name != "" {
				t.Errorf("on macOS it is %q", got.Name)
			}
		})
	}
}

// fakeSystem is a system with these files. Its namespaces are the initial ones, but for ns.
func fakeSystem(t *testing.T, files, ns map[string]string) System {
	t.Helper()
	s := System{Root: t.TempDir()}
	for name, text := range files {
		path := filepath.Join(s.Root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.Root, "/proc/self/ns"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, to := range initial {
		if ns[name] != "" {
			to = ns[name]
		}
		if err := os.Symlink(to, filepath.Join(s.Root, "/proc/self/ns", name)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestOwnFile(t *testing.T) {
	mounts := layers + "640 620 259:2 /home/pat/.claude /home/node/.claude rw,relatime - ext4 /dev/sda rw\n" +
		"641 620 259:2 /x /home/node/with\\040space rw - ext4 /dev/sda rw\n" +
		"642 620 259:2 /y /home/node/a rw - ext4 /dev/sda rw\n"
	files := map[string]string{"/.dockerenv": "", "/proc/self/mountinfo": mounts}
	c := fakeSystem(t, files, ownPID).Container(func(string) string { return "" })
	for path, want := range map[string]bool{
		"/home/node":                           true,
		"/home/node/.claude.json":              true,
		"/home/node/.claude":                   false,
		"/home/node/.claude/.credentials.json": false,
		"/home/node/with space/f":              false,
		"/home/node/ab":                        true,
	} {
		if got := c.OwnFile(path); got != want {
			t.Errorf("OwnFile(%s) = %t", path, got)
		}
	}
	if !c.Created.IsZero() {
		t.Error("a directory that is not this system's root says when a container was made")
	}
}

func TestWSL(t *testing.T) {
	const kernel, entry = "/proc/sys/kernel/osrelease", "/proc/sys/fs/binfmt_misc/WSLInterop"
	const release = "5.15.153.1-microsoft-standard-WSL2\n"
	none := map[string]string{}
	for _, test := range []struct {
		name  string
		files map[string]string
		env   map[string]string
		want  WSL
	}{
		{"a plain machine", map[string]string{kernel: "6.1.0-28-amd64\n", "/proc/self/mountinfo": plainRoot}, none, WSL{}},
		{"WSL", map[string]string{kernel: release, entry: "enabled\ninterpreter /init\n"}, none, WSL{true, true}},
		{"with systemd", map[string]string{kernel: release, entry + "-late": "enabled\n"}, none, WSL{true, true}},
		{"without interop", map[string]string{kernel: release}, none, WSL{true, false}},
		{"with interop off", map[string]string{kernel: release, entry: "disabled\n"}, none, WSL{true, false}},
		{"WSL 1", map[string]string{kernel: "4.4.0-19041-Microsoft\n", entry: "enabled\n"}, none, WSL{true, true}},
		{"a kernel of the user's own", none, map[string]string{"WSL_DISTRO_NAME": "Debian"}, WSL{true, false}},
		{"Docker on WSL", map[string]string{kernel: release, "/proc/self/mountinfo": layers}, none, WSL{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := fakeSystem(t, test.files, ownPID)
			if got := s.WSL(func(name string) string { return test.env[name] }); got != test.want {
				t.Errorf("WSL() = %+v, not %+v", got, test.want)
			}
		})
	}
}

func TestUnescapeMount(t *testing.T) {
	for text, want := range map[string]string{
		`/a\040b`: "/a b", `/a\134b`: `/a\b`, `/a\`: `/a\`, `/a\9`: `/a\9`, `\011`: "\t",
	} {
		if got := unescapeMount(text); got != want {
			t.Errorf("unescapeMount(%q) = %q, not %q", text, got, want)
		}
	}
}
