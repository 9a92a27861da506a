// Package torture tries to break the program: with faults at its system calls, a FIFO or a device in place of a file,
// hostile processes beside it, and the real client renewing its tokens while the program edits the same file. Run it
// when you change how a file is written, locked or removed.
//
// It has tests, and the program fault, which makes system calls fail. `go test` runs a part of the tests: for each
// command it tries one call of each kind with each kind of fault. `make torture` (TORTURE=full) runs all of them. Both
// print a table of what was tried, and of how many.
package torture
