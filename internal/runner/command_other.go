//go:build !linux

package runner

import "syscall"

// dieWithParent is Linux's alone; elsewhere the child meets the closed pipe or the hung-up pty.
func dieWithParent(syscall.Signal) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// waitExited is Linux's alone. Without it a signal sent in the instant in which the child is reaped may meet a reused pid; pids
// are not reused that fast.
func waitExited(int) {}
