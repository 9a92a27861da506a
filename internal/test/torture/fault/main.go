//go:build linux && amd64

// Fault runs a program and makes one of its system calls fail, or kills it there: right before the call, or right after
// it. Reach for it when a test needs an error that no file system gives on demand, or a crash at an exact place.
//
//	fault HOME REPORT [FAULT N OPERATION] -- PROGRAM ARGS…
//
// OPERATION is a call's name and the paths below HOME that it touches, without their random parts; N counts the calls
// of the same operation. So a point is the same in every run, whichever thread reaches it. REPORT gets a line for each
// such call, and a line that begins with "hit " where the fault was. Calls of other programs that the program starts
// are not touched.
//
// A seccomp filter stops the program at these calls only.
//
// strace can inject faults too, but only at a call's entry: its SIGKILL comes before the call, its failing close leaves
// the descriptor open, which a real one does not, its short write writes nothing, and it counts per thread.
package main

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// filtered is the argument with which the tracer runs itself, to set the filter and become the program.
const filtered = "--filtered"

func init() {
	runtime.LockOSThread() // ptrace knows threads, and the filter is one thread's
}

func main() {
	args := os.Args[1:]
	if len(args) > 1 && args[0] == filtered {
		fmt.Fprintln(os.Stderr, "fault:", become(args[1:]))
		os.Exit(2)
	}
	end := slices.Index(args, "--")
	if end != 2 && end != 5 || end+1 == len(args) {
		fmt.Fprintln(os.Stderr, "usage: fault HOME REPORT [FAULT N OPERATION] -- PROGRAM ARGS…")
		os.Exit(2)
	}
	t := &tracer{home: args[0], threads: map[int]*thread{}, counts: map[string]int{}}
	if end == 5 {
		if err := t.parse(args[2], args[3], args[4]); err != nil {
			fmt.Fprintln(os.Stderr, "fault:", err)
			os.Exit(2)
		}
	}
	file, err := os.Create(args[1])
	if err == nil {
		t.report = bufio.NewWriter(file)
		err = t.run(args[end+1:])
	}
	if err == nil {
		err = t.report.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fault:", err)
		os.Exit(2)
	}
	os.Exit(t.status)
}

// tracer follows the threads of one program.
type tracer struct {
	home   string
	report *bufio.Writer

	fault  action
	target string // the operation, "" for none
	n      int    // which of them
	sticky bool   // all calls of the same name after it fail too
	stuck  string // that name, once the fault has happened

	pid     int
	started bool // the program itself runs
	threads map[int]*thread
	counts  map[string]int // by operation
	status  int            // 128 and the signal's number for one that was killed
}

// thread is the state of a thread between two stops.
type thread struct {
	begun bool   // its first stop is over
	other bool   // it runs another program
	doing action // to do at the end of the call that it is in
}

// action is a fault.
type action struct {
	kill  byte // 'b' before the call, 'a' after it
	error unix.Errno
	count int // the number of bytes to let through, or to claim; -1: as the program asked
	lost  bool
}

var nothing = action{count: -1}

// parse reads a fault: kill-before, kill-after, the name of an error, short:N (the call gets only N bytes), or lost:N
// (it gets none, and claims N). With a "+" at its end the fault is sticky.
func (t *tracer) parse(fault, n, operation string) (err error) {
	t.target, t.fault = operation, nothing
	if t.n, err = strconv.Atoi(n); err != nil {
		return err
	}
	fault, t.sticky = strings.CutSuffix(fault, "+")
	name, count, counted := strings.Cut(fault, ":")
	if counted {
		if t.fault.count, err = strconv.Atoi(count); err != nil {
			return err
		}
		t.fault.lost = name == "lost"
		return nil
	}
	switch fault {
	case "kill-before":
		t.fault.kill = 'b'
	case "kill-after":
		t.fault.kill = 'a'
	default:
		errors := map[string]unix.Errno{"EIO": unix.EIO, "EINTR": unix.EINTR, "ENOSPC": unix.ENOSPC, "EDQUOT": unix.EDQUOT,
			"EACCES": unix.EACCES, "EROFS": unix.EROFS}
		if t.fault.error = errors[fault]; t.fault.error == 0 {
			return fmt.Errorf("no such fault: %s", fault)
		}
	}
	return nil
}

// become is the program with the filter.
func become(args []string) error {
	filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}} // the call's number
	for _, call := range slices.Sorted(maps.Keys(places)) {
		filter = append(filter,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: uint32(call)},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_TRACE})
	}
	filter = append(filter, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	address := uintptr(unsafe.Pointer(&program))
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, address, 0, 0); err != nil {
		return err
	}
	return syscall.Exec(args[0], args, os.Environ())
}

// run starts the program and follows it and what it starts to their end. A tracer that is killed takes them along.
func (t *tracer) run(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(self, append([]string{filtered}, args...)...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := command.Start(); err != nil {
		return err
	}
	t.pid = command.Process.Pid
	signal.Ignore(unix.SIGCHLD) // one for each stop; a traced process is still waited for
	var status unix.WaitStatus
	if _, err := unix.Wait4(t.pid, &status, 0, nil); err != nil {
		return err
	}
	const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE |
		unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK |
		unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACESECCOMP | unix.PTRACE_O_EXITKILL
	if err := unix.PtraceSetOptions(t.pid, options); err != nil {
		return err
	}
	t.threads[t.pid] = &thread{doing: nothing, begun: true}
	if err := unix.PtraceCont(t.pid, 0); err != nil {
		return err
	}
	for {
		tid, err := unix.Wait4(-1, &status, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ECHILD: // all have ended
			return nil
		case err != nil:
			return err
		}
		if err := t.stopped(tid, status); err != nil && err != unix.ESRCH { // it was killed meanwhile: its end comes next
			return err
		}
	}
}

// stopped looks at one thread that has stopped or ended, and lets it go on.
func (t *tracer) stopped(tid int, status unix.WaitStatus) error {
	if !status.Stopped() {
		delete(t.threads, tid)
		if tid == t.pid && status.Signaled() {
			t.status = 128 + int(status.Signal())
		} else if tid == t.pid {
			t.status = status.ExitStatus()
		}
		return nil
	}
	th := t.threads[tid]
	if th == nil {
		th = &thread{doing: nothing}
		t.threads[tid] = th
	}
	first := !th.begun
	th.begun = true
	sig, event := status.StopSignal(), status.TrapCause()
	switch {
	case event == unix.PTRACE_EVENT_SECCOMP:
		atEnd, err := t.call(tid, th)
		if err == nil && atEnd {
			return unix.PtraceSyscall(tid, 0)
		}
		if err != nil {
			return err
		}
		sig = 0
	case sig == unix.SIGTRAP|0x80:
		if err := t.leave(tid, th); err != nil {
			return err
		}
		sig = 0
	case event == unix.PTRACE_EVENT_EXEC:
		// A process that another one has made belongs to that one until now.
		*th = thread{doing: nothing, begun: true, other: t.started}
		t.started = true
		sig = 0
	case sig == unix.SIGTRAP && event > 0:
		sig = 0
		if made, err := unix.PtraceGetEventMsg(tid); err == nil && th.other { // it has made another thread or process
			t.inherit(int(made))
		}
	case sig == unix.SIGSTOP && first:
		sig = 0
	}
	return unix.PtraceCont(tid, int(sig))
}

// inherit notes a thread of another program, which may have had its first stop already.
func (t *tracer) inherit(tid int) {
	if t.threads[tid] == nil {
		t.threads[tid] = &thread{doing: nothing}
	}
	t.threads[tid].other = true
}

// call is at the entry of a system call. It reports whether there is something to do at its end.
func (t *tracer) call(tid int, th *thread) (atEnd bool, err error) {
	if th.other || !t.started {
		return false, nil
	}
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(tid, &regs); err != nil {
		return false, err
	}
	operation := t.operation(tid, &regs)
	if operation == "" {
		return false, nil
	}
	t.counts[operation]++
	n := t.counts[operation]
	fmt.Fprintf(t.report, "%d %s\n", n, operation)
	name, _, _ := strings.Cut(operation, " ")
	if (operation != t.target || n != t.n) && name != t.stuck {
		return false, nil
	}
	if t.sticky {
		t.stuck = name
	}
	fmt.Fprintf(t.report, "hit %d %s\n", n, operation)
	return t.enter(tid, th, &regs)
}

func (t *tracer) enter(tid int, th *thread, regs *unix.PtraceRegs) (atEnd bool, err error) {
	f := t.fault
	switch {
	case f.kill == 'b':
		return false, unix.Kill(t.pid, unix.SIGKILL) // a call whose thread is killed at its entry is not made
	case f.kill == 'a', f.error != 0 && regs.Orig_rax == unix.SYS_CLOSE: // a close that fails has still closed
		th.doing = f
		return true, nil
	case f.error != 0:
		regs.Orig_rax, regs.Rax = noCall, -uint64(f.error)
	case f.lost:
		regs.Orig_rax, regs.Rax = noCall, uint64(f.count)
	default:
		regs.Rdx = min(regs.Rdx, uint64(f.count))
	}
	return false, unix.PtraceSetRegs(tid, regs)
}

// noCall is the number of no call: the result is what the register says already.
const noCall = ^uint64(0)

func (t *tracer) leave(tid int, th *thread) error {
	f := th.doing
	th.doing = nothing
	if f.kill == 'a' {
		return unix.Kill(t.pid, unix.SIGKILL)
	}
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(tid, &regs); err != nil {
		return err
	}
	regs.Rax = -uint64(f.error)
	return unix.PtraceSetRegs(tid, &regs)
}

// places says which arguments of a call are descriptors and paths: "f" a descriptor, "p" a path, "a" a path below a
// directory, in two arguments; "-" is neither.
var places = map[uint64]struct{ name, args string }{
	unix.SYS_EXIT_GROUP:      {"exit_group", ""},
	unix.SYS_READ:            {"read", "f"},
	unix.SYS_WRITE:           {"write", "f"},
	unix.SYS_PREAD64:         {"pread64", "f"},
	unix.SYS_PWRITE64:        {"pwrite64", "f"},
	unix.SYS_CLOSE:           {"close", "f"},
	unix.SYS_FSYNC:           {"fsync", "f"},
	unix.SYS_FDATASYNC:       {"fdatasync", "f"},
	unix.SYS_FTRUNCATE:       {"ftruncate", "f"},
	unix.SYS_FSTAT:           {"fstat", "f"},
	unix.SYS_FCHMOD:          {"fchmod", "f"},
	unix.SYS_FCHOWN:          {"fchown", "f"},
	unix.SYS_FLOCK:           {"flock", "f"},
	unix.SYS_GETDENTS64:      {"getdents64", "f"},
	unix.SYS_LSEEK:           {"lseek", "f"},
	unix.SYS_FCNTL:           {"fcntl", "f"},
	unix.SYS_FSTATFS:         {"fstatfs", "f"},
	unix.SYS_FSETXATTR:       {"fsetxattr", "f"},
	unix.SYS_FGETXATTR:       {"fgetxattr", "f"},
	unix.SYS_EPOLL_CTL:       {"epoll_ctl", "--f"},
	unix.SYS_FALLOCATE:       {"fallocate", "f"},
	unix.SYS_COPY_FILE_RANGE: {"copy_file_range", "f-f"},
	unix.SYS_SENDFILE:        {"sendfile", "ff"},
	unix.SYS_OPENAT:          {"openat", "a"},
	unix.SYS_NEWFSTATAT:      {"newfstatat", "a"},
	unix.SYS_STATX:           {"statx", "a"},
	unix.SYS_UNLINKAT:        {"unlinkat", "a"},
	unix.SYS_MKDIRAT:         {"mkdirat", "a"},
	unix.SYS_MKNODAT:         {"mknodat", "a"},
	unix.SYS_READLINKAT:      {"readlinkat", "a"},
	unix.SYS_FACCESSAT:       {"faccessat", "a"},
	unix.SYS_FACCESSAT2:      {"faccessat2", "a"},
	unix.SYS_FCHMODAT:        {"fchmodat", "a"},
	unix.SYS_FCHOWNAT:        {"fchownat", "a"},
	unix.SYS_UTIMENSAT:       {"utimensat", "a"},
	unix.SYS_RENAMEAT:        {"renameat", "a-a"},
	unix.SYS_RENAMEAT2:       {"renameat2", "a-a"},
	unix.SYS_LINKAT:          {"linkat", "a-a"},
	unix.SYS_SYMLINKAT:       {"symlinkat", "-a"},
	unix.SYS_OPEN:            {"open", "p"},
	unix.SYS_STAT:            {"stat", "p"},
	unix.SYS_LSTAT:           {"lstat", "p"},
	unix.SYS_ACCESS:          {"access", "p"},
	unix.SYS_READLINK:        {"readlink", "p"},
	unix.SYS_MKDIR:           {"mkdir", "p"},
	unix.SYS_RMDIR:           {"rmdir", "p"},
	unix.SYS_UNLINK:          {"unlink", "p"},
	unix.SYS_CHMOD:           {"chmod", "p"},
	unix.SYS_CHOWN:           {"chown", "p"},
	unix.SYS_LCHOWN:          {"lchown", "p"},
	unix.SYS_CREAT:           {"creat", "p"},
	unix.SYS_TRUNCATE:        {"truncate", "p"},
	unix.SYS_STATFS:          {"statfs", "p"},
	unix.SYS_CHDIR:           {"chdir", "p"},
	unix.SYS_SETXATTR:        {"setxattr", "p"},
	unix.SYS_LSETXATTR:       {"lsetxattr", "p"},
	unix.SYS_GETXATTR:        {"getxattr", "p"},
	unix.SYS_LGETXATTR:       {"lgetxattr", "p"},
	unix.SYS_REMOVEXATTR:     {"removexattr", "p"},
	unix.SYS_LREMOVEXATTR:    {"lremovexattr", "p"},
	unix.SYS_LISTXATTR:       {"listxattr", "p"},
	unix.SYS_RENAME:          {"rename", "pp"},
	unix.SYS_LINK:            {"link", "pp"},
	unix.SYS_SYMLINK:         {"symlink", "-p"},
}

// operation names what a call is about to do; "" when it touches nothing below home.
func (t *tracer) operation(tid int, regs *unix.PtraceRegs) string {
	place := places[regs.Orig_rax]
	values := []uint64{regs.Rdi, regs.Rsi, regs.Rdx, regs.R10}
	text, below := place.name, place.args == ""
	for i, kind := range place.args {
		path := ""
		switch kind {
		case 'f':
			path = descriptor(tid, values[i])
		case 'p':
			path = absolute(descriptor(tid, here), memory(tid, values[i]))
		case 'a':
			path = absolute(descriptor(tid, values[i]), memory(tid, values[i+1]))
		default:
			continue
		}
		if rest, inside := strings.CutPrefix(path, t.home+"/"); inside {
			below, path = true, "~/"+rest
		}
		text += " " + path
	}
	if !below {
		return ""
	}
	return strings.ReplaceAll(random.ReplaceAllString(text, "#"), "\n", "?")
}

// random is what is another one in each run: names of temporaries and backups, process ids.
var random = regexp.MustCompile(`[0-9a-f]{16}|\d{8}-\d{6}-[0-9a-f]{6}|\b[0-9a-f]{8}\b|\.\d+\.|\b\d+\b`)

// here is AT_FDCWD as a register has it.
const here = 1<<32 + unix.AT_FDCWD

func absolute(dir, name string) string {
	switch {
	case name == "": // AT_EMPTY_PATH: the descriptor itself
		return dir
	case strings.HasPrefix(name, "/"):
		return name
	}
	return dir + "/" + name
}

func descriptor(tid int, fd uint64) string {
	link := fmt.Sprintf("/proc/%d/fd/%d", tid, int32(fd))
	if int32(fd) == unix.AT_FDCWD {
		link = fmt.Sprintf("/proc/%d/cwd", tid)
	}
	path, _ := os.Readlink(link) // none: a bad descriptor, which touches nothing
	return path
}

// memory reads a text of the program's, in pieces that end with a page: the next page may not be there.
func memory(tid int, at uint64) string {
	var text []byte
	for piece := make([]byte, 256); len(text) < unix.PathMax; {
		n, err := unix.ProcessVMReadv(tid, []unix.Iovec{{Base: &piece[0], Len: uint64(len(piece))}},
			[]unix.RemoteIovec{{Base: uintptr(at), Len: min(len(piece), int(4096-at%4096))}}, 0)
		if err != nil || n <= 0 {
			break
		}
		if end := slices.Index(piece[:n], 0); end >= 0 {
			return string(append(text, piece[:end]...))
		}
		text, at = append(text, piece[:n]...), at+uint64(n)
	}
	return string(text)
}
