package testscripts

import (
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// code N PROGRAM ARGS…: runs a program with the code that the sign-in page shows on standard input. It must end with
// status N. The link that the client shows does not have the state that belongs to the code (2.1.332); the client does
// not ask for the right one.
func code(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) >= 2 && !neg, "code N PROGRAM ARGS…")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	shown, err := signInCode(ts, "state")
	ts.Check(err)
	file := filepath.Join(ts.Getenv("WORK"), ".code")
	ts.Check(os.WriteFile(file, []byte(shown+"\n"), 0o600))
	got, err := statusOf(ts.Exec("sh", append([]string{"-c", `exec "$@" <"$0"`, file}, args[1:]...)...))
	ts.Check(os.Remove(file)) // it has a token
	ts.Check(err)
	if got != want {
		ts.Fatalf("%s ended with status %d, not %d", args[1], got, want)
	}
}
