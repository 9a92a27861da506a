package facts

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

// Suite is a package of tests that take the client from realclient.EnvClients.
type Suite struct {
	Name    string
	Package string
	Run     string // the pattern of -run, in which VERSION is the client's version
}

const module = "github.com/claude-auth/claude-auth/"

// Suites are all facts that a program can look at. The first says what the client does; in the others claude-auth is
// with it: its questions, panel and repair, and its renewer.
var Suites = []Suite{
	{"client", module + "testscripts", "^Test(Client|Help)$/^real-VERSION$"},
	{"both", module + "testscripts", "^(TestMainJob|TestSituations)$/^real-VERSION$"},
	{
		"renewals", module + "internal/test/renewals",
		"^Test(EndedCommands|LeftSessions|KilledKeeper|(Commands|Renews)AtOnce)$",
	},
}

// Find returns the suite of that name.
func Find(name string) (Suite, error) {
	for _, s := range Suites {
		if s.Name == name {
			return s, nil
		}
	}
	return Suite{}, fmt.Errorf("there is no suite %q", name)
}

// event is a line of `go test -json`.
type event struct {
	Action, Test, Output string
	Elapsed              float64
}

// Try runs the tests of a suite with one version of the client. env is added to the environment. What fails, fails
// twice: the second time without the others, because a test may fail on a busy machine.
func (s Suite) Try(ctx context.Context, version string, env ...string) ([]Result, error) {
	pattern := strings.ReplaceAll(s.Run, "VERSION", regexp.QuoteMeta(version))
	results, err := s.run(ctx, version, pattern, env)
	if err != nil {
		return nil, err
	}
	failed := map[string][]string{} // by the test above
	for _, r := range results {
		if r.State == Changed {
			failed[path.Dir(r.test)] = append(failed[path.Dir(r.test)], regexp.QuoteMeta(path.Base(r.test)))
		}
	}
	second := map[string]Result{}
	if ctx.Err() != nil {
		return results, nil // what is left over is not tried
	}
	for parent, names := range failed {
		pattern := exactly(parent) + "/^(" + strings.Join(names, "|") + ")$"
		if parent == "." {
			pattern = "^(" + strings.Join(names, "|") + ")$"
		}
		again, err := s.run(ctx, version, pattern, env)
		if err != nil {
			return nil, err
		}
		for _, r := range again {
			second[r.test] = r
		}
	}
	for i, r := range results {
		if again, ok := second[r.test]; ok {
			results[i] = again
		}
	}
	return results, nil
}

// exactly is the pattern of -run for one test.
func exactly(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

func (s Suite) run(ctx context.Context, version, pattern string, env []string) ([]Result, error) {
	command := exec.CommandContext(ctx, "go", "test", "-json", "-count=1", "-timeout=60m",
		"-tags", "urfave_cli_no_docs", "-run", pattern, s.Package)
	command.Env = append(os.Environ(), realclient.EnvClients+"="+version)
	command.Env = append(command.Env, env...)
	command.Stderr = os.Stderr
	// The end of the time ends the tests too, and the clients that they have started.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 10 * time.Second
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("run the tests of %s: %w", s.Package, err)
	}
	var events []event
	var rest strings.Builder // what belongs to no test, such as an error of the compiler
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break // the end of the program's output
		}
		var e event
		if json.Unmarshal(line, &e) != nil || e.Test == "" {
			rest.Write(line)
			continue
		}
		events = append(events, e)
	}
	err = command.Wait()
	results := s.results(events)
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || len(results) == 0) {
		return nil, fmt.Errorf("run the tests of %s: %w\n%s", s.Package, err, rest.String())
	}
	return results, nil
}
