package runner

import "golang.org/x/sys/unix"

// parentOf reads a process's parent from the kernel's table.
func parentOf(pid int) (int, error) {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return 0, err
	}
	return int(p.Eproc.Ppid), nil
}
