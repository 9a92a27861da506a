// Package torture tries to break the program: faults at its system calls, files that are no files, neighbours that mean
// ill, and the real client renewing its tokens while the program edits the same file.
//
// It holds tests, and fault, the program with which they make system calls fail. `go test` runs a bounded part of each:
// of the faults one for each kind of system call with each kind of fault, for each command. `make torture`
// (TORTURE=full) runs all of it. Either prints what was tried, and of how many, as one table.
package torture
