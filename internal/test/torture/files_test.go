//go:build linux

package torture

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// user is who runs the program where root may do what others may not. It need not be in any list of users.
const user = 12345

// place is a home in which the credentials file, or something in its stead, stands as a case of the matrix says.
type place struct {
	*home
	old  []byte // the document
	file string // where its bytes really are; "" when there is no document
}

// fileCase is one line of the matrix: what is in the file's place, and what wipe says about it.
type fileCase struct {
	name    string
	root    bool // only root can prepare it
	asUser  bool // the program is run as user
	prepare func(t *testing.T, p *place)
	status  int
	says    string // part of what wipe prints
	check   func(t *testing.T, p *place)
}

var fileCases = []fileCase{
	{name: "symlink", prepare: linkTo("../dotfiles/claude.json"), says: "Removed from",
		check: isLink("../dotfiles/claude.json")},
	{name: "absolute symlink",
		prepare: func(t *testing.T, p *place) { linkTo(filepath.Join(p.dir, "elsewhere", "c.json"))(t, p) },
		says:    "Removed from"},
	{name: "chain", prepare: func(t *testing.T, p *place) {
		linkTo("../dotfiles/second")(t, p)
		final := filepath.Join(p.dir, "real.json")
		must(t, os.Rename(p.file, final))
		must(t, os.Symlink("../real.json", p.file))
		p.file = final
	}, says: "Removed from", check: isLink("../dotfiles/second")},
	{name: "dangling link", prepare: func(t *testing.T, p *place) {
		linkTo("../dotfiles/claude.json")(t, p)
		must(t, os.Remove(p.file))
		p.file = ""
	}, says: "Nothing to remove", check: func(t *testing.T, p *place) {
		isLink("../dotfiles/claude.json")(t, p)
		target := filepath.Join(p.dir, "dotfiles", "claude.json")
		if r := p.tool("set", "count", "1"); r.status != 0 || string(read(target)) != `{"count":1}` {
			t.Errorf("set through a dangling link: %s", r)
		}
		isLink("../dotfiles/claude.json")(t, p)
	}},
	{name: "link loop", prepare: func(t *testing.T, p *place) {
		must(t, os.Remove(p.credentials()))
		must(t, os.Symlink(".credentials.json", p.credentials()))
		p.file = ""
	}, status: 1, says: "too many levels of symbolic links"},
	{name: "directory", prepare: instead(func(path string) error { return os.Mkdir(path, 0o700) }), status: 1,
		says: "directory"},
	{name: "fifo", prepare: instead(func(path string) error { return unix.Mkfifo(path, 0o600) }), status: 1,
		says: "named pipe"},
	{name: "socket", prepare: instead(func(path string) error { return unix.Mknod(path, unix.S_IFSOCK|0o600, 0) }),
		status: 1, says: "socket"},
	{name: "device", root: true,
		prepare: instead(func(path string) error { return unix.Mknod(path, unix.S_IFCHR|0o600, int(unix.Mkdev(1, 7))) }),
		status:  1, says: "device"},
	{name: "mode 0644", prepare: chmod(0o644), says: "from 0644 to 0600", check: hasMode(0o600)},
	{name: "mode 0400", prepare: chmod(0o400), says: "Removed from", check: hasMode(0o600)},
	{name: "mode 0000", root: true, asUser: true, prepare: chmod(0), status: 1, says: "permission denied"},
	{name: "somebody else's file", root: true, asUser: true, prepare: func(t *testing.T, p *place) {
		must(t, os.Chmod(p.file, 0o644))
		must(t, os.Chown(p.file, user+1, user+1))
	}, status: 1, says: "it belongs to user 12346"},
	{name: "immutable", root: true, prepare: func(t *testing.T, p *place) {
		if out, err := exec.Command("chattr", "+i", p.file).CombinedOutput(); err != nil {
			t.Skipf("no immutable files here: %s", out)
		}
		t.Cleanup(func() { _ = exec.Command("chattr", "-i", p.file).Run() })
	}, status: 1, says: "not permitted"},
	{name: "read-only directory", root: true, asUser: true, prepare: func(t *testing.T, p *place) {
		must(t, os.Chmod(p.config(), 0o500))
	}, status: 1, says: "permission denied"},
	{name: "read-only mount", root: true, prepare: func(t *testing.T, p *place) {
		tmpfs(t, p, "size=1m")
		must(t, unix.Mount("", p.config(), "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	}, status: 5, says: "read-only file system, mounted at "},
	{name: "directory is a mount", root: true, prepare: func(t *testing.T, p *place) { tmpfs(t, p, "size=1m") },
		says: "Removed from"},
	{name: "file is a mount", root: true, prepare: func(t *testing.T, p *place) { bind(t, p.file, p.file) },
		says: "Removed from", check: isSameFile},
	{name: "file is a mount of another file system", root: true, prepare: func(t *testing.T, p *place) {
		bind(t, p.onSmallDisk(t), p.file)
	}, says: "Removed from", check: isSameFile},
	{name: "file is a mount of an overlay", root: true, prepare: func(t *testing.T, p *place) {
		bind(t, p.onOverlay(t), p.file)
	}, says: "Removed from", check: isSameFile},
	{name: "file is a mount of a full disk", root: true, prepare: func(t *testing.T, p *place) {
		source := p.onSmallDisk(t)
		fill(t, filepath.Dir(source))
		bind(t, source, p.file)
	}, says: "Removed from", check: func(t *testing.T, p *place) {
		// Nothing can be added there.
		r := p.tool("set", "count", strings.Repeat("x", 8192))
		if r.status != 1 || !strings.Contains(r.err, "no space left") {
			t.Errorf("set: %s", r)
		}
	}},
	{name: "link to a file that is a mount", root: true, prepare: func(t *testing.T, p *place) {
		linkTo("../dotfiles/claude.json")(t, p)
		bind(t, p.file, p.file)
	}, says: "Removed from", check: isLink("../dotfiles/claude.json")},
	{name: "file is a mount of somebody else's", root: true, asUser: true, prepare: func(t *testing.T, p *place) {
		must(t, os.Chmod(p.file, 0o666))
		must(t, os.Chown(p.file, user+1, user+1))
		bind(t, p.file, p.file)
	}, says: "Removed from", check: hasMode(0o666)},
	{name: "file is a mount that this user may only read", root: true, asUser: true,
		prepare: func(t *testing.T, p *place) {
			must(t, os.Chmod(p.file, 0o444))
			must(t, os.Chown(p.file, user+1, user+1))
			bind(t, p.file, p.file)
		}, status: 1, says: "permission denied"},
	{name: "file is a read-only mount", root: true, prepare: func(t *testing.T, p *place) {
		bind(t, p.file, p.file)
		must(t, unix.Mount("", p.file, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""))
	}, status: 5, says: ".credentials.json is mounted read-only"},
	{name: "full disk", root: true, prepare: func(t *testing.T, p *place) {
		tmpfs(t, p, "size=64k")
		fill(t, p.config())
	}, status: 1, says: "no space left"},
	{name: "no inode left", root: true,
		prepare: func(t *testing.T, p *place) { tmpfs(t, p, "size=1m,nr_inodes=2") }, status: 1, says: "no space left"},
	{name: "full disk for the state", root: true, prepare: func(t *testing.T, p *place) {
		must(t, os.MkdirAll(p.state(), 0o700))
		mount(t, p.state(), "size=64k")
		fill(t, p.state())
	}, says: "no space left", check: func(t *testing.T, p *place) {
		if kept, err := filepath.Glob(filepath.Join(p.config(), ".claude-auth-backups", "*.json")); len(kept) != 1 {
			t.Errorf("the backups are %q, %v", kept, err)
		}
	}},
	{name: "missing directory", prepare: func(t *testing.T, p *place) {
		must(t, os.RemoveAll(p.config()))
		p.file = ""
	}, says: "Nothing to remove"},
}

func instead(make func(string) error) func(*testing.T, *place) {
	return func(t *testing.T, p *place) {
		must(t, os.Remove(p.file))
		must(t, make(p.file))
		p.file = ""
	}
}

func linkTo(target string) func(*testing.T, *place) {
	return func(t *testing.T, p *place) {
		real := target
		if !filepath.IsAbs(real) {
			real = filepath.Join(p.config(), target)
		}
		must(t, os.MkdirAll(filepath.Dir(real), 0o700))
		must(t, os.Rename(p.file, real))
		must(t, os.Symlink(target, p.credentials()))
		p.file = real
	}
}

func isLink(target string) func(*testing.T, *place) {
	return func(t *testing.T, p *place) {
		if got, err := os.Readlink(p.credentials()); got != target {
			t.Errorf("the link is not kept: %q, %v", got, err)
		}
	}
}

func chmod(mode os.FileMode) func(*testing.T, *place) {
	return func(t *testing.T, p *place) { must(t, os.Chmod(p.file, mode)) }
}

func hasMode(mode os.FileMode) func(*testing.T, *place) {
	return func(t *testing.T, p *place) {
		if info, err := os.Stat(p.credentials()); err != nil || info.Mode() != mode {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
}

// tmpfs puts a small file system with the document in it in the place of the client's directory.
func tmpfs(t *testing.T, p *place, options string) {
	mount(t, p.config(), options)
	must(t, os.WriteFile(p.credentials(), p.old, 0o600))
}

func mount(t *testing.T, dir, options string) {
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options+",mode=700"); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	unmountAfter(t, dir)
}

// bind mounts one file over another.
func bind(t *testing.T, source, file string) {
	t.Helper()
	if err := unix.Mount(source, file, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("nothing can be mounted here: %v", err)
	}
	unmountAfter(t, file)
}

func unmountAfter(t *testing.T, path string) {
	t.Cleanup(func() {
		if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", path, err)
		}
	})
}

// onSmallDisk is a file with the document on a file system of 64 KiB.
func (p *place) onSmallDisk(t *testing.T) string {
	disk := filepath.Join(p.root, "disk")
	must(t, os.Mkdir(disk, 0o700))
	mount(t, disk, "size=64k")
	return p.copyTo(t, disk)
}

// onOverlay is a file with the document on an overlay, as a container has them.
func (p *place) onOverlay(t *testing.T) string {
	disk := filepath.Join(p.root, "disk") // an overlay cannot be on one
	must(t, os.Mkdir(disk, 0o700))
	mount(t, disk, "size=1m")
	at := func(name string) string { return filepath.Join(disk, name) }
	for _, name := range []string{"lower", "upper", "work", "both"} {
		must(t, os.Mkdir(at(name), 0o700))
	}
	p.copyTo(t, at("lower"))
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", at("lower"), at("upper"), at("work"))
	if err := unix.Mount("overlay", at("both"), "overlay", 0, options); err != nil {
		t.Skipf("no overlay can be mounted here: %v", err)
	}
	unmountAfter(t, at("both"))
	return filepath.Join(at("both"), "kept.json")
}

func (p *place) copyTo(t *testing.T, dir string) string {
	path := filepath.Join(dir, "kept.json")
	must(t, os.WriteFile(path, p.old, 0o600))
	return path
}

// isSameFile checks that nothing has taken the place of a mount, and that nothing is left beside it.
func isSameFile(t *testing.T, p *place) {
	if !atomicfile.IsMountPoint(p.file) {
		t.Error("the file is no mount point any more")
	}
	entries, err := os.ReadDir(p.config())
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

func fill(t *testing.T, dir string) {
	file, err := os.Create(filepath.Join(dir, "filler"))
	must(t, err)
	defer file.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
}

// TestFiles goes through the matrix: each is told in words, with its exit status, and nothing is lost.
func TestFiles(t *testing.T) {
	for _, c := range fileCases {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("only root can prepare this")
			}
			p := newPlace(t)
			c.prepare(t, p)
			if c.asUser {
				p.giveTo(t, user)
			}
			c.run(t, p)
		})
	}
}

func newPlace(t *testing.T) *place {
	p := &place{home: newHome(t, t.TempDir())}
	p.old, p.file = p.fixture(t, "stale"), p.credentials()
	return p
}

// giveTo makes user the owner of the home, but for what has another owner already, and of the processes.
func (p *place) giveTo(t *testing.T, uid uint32) {
	for dir := p.root; dir != os.TempDir(); dir = filepath.Dir(dir) {
		must(t, os.Chmod(dir, 0o755))
	}
	out, err := exec.Command("chown", "-Rh", "--from=0", fmt.Sprint(uid), p.root).CombinedOutput()
	if err != nil {
		t.Fatalf("chown: %s", out)
	}
	p.uid = uid
}

func (c fileCase) run(t *testing.T, p *place) {
	before := p.tool("status")
	if before.hung || before.status == 2 || before.status < 0 {
		t.Errorf("status: %s", before)
	}
	stamp := modTime(p.file)
	r := p.tool("wipe")
	if r.status != c.status || !strings.Contains(r.out+r.err, c.says) || told(r, point{}) != nil {
		t.Errorf("wipe, want status %d and %q: %s", c.status, c.says, r)
	}
	t.Logf("status: %s\nwipe: %s", before, r)
	if r.status != 0 && !strings.Contains(r.err, "\n") {
		t.Errorf("no line of its own")
	}
	if c.check != nil {
		c.check(t, p)
	}
	if p.file == "" {
		return
	}
	if r.status != 0 {
		if !bytes.Equal(read(p.file), p.old) || modTime(p.file) != stamp {
			t.Errorf("a refusal has changed the file")
		}
		return
	}
	if r := p.tool("undo"); r.status != 0 || !bytes.Equal(read(p.file), p.old) {
		t.Errorf("undo does not bring the document back: %s", r)
	}
}

func modTime(path string) syscall.Timespec {
	var stat syscall.Stat_t
	if syscall.Lstat(path, &stat) != nil {
		return syscall.Timespec{}
	}
	return stat.Mtim
}

// TestNames: paths with anything in them that a file system takes. What is printed of them does nothing to a terminal.
func TestNames(t *testing.T) {
	for _, name := range []string{
		"with space", "new\nline", `quo'te"s`, "$(id)`id`;&|", "-dash", strings.Repeat("n", 255), "not\xff\xfeUTF-8",
		"\x1b]0;title\a\x1b[2J", "läng ✓", "back\\slash", "*?[",
	} {
		t.Run(fmt.Sprintf("%.12q", name), func(t *testing.T) {
			p := newPlace(t)
			dir := filepath.Join(p.dir, name)
			must(t, os.Mkdir(dir, 0o700))
			file := filepath.Join(dir, ".credentials.json")
			must(t, os.WriteFile(file, p.old, 0o600))
			p.env = append(p.env, "CLAUDE_CONFIG_DIR="+dir)
			p.cycle(t, file, nil, [][]string{{"wipe"}, {"undo"}})
			p.cycle(t, file, nil, [][]string{{"set", "count", "1"}, {"unset", "count"}})
			for _, args := range [][]string{{"status"}, {"doctor"}, {"backups"}, {"history"}, {"why"}, {"show"}} {
				if r := p.tool(args...); r.hung || strings.ContainsAny(r.out+r.err, "\x1b\a") {
					t.Errorf("%v: %s", args, r)
				}
			}
			// The same as the file's own name, with --file.
			if len(name) > 250 {
				return
			}
			file = filepath.Join(p.dir, "x", name+".json")
			must(t, os.Mkdir(filepath.Dir(file), 0o700))
			must(t, os.WriteFile(file, p.old, 0o600))
			p.cycle(t, file, []string{"--file", file}, [][]string{{"wipe"}, {"undo"}})
		})
	}
}

// cycle runs commands after which the document is to be what it was.
func (p *place) cycle(t *testing.T, file string, flags []string, commands [][]string) {
	t.Helper()
	for _, args := range commands {
		r := p.tool(append(slices.Clip(flags), args...)...)
		if r.status != 0 || strings.ContainsAny(r.out+r.err, "\x1b\a") {
			t.Errorf("%v: %s", args, r)
		}
	}
	if !bytes.Equal(read(file), p.old) {
		t.Errorf("after %v the document is not what it was: %d bytes", commands, len(read(file)))
	}
}

// TestHomes: a home that is missing, or not named at all.
func TestHomes(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none", "of", "these") // root may make it, and it goes with the test
	for name, env := range map[string]string{"missing": "HOME=" + missing, "unset": "HOME=", "relative": "HOME=home"} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			commands := [][]string{{"status"}, {"wipe"}, {"undo"}, {"set", "count", "1"}, {"history"}, {"doctor"}, {"why"}}
			for _, args := range commands {
				r := p.runWith([]string{env}, "claude-auth", args...)
				mayBeSilent := args[0] == "status" || args[0] == "doctor"
				if r.hung || r.status == 2 || r.status < 0 || r.status > 128 || told(r, point{}) != nil && !mayBeSilent {
					t.Errorf("%v: %s", args, r)
				}
			}
			if !bytes.Equal(read(p.file), p.old) {
				t.Error("the document of another home was changed")
			}
		})
	}
}

// TestLocksAsOnNFS: without extended attributes, without renameat2's flags, and with flock failing, edits work as
// before.
func TestLocksAsOnNFS(t *testing.T) {
	traced(t, "wipe", func(t *testing.T, p *place) {
		if r := p.nfs("wipe"); r.status != 0 {
			t.Errorf("wipe: %s", r)
		}
		if err := litter(p.dir); err != nil {
			t.Error(err)
		}
		if r := p.nfs("undo"); r.status != 0 || !bytes.Equal(read(p.file), p.old) {
			t.Errorf("undo: %s", r)
		}
	})
}

// nfs runs the program as on a file system that has none of these.
func (p *place) nfs(args ...string) result {
	strace := []string{"-f", "-o", "/dev/null", "-e", "trace=setxattr,renameat2,flock", "-e", "signal=none",
		"-e", "inject=setxattr,lsetxattr:error=EOPNOTSUPP", "-e", "inject=renameat2:error=EINVAL", "-e",
		"inject=flock:error=ENOLCK",
		filepath.Join(programs, "claude-auth")}
	return p.straced(append(strace, args...)...)
}
