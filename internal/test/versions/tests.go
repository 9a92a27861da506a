package versions

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/shell"
)

// Result is what the tests of one version said, by column.
type Result struct {
	Version Version
	Passed  map[string]int      // how many tests passed; one with tests of its own does not count
	Failed  map[string][]string // the names of those that failed
	Skipped map[string]int      // those of what the shell does not have
	Output  []byte
}

// columns are what the tests show. The first that fits takes a test.
var columns = []struct {
	Name  string
	tests *regexp.Regexp
}{
	{"status", regexp.MustCompile(`KeepsTheStatus`)},
	{"twice", regexp.MustCompile(`^TestLoad/twice|^TestAliasOfTheClient/(twice|again)`)},
	{"load", regexp.MustCompile(`^TestLoad/|^Test(Render|Line|NothingLeaks|HostileAliases|AddPath|OptionsOfZsh)$`)},
	{"alias", regexp.MustCompile(`Alias|alias`)},
	{"completion", regexp.MustCompile(`^Test(Completion|Tab)`)},
	{"segment", regexp.MustCompile(`^Test(Prompt|PlantedState|Snippets|NoPrompt|NoPhantomCommand)`)},
	{"function", regexp.MustCompile(`.`)},
}

// alone are the tests of one shell that have not its name as a subtest.
var alone = map[string]string{
	"TestErrexitNeedsNoSubshell": "bash", "TestNoPhantomCommand": "bash", "TestPromptBesideOthers": "bash",
	"TestPromptClockOfBash": "bash", "TestPromptInTime": "bash",
	"TestOptionsOfZsh": "zsh", "TestGlobalAliasesOfZsh": "zsh", "TestPromptIsThereForAThemeOfZsh": "zsh",
}

// Build makes the tests of package hooks a program without libraries, which runs in any root, and returns its path. The
// current directory is the module's.
func Build(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "claude-auth-shells-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "hooks.test")
	command := exec.CommandContext(ctx, "go", "test", "-c", "-tags", "urfave_cli_no_docs", "-o", path, "./hooks")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("build the tests: %w\n%s", err, out), os.RemoveAll(dir))
	}
	return path, nil
}

// Test runs the tests that concern the shell. The error is nil when they could be run, whatever they said.
func (v *Version) Test(ctx context.Context, program string) (Result, error) {
	if v.root != "" {
		if err := copyInto(program, filepath.Join(v.root, "hooks.test")); err != nil {
			return Result{}, fmt.Errorf("copy the tests into %s: %w", v.root, err)
		}
		program = "/hooks.test"
	}
	var others, names []string
	for _, s := range shell.All() {
		if s != v.Shell {
			others = append(others, s.Name)
		}
	}
	for name, of := range alone {
		if of != v.Shell.Name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	// Tests of no shell in particular, and those that need a program which is the same everywhere, run in `make test`.
	skip := "/^(" + strings.Join(others, "|") + ")$|^(TestCheckers|" + strings.Join(names, "|") + ")$"
	// The tests read files beside them.
	command := v.command(ctx, "sh", "-c", `cd hooks && exec "$@"`, "sh",
		program, "-test.v", "-test.timeout=20m", "-test.skip="+skip)
	out, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || ctx.Err() != nil) {
		return Result{}, fmt.Errorf("run the tests with %s %s: %w", v.Shell.Name, v.Number, errors.Join(err, ctx.Err()))
	}
	result := read(v.Shell.Name, out)
	result.Version = *v
	if err != nil && len(result.Failed) == 0 {
		return result, fmt.Errorf("run the tests with %s %s: %w\n%s", v.Shell.Name, v.Number, err, out)
	}
	for _, c := range columns {
		if result.Passed[c.Name] == 0 && len(result.Failed[c.Name]) == 0 && result.Skipped[c.Name] == 0 {
			return result, fmt.Errorf("%s %s: no test was run for %q", v.Shell.Name, v.Number, c.Name)
		}
	}
	return result, nil
}

var outcome = regexp.MustCompile(`^ *--- (PASS|FAIL|SKIP): (\S+) `)

// read sorts what the tests of a shell said into columns.
func read(name string, out []byte) Result {
	result := Result{Passed: map[string]int{}, Failed: map[string][]string{}, Skipped: map[string]int{}, Output: out}
	said := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if m := outcome.FindStringSubmatch(lines.Text()); m != nil {
			said[m[2]] = m[1]
		}
	}
	for test, how := range said {
		parts := strings.Split(test, "/")
		if alone[parts[0]] != name {
			if len(parts) < 2 || parts[1] != name {
				continue
			}
			parts = slices.Delete(parts, 1, 2)
		}
		if how == "PASS" && hasTests(said, test) {
			continue
		}
		short := strings.Join(parts, "/")
		for _, c := range columns {
			if !c.tests.MatchString(short) {
				continue
			}
			switch how {
			case "PASS":
				result.Passed[c.Name]++
			case "FAIL":
				result.Failed[c.Name] = append(result.Failed[c.Name], test)
			default:
				result.Skipped[c.Name]++
			}
			break
		}
	}
	return result
}

func hasTests(said map[string]string, test string) bool {
	for other := range said {
		if strings.HasPrefix(other, test+"/") {
			return true
		}
	}
	return false
}

func copyInto(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) { // a program that runs can't be written
		return err
	}
	return os.WriteFile(to, data, 0o755)
}
