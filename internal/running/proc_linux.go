package running

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/lock"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// The bounds of one look into /proc.
const (
	maxProcesses = 32 << 10
	maxEnviron   = 256 << 10 // bytes
)

// unnoted returns the clients that write no note, of this user and with the same credentials file. Where /proc hides
// processes (hidepid), it shows the user's own.
func unnoted(p paths.Paths) []Client {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close() // read only: nothing can be lost
	var found []Client
	for looked := 0; looked < maxProcesses; {
		names, err := proc.Readdirnames(1024)
		for _, name := range names {
			pid, err := strconv.Atoi(name)
			if err != nil || pid == os.Getpid() {
				continue
			}
			looked++
			if kind := kindOf(lock.CommandLine(pid)); kind != "" && isOurs(name, p) {
				dir, _ := os.Readlink("/proc/" + name + "/cwd") // "" when it cannot be read
				found = append(found, Client{PID: pid, Kind: kind, Dir: dir, Started: lock.ProcessOf(pid).Started})
			}
		}
		if err != nil {
			return found
		}
	}
	return found
}

// kindOf returns the kind of client that a command line starts, "" for one that notes itself, and for other programs.
func kindOf(command []string) Kind {
	if len(command) > 1 && filepath.Base(command[0]) == claude.Interpreter {
		command = command[1:]
	}
	if len(command) < 2 || filepath.Base(command[0]) != claude.Program {
		return ""
	}
	args := slices.DeleteFunc(slices.Clone(command[1:]), func(arg string) bool { return strings.HasPrefix(arg, "-") })
	switch {
	case slices.Equal(args, claude.Renewer[:]):
		return Serve
	case len(args) > 0 && slices.Contains(claude.RemoteControl[:], args[0]):
		return Remote
	}
	return ""
}

// isOurs reports whether a process is this user's, and has the same credentials file. A process in a container may have
// another file with the same path.
func isOurs(pid string, p paths.Paths) bool {
	var st unix.Stat_t
	if unix.Stat("/proc/"+pid, &st) != nil || int(st.Uid) != os.Getuid() {
		return false
	}
	its, err := paths.Resolve(paths.New(words(read("/proc/"+pid+"/environ", maxEnviron))), "")
	if err != nil || its.StorageDir != p.StorageDir {
		return false
	}
	here, err := os.Stat(p.StorageDir)
	if err != nil {
		return false
	}
	there, err := os.Stat("/proc/" + pid + "/root" + p.StorageDir)
	return err == nil && os.SameFile(here, there)
}

// read returns at most limit bytes of a file in /proc, "" when it cannot be read: the process has ended.
func read(path string, limit int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close() // read only: nothing can be lost
	text, _ := io.ReadAll(io.LimitReader(file, limit))
	return string(text)
}

// words splits what /proc shows of a process.
func words(text string) []string { return strings.Split(strings.TrimRight(text, "\x00"), "\x00") }
