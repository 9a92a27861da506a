// Package torture tries to break the program: faults at its system calls, a FIFO or a device in the place of a file,
// hostile processes beside it, and the real client renewing its tokens while the program edits the same file.
// Reach for it when you change how a file is written, locked or removed.
//
// It holds tests, and the program fault, with which they make system calls fail. `go test` runs a part of each: of the
// faults one for each kind of system call with each kind of fault, for each command. `make torture` (TORTURE=full) runs
// all of it. Both print what was tried, and of how many, as one table.
package torture
