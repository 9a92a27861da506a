// Package torture tries to break the program: faults at its system calls, files that are no files, neighbours that mean
// ill, and the real client renewing its tokens while the program edits the same file.
//
// It holds tests only. `go test` runs a bounded part of each; `make torture` (TORTURE=full) runs all of it and prints
// what was tried as one table.
package torture
