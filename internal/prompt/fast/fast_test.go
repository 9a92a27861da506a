package fast_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/secret"
)

const self = "github.com/claude-auth/claude-auth/internal/prompt/fast"

// build builds the program as it is shipped.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "claude-auth")
	command := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-o", program, "./cmd/claude-auth")
	command.Dir = "../../.."
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs the program in a home and returns what it wrote, and the packages that were initialised on the way.
func run(t *testing.T, program, home string, args ...string) (stdout string, initialised []string) {
	t.Helper()
	command := exec.Command(program, args...)
	command.Env = []string{"HOME=" + home, "GODEBUG=inittrace=1"}
	command.Dir = home
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, stderr.Bytes())
	}
	for line := range strings.Lines(stderr.String()) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "init" {
			initialised = append(initialised, words[1])
		}
	}
	return string(out), initialised
}

// cheap lists what may be initialised before this package: what os itself needs, and what the standard library brings
// along at no cost worth a line.
var cheap = []string{
	"internal/bytealg", "internal/runtime/gc/scan", "runtime", "crypto/internal/fips140deps/cpu", "crypto/internal/fips140deps/time", "math", "errors",
	"iter", "sync", "internal/godebug", "encoding/base64", "crypto", "syscall", "time", "context", "internal/poll", "io/fs", "os",
	"github.com/claude-auth/claude-auth/shell",
}

func TestInitialisedBeforeWhatCosts(t *testing.T) {
	program := build(t)
	_, packages := run(t, program, t.TempDir(), "version")
	at := slices.Index(packages, self)
	if at < 0 {
		t.Fatalf("it is not initialised at all, does main import it? %v", packages)
	}
	for _, before := range packages[:at] {
		if !slices.Contains(cheap, before) {
			t.Errorf("%s is initialised first: something that this package imports needs it", before)
		}
	}
	for _, heavy := range []string{"unicode", "reflect", "crypto/sha256", "encoding/json", "regexp", "github.com/urfave/cli/v2"} {
		if !slices.Contains(packages[at:], heavy) {
			t.Errorf("%s is not initialised after it: does the program not use it any more?", heavy)
		}
	}
}

// TestEndsTheProcess holds that an answer comes without the rest of the program.
func TestEndsTheProcess(t *testing.T) {
	program := build(t)
	home := t.TempDir()
	file := filepath.Join(home, ".claude/.credentials.json")
	write(t, file, `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE","refreshToken":"sk-ant-ort01-FIXTURE"}}`)
	record := ledger.New(filepath.Join(home, ".local/state/claude-auth/ledger.jsonl"), secret.Key("k"), time.Now)
	login := ledger.Observation{File: file, Access: secret.New("sk-ant-oat01-FIXTURE"), Refresh: secret.New("sk-ant-ort01-FIXTURE")}
	if _, err := record.Observe(login); err != nil {
		t.Fatal(err)
	}
	out, packages := run(t, program, home, "status", "--format", "porcelain")
	if !strings.HasPrefix(out, "version 1\nstate ok\nusable yes\n") {
		t.Errorf("it says %q", out)
	}
	if slices.Contains(packages, "github.com/urfave/cli/v2") || slices.Contains(packages, "encoding/json") {
		t.Errorf("the rest of the program was initialised: %v", packages)
	}
	if out, _ := run(t, program, home, "__prompt", "key"); out != "\n" {
		t.Errorf("__prompt says %q", out)
	}
	if state, err := os.ReadFile(filepath.Join(home, ".local/state/claude-auth/prompt")); err != nil || !strings.HasSuffix(string(state), "\nkey\n"+file+"\n\n") {
		t.Errorf("state file %q, %v", state, err)
	}
}

// TestSameAsTheWholeProgram asks both about a login each: a `--` at the end, which changes nothing, is left to the whole
// program, and so is what the ledger has not left ready.
func TestSameAsTheWholeProgram(t *testing.T) {
	program, home := build(t), t.TempDir()
	file, state := filepath.Join(home, ".claude/.credentials.json"), filepath.Join(home, ".local/state/claude-auth")
	until := regexp.MustCompile(`^\d{10}\n`) // of the state file, which the second they are asked in may tell apart
	for name, members := range map[string]string{
		"good":     `"refreshToken":"sk-ant-ort01-FIXTURE","expiresAt":8000000000000`,
		"no times": `"refreshToken":"sk-ant-ort01-FIXTURE"`,
		"expiring": `"refreshToken":"sk-ant-ort01-FIXTURE","refreshTokenExpiresAt":` + strconv.FormatInt(time.Now().Add(50*time.Hour).UnixMilli(), 10),
		"expired":  `"expiresAt":1`,
	} {
		write(t, file, `{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE-`+name+`",`+members+`}}`)
		ask(t, program, home, true, "status") // the first sight is the whole program's
		for _, args := range [][]string{{"status", "--format", "porcelain"}, {"status", "--format", "prompt", "--symbol", "x", "--color", "--shell", "zsh"}} {
			whole, answer := ask(t, program, home, true, append(args, "--")...), ask(t, program, home, false, args...)
			if whole != answer {
				t.Errorf("%s: %q says %q by the whole program, %q by this package", name, args, whole, answer)
			}
		}
		if err := os.Remove(filepath.Join(state, "seen")); err != nil {
			t.Fatal(err)
		}
		var answers, states [2]string
		for i, whole := range []bool{true, false} {
			answers[i] = ask(t, program, home, whole, "__prompt", "key")
			text, err := os.ReadFile(filepath.Join(state, "prompt"))
			if err != nil {
				t.Fatal(err)
			}
			states[i] = until.ReplaceAllString(string(text), "UNTIL\n")
		}
		if answers[0] != answers[1] || states[0] != states[1] || !strings.HasPrefix(states[0], "UNTIL\nkey\n") {
			t.Errorf("%s: __prompt says %q and %q, the state files are %q", name, answers[0], answers[1], states)
		}
	}
}

// ask returns what the program prints and its status; whole says who has to answer.
func ask(t *testing.T, program, home string, whole bool, args ...string) string {
	t.Helper()
	command := exec.Command(program, args...)
	command.Env, command.Dir = []string{"HOME=" + home, "GODEBUG=inittrace=1"}, home
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "init github.com/urfave/cli/v2 ") != whole {
		t.Errorf("%q was answered by the wrong one (by the whole program: %v)", args, !whole)
	}
	return fmt.Sprintf("%s exit %d", out, command.ProcessState.ExitCode())
}
