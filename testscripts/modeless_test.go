package testscripts

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/test/modeless"
)

// mountModeless puts a file system without permissions over DIR, until the end of the script. The files stay, and all
// of them are this user's.
func mountModeless(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1 && !neg, "modeless DIR")
	dir := ts.MkAbs(args[0])
	server := exec.Command(filepath.Join(binaries, "modeless"), dir)
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	ts.Check(err)
	ts.Check(server.Start())
	ts.Defer(func() {
		_ = modeless.Unmount(dir) // which ends the server; it fails when nothing was mounted
		_ = server.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		ts.Fatalf("modeless %s: %q, %v", dir, line, err)
	}
}

// serveModeless is the process that has the file system.
func serveModeless() int {
	ready := func() { fmt.Println("ready") }
	if err := modeless.Serve(os.Args[1], uint32(os.Geteuid()), ready); err != nil {
		fmt.Fprintln(os.Stderr, "modeless:", err)
		return 1
	}
	return 0
}
