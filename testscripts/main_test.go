// Package testscripts runs the scripts in this directory: each is a thing that a user would look up, done with the
// program, the stand-in client and a fake browser as names of this one test binary. README.md lists the commands that
// a script has beside those of testscript itself.
package testscripts

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/cmd"
	"github.com/claude-auth/claude-auth/internal/handover"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/system"
	"github.com/claude-auth/claude-auth/internal/test/anthropic"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/keychain"
)

// programs are the names under which this binary is something else than the test.
var programs = map[string]func() int{
	"claude-auth":     claudeAuth,
	paths.Wrapper:     claudeAuth,
	"claude":          client,
	"fake-browser":    browser,
	"claude-recorder": recorder,
	"modeless":        serveModeless,
	"security":        security,
}

// envArgv names the file to which every program of ours appends its arguments, which are then searched for tokens: an
// argument is for everybody to read.
const envArgv = "HARNESS_ARGV"

// envRoot names the directory in which claude-auth looks whether it is in a container or in WSL. It is empty in a
// script, so that it does not matter where the tests run. A script that makes a real container sets it to nothing.
const envRoot = "HARNESS_ROOT"

// envProgram names a built claude-auth that the scripts run in the place of this binary, such as one for another
// processor (`make platforms`). It heeds neither HARNESS_ROOT nor the stand-in keychain, and its arguments are not
// searched for tokens.
const envProgram = "CLAUDE_AUTH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if session.IsSupervisor(os.Args) { // claude-auth again, beside a client on a terminal
		os.Exit(session.Supervise(os.Args))
	}
	if program := programs[filepath.Base(os.Args[0])]; program != nil {
		if err := recordArgv(); err != nil {
			fmt.Fprintln(os.Stderr, "harness:", err)
			os.Exit(1)
		}
		os.Exit(program())
	}
	heedSignals()
	if err := runMoreAtOnce(); err != nil {
		fmt.Fprintln(os.Stderr, "harness:", err)
		os.Exit(1)
	}
	os.Exit(runTests(m))
}

// heedSignals gives the programs of the scripts the signals that the caller of the tests has ignored (nohup; `make test
// &` in a shell script), for they would ignore them too: what is caught here is as usual for a child.
func heedSignals() {
	for _, ignored := range []os.Signal{syscall.SIGHUP, os.Interrupt} {
		if signal.Ignored(ignored) {
			signal.Notify(make(chan os.Signal, 1), ignored) // nobody reads: here they are ignored still
		}
	}
}

// scriptsPerCPU is how many scripts run at once for each processor. A script waits for two thirds of its time: for the
// client's next try, for a lock that is held, for a screen to stand still. More at once only make each of them slower.
const scriptsPerCPU = 3

// mostScripts bounds that on a large machine: each may have real clients of half a gigabyte.
const mostScripts = 12

// runMoreAtOnce has more scripts run at once than there are processors, unless the command line has -parallel.
func runMoreAtOnce() error {
	const name = "test.parallel"
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == name })
	if asked {
		return nil
	}
	return flag.Set(name, strconv.Itoa(min(scriptsPerCPU*runtime.GOMAXPROCS(0), mostScripts)))
}

// binaries is the directory of the programs, made for this run.
var binaries string

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "claude-auth-scripts-")
	if err == nil {
		defer os.RemoveAll(dir)
		binaries = dir
		err = makePrograms(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "harness:", err)
		return 1
	}
	return m.Run()
}

// makePrograms copies this binary under each name. Copies, because the program compares files to find out whether a
// client is one that it has started already, and links of one file would all be the same.
func makePrograms(dir string) error {
	for name := range programs {
		var err error
		other := os.Getenv(envProgram)
		switch path := filepath.Join(dir, name); {
		case name == paths.Wrapper:
			err = os.Symlink("claude-auth", path)
		case name == "claude-auth" && other != "":
			err = harness.CopyProgram(other, path)
		default:
			err = harness.CopySelf(path)
		}
		if err != nil {
			return err
		}
	}
	return makeContain(dir)
}

func recordArgv() error {
	path := os.Getenv(envArgv)
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s\n", strings.Join(os.Args, "\x00"))
	return errors.Join(err, f.Close())
}

// claudeAuth is the program, with the keychain and the system that the script has.
func claudeAuth() int {
	on := system.Here()
	on.Security = os.Getenv(keychain.EnvTool)
	on.Root = os.Getenv(envRoot)
	return cmd.MainOn(on, handover.CommandLine(os.Args))
}

// security is the stand-in for macOS's program.
func security() int {
	return keychain.Security{
		Dir: os.Getenv(keychain.EnvDir), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}.Main(os.Args[1:])
}

func client() int { return standinMain(os.Stdout) }

// standinMain is the stand-in client, writing to stdout.
func standinMain(stdout *os.File) int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "stand-in client:", err)
		return 1
	}
	return standin.Main(standin.Process{
		Args: os.Args[1:], Env: paths.FromOS(), Dir: dir,
		Stdin: os.Stdin, Stdout: stdout, Stderr: os.Stderr, Now: time.Now,
	})
}

func browser() int {
	hang := func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		<-ctx.Done()
	}
	if err := standin.Browser(os.Args[1:], paths.FromOS(), anthropic.Deliver, hang); err != nil {
		fmt.Fprintln(os.Stderr, "fake-browser:", err)
		return 1
	}
	return 0
}

// findTool is where a program of the system is; "" when it is nowhere.
func findTool(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}
