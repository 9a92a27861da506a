package early_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
)

const self = "github.com/claude-auth/claude-auth/internal/early"

// place is a home with the program as it is shipped.
type place struct {
	t             *testing.T
	program, home string
	env           []string
	dir           string              // where it runs
	user          *syscall.Credential // whom it runs as; nil is the user of the test
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, program: filepath.Join(t.TempDir(), "claude-auth"), home: t.TempDir()}
	command := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-o", p.program, "./cmd/claude-auth")
	command.Dir = "../.."
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p.dir = p.home
	return p
}

func (p *place) write(name, text string) {
	p.t.Helper()
	name = filepath.Join(p.home, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// save saves a login with these further members.
func (p *place) save(access, members string) {
	p.t.Helper()
	p.write(".claude/.credentials.json", `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE-`+access+
		`","scopes":["user:inference"],`+members+`}}`)
}

// run returns what the program prints with its status, and the packages that were initialised on the way.
func (p *place) run(args ...string) (says string, initialised []string) {
	p.t.Helper()
	command := exec.Command(p.program, args...)
	command.Env, command.Dir = append([]string{"HOME=" + p.home, "GODEBUG=inittrace=1"}, p.env...), p.dir
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.user}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		p.t.Fatalf("%q: %v\n%s", args, err, stderr.Bytes())
	}
	for line := range strings.Lines(stderr.String()) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "init" {
			initialised = append(initialised, words[1])
		}
	}
	return fmt.Sprintf("%s exit %d", out, command.ProcessState.ExitCode()), initialised
}

// early returns what the program prints with its status, and whether this package did it.
func (p *place) early(args ...string) (says string, early bool) {
	p.t.Helper()
	says, packages := p.run(args...)
	return says, !slices.Contains(packages, "github.com/urfave/cli/v2")
}

// settle lets the program answer until a change of the files is too old to be missed.
func (p *place) settle(args ...string) string {
	p.t.Helper()
	p.run(args...) // the first sight of a login is an event in the ledger
	time.Sleep(50 * time.Millisecond)
	says, _ := p.run(args...)
	return says
}

// cheap lists what may be initialised before this package: what os itself needs, and what the standard library brings
// along at no cost worth a line.
var cheap = []string{
	"internal/bytealg", "internal/runtime/gc/scan", "runtime", "crypto/internal/fips140deps/cpu",
	"crypto/internal/fips140deps/time", "math", "errors", "iter", "sync", "internal/godebug", "encoding/base64", "crypto",
	"syscall", "time", "context", "internal/poll", "io/fs", "os",
	"github.com/claude-auth/claude-auth/shell", // a few values; Go takes it first because it imports so little
}

func TestInitialisedBeforeWhatCosts(t *testing.T) {
	p := newPlace(t)
	p.save("a", `"refreshToken":"sk-ant-ort01-FIXTURE"`)
	_, all := p.run("version")
	for _, heavy := range []string{
		"unicode", "reflect", "crypto/sha256", "encoding/json", "regexp", "github.com/urfave/cli/v2",
	} {
		if !slices.Contains(all, heavy) {
			t.Errorf("%s is not initialised: does the program not use it any more?", heavy)
		}
	}
	p.settle("status", "--format", "prompt")
	says, packages := p.run("status", "--format", "prompt")
	if says != " exit 0" || slices.Contains(packages, "github.com/urfave/cli/v2") {
		t.Errorf("it says %q after the initialisation of %q", says, packages)
	}
	for _, before := range packages {
		if before != self && !slices.Contains(cheap, before) {
			t.Errorf("%s is initialised first: something that this package imports needs it", before)
		}
	}
}

// What is printed the second time is what was printed the first time.
func TestSameAsBefore(t *testing.T) {
	p := newPlace(t)
	soon := strconv.FormatInt(time.Now().Add(50*time.Hour).UnixMilli(), 10)
	for name, members := range map[string]string{
		"good":     `"refreshToken":"sk-ant-ort01-FIXTURE","expiresAt":8000000000000`,
		"no times": `"refreshToken":"sk-ant-ort01-FIXTURE"`,
		"expiring": `"refreshToken":"sk-ant-ort01-FIXTURE","refreshTokenExpiresAt":` + soon,
		"expired":  `"expiresAt":1`,
	} {
		p.save(name, members)
		for _, line := range []string{
			"status --format porcelain", "status --format prompt", "--no-color status --format=prompt --color",
			"status --format prompt --symbol x --color --shell zsh", "--file " + p.home + "/nothing.json status --format prompt",
		} {
			args := strings.Fields(line)
			first := p.settle(args...)
			if says, early := p.early(args...); !early || says != first {
				t.Errorf("%s: %s says %q (early: %v), and %q before", name, line, says, early, first)
			}
		}
	}
	for _, line := range []string{
		"status", "status --format json", "status --format statusline", "status --format prompt --unknown",
		"status --format prompt x", "status --format prompt --symbol $(id)", "status --format prompt --file relative.json",
		"status --help", "status --format", "__prompt key",
	} {
		p.settle(strings.Fields(line)...)
		if says, early := p.early(strings.Fields(line)...); early {
			t.Errorf("%s was answered early: %q", line, says)
		}
	}
}

// TestGoesOn changes what an answer depends on: the whole program has its say then.
func TestGoesOn(t *testing.T) {
	p := newPlace(t)
	good := `"refreshToken":"sk-ant-ort01-FIXTURE","expiresAt":8000000000000`
	porcelain, segment := []string{"status", "--format", "porcelain"}, []string{"status", "--format", "prompt"}
	expect := func(what string, early bool, says string, args []string) {
		t.Helper()
		if got, was := p.early(args...); was != early || !strings.Contains(got, says) {
			t.Errorf("%s: %q says %q (early: %v), want %q (%v)", what, args, got, was, says, early)
		}
	}
	p.save("a", good)
	p.settle(segment...)
	p.settle(porcelain...)
	expect("nothing", true, " exit 0", segment)
	for _, name := range []string{
		"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY",
		"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY",
		"CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_MANTLE", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
		"CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
	} {
		p.env = []string{name + "=1"}
		expect(name, false, "overridden_by "+name, porcelain)
		expect(name+" again", false, "overridden_by "+name, porcelain)
	}
	p.env = []string{"CLAUDE_CONFIG_DIR=" + p.home + "/other"}
	expect("another directory", false, "claude ?\n exit 4", segment)
	p.env = nil
	for _, name := range []string{".claude/settings.json", "project/.claude/settings.local.json", ".claude.json"} {
		p.dir = filepath.Join(p.home, "project")
		p.write("project/x", "")
		p.settle(segment...)
		p.settle(porcelain...)
		expect("before "+name, true, "overridden_by -", porcelain)
		p.write(name, `{"env":{"ANTHROPIC_API_KEY":"x"}}`)
		expect(name, false, "overridden_by ANTHROPIC_API_KEY", porcelain)
		expect(name, true, " exit 0", segment) // empty either way
		if err := os.Remove(filepath.Join(p.home, name)); err != nil {
			t.Fatal(err)
		}
	}
	p.settle(segment...)
	p.save("b", good)
	expect("another login", false, " exit 0", segment)
	p.save("c", `"expiresAt":1`)
	p.settle(segment...)
	expect("expired", true, "claude ?\n exit 4", segment)
}

// Other users can't have anything printed: their files are not believed.
func TestFileOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	p := newPlace(t)
	p.save("a", `"refreshToken":"sk-ant-ort01-FIXTURE"`)
	p.settle("status", "--format", "prompt")
	if err := os.Chown(filepath.Join(p.home, ".local/state/claude-auth/answers"), 4711, 4711); err != nil {
		t.Fatal(err)
	}
	if _, early := p.early("status", "--format", "prompt"); early {
		t.Error("it was answered from another user's file")
	}
}

// TestProjectsShareSettings has one settings file in two projects: what is printed names the file of the project.
func TestProjectsShareSettings(t *testing.T) {
	p := newPlace(t)
	p.save("a", `"refreshToken":"sk-ant-ort01-FIXTURE"`)
	p.write("shared.json", `{"apiKeyHelper":"x"}`)
	porcelain := []string{"status", "--format", "porcelain"}
	for _, project := range []string{"one", "two"} {
		p.write(project+"/.claude/x", "")
		err := os.Symlink(filepath.Join(p.home, "shared.json"), filepath.Join(p.home, project, ".claude/settings.json"))
		if err != nil {
			t.Fatal(err)
		}
		p.dir = filepath.Join(p.home, project)
		if says := p.settle(porcelain...); !strings.Contains(says, "/"+project+"/.claude/settings.json") {
			t.Errorf("in project %s it says %q", project, says)
		}
	}
}

// TestReadableAgain: whether a file can be read depends on the process too, so no stamp tells when that has changed.
func TestReadableAgain(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	const user, group = 65534, 12345
	p := newPlace(t)
	p.save("a", `"refreshToken":"sk-ant-ort01-FIXTURE"`)
	for _, path := range []string{p.program, p.home} {
		if err := os.Chmod(filepath.Dir(path), 0o755); err != nil { // the directory of t.TempDir is for its owner alone
			t.Fatal(err)
		}
	}
	file := filepath.Join(p.home, ".claude/.credentials.json")
	for path, owner := range map[string][2]int{
		p.home: {user, user}, filepath.Dir(file): {user, user}, file: {0, group},
	} {
		if err := os.Chown(path, owner[0], owner[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	porcelain := []string{"status", "--format", "porcelain"}
	p.user = &syscall.Credential{Uid: user, Gid: user}
	if says := p.settle(porcelain...); !strings.Contains(says, "state unreadable") {
		t.Errorf("without the group it says %q", says)
	}
	p.user.Groups = []uint32{group}
	if says, _ := p.run(porcelain...); !strings.Contains(says, "state ok") && !strings.Contains(says, "state renewable") {
		t.Errorf("with the group it says %q", says)
	}
}

// Under the name paths.Wrapper the word is for the client, also where the program knows the answer.
func TestWrapper(t *testing.T) {
	p := newPlace(t)
	p.save("a", `"refreshToken":"sk-ant-ort01-FIXTURE"`)
	p.settle("status", "--format", "porcelain")
	if _, early := p.early("status", "--format", "porcelain"); !early {
		t.Fatal("there is no answer in the cache")
	}
	link := filepath.Join(t.TempDir(), paths.Wrapper)
	if err := os.Symlink(p.program, link); err != nil {
		t.Fatal(err)
	}
	p.program = link
	if says, early := p.early("status", "--format", "porcelain"); early || says != " exit 127" {
		t.Errorf("it says %q, early: %t", says, early)
	}
}
