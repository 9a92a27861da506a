package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// lab is a throwaway home with a good login in it, and the programs that are measured.
type lab struct {
	rounds, streams int
	load            string // when it began

	dir   string
	home  string
	exe   string // claude-auth as it is shipped
	spawn string // starts processes in turn and times them
	floor string // the static C program that reads the same file
}

// newLab builds everything. It has to be called in the root of the repository.
func newLab(rounds, streams int) (*lab, error) {
	dir, err := os.MkdirTemp("", "claude-auth-bench-")
	if err != nil {
		return nil, err
	}
	l := &lab{rounds: rounds, streams: streams, load: load(), dir: dir, home: filepath.Join(dir, "home")}
	l.exe, l.spawn, l.floor = filepath.Join(dir, "claude-auth"), filepath.Join(dir, "spawn"), filepath.Join(dir, "floor")
	for _, build := range [][]string{
		{"go", "build", "-tags", "urfave_cli_no_docs", "-trimpath", "-o", l.exe, "./cmd/claude-auth"},
		{"gcc", "-O2", "-static", "-o", l.spawn, "bench/peers/spawn.c"},
		{"gcc", "-O2", "-static", "-o", l.floor, "bench/peers/floor.c"},
	} {
		if out, err := exec.Command(build[0], build[1:]...).CombinedOutput(); err != nil {
			l.close()
			return nil, fmt.Errorf("%s: %w\n%s", strings.Join(build, " "), err, out)
		}
	}
	if err := l.saveLogin(l.home, ""); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lab) close() {
	if err := os.RemoveAll(l.dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

// env is the whole environment of a measured process.
func (l *lab) env(more ...string) []string { return envOf(l.home, more...) }

func envOf(home string, more ...string) []string {
	return append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8"}, more...)
}

func credentials(home string) string { return filepath.Join(home, ".claude", ".credentials.json") }

func state(home string) string { return filepath.Join(home, ".local", "state", "claude-auth") }

// The tokens of the saved login, as long as real ones.
var (
	savedAccess  = "sk-ant-oat01-FIXTURE-" + strings.Repeat("a", 80)
	savedRefresh = "sk-ant-ort01-FIXTURE-" + strings.Repeat("b", 80)
)

// saveLogin puts a good login into home, with more members behind it, and has the program see it once.
func (l *lab) saveLogin(home, more string) error {
	end := strconv.FormatInt(time.Now().Add(8*time.Hour).UnixMilli(), 10)
	text := `{"claudeAiOauth":{"accessToken":"` + savedAccess + `","refreshToken":"` + savedRefresh + `","expiresAt":` +
		end + `,"scopes":["user:inference","user:profile"],"subscriptionType":"max"}` + more + `}`
	if err := writeFile(credentials(home), text); err != nil {
		return err
	}
	command := exec.Command(l.exe, "status")
	command.Env = envOf(home)
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("claude-auth status: %w: %s", err, out)
	}
	return nil
}

// fillLedger puts n events of renewed logins before what the program has noted in home.
func (l *lab) fillLedger(home string, n int) error {
	name := filepath.Join(state(home), "ledger.jsonl")
	noted, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	began := time.Now().Add(-time.Duration(n) * time.Minute)
	key := secret.Key(strings.Repeat("k", 32))
	for i := range n {
		kind := ledger.Renewed
		if i%10 == 0 {
			kind = ledger.SignedIn
		}
		fmt.Fprintf(&b, `{"time":%q,"kind":%q,"access":%q,"refresh":%q,"file":%q}`+"\n",
			began.Add(time.Duration(i)*time.Minute).UTC().Format(time.RFC3339), kind,
			secret.New(fmt.Sprint("access", i)).Fingerprint(key),
			secret.New(fmt.Sprint("refresh", i)).Fingerprint(key), credentials(home))
	}
	return writeFile(name, b.String()+string(noted))
}

func writeFile(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o600)
}

// process is one of the commands that are started in turn.
type process struct {
	env  []string
	args []string
}

// timing is how long the runs of a process took, in microseconds, and its largest resident set in KiB.
type timing struct {
	took     []float64
	resident float64
	status   int // of the last run
}

// inTurn starts each of the processes rounds times, one after the other.
func (l *lab) inTurn(rounds int, processes ...process) ([]timing, error) {
	args := []string{strconv.Itoa(rounds)}
	for i, p := range processes {
		if i > 0 {
			args = append(args, ":::")
		}
		path, err := exec.LookPath(p.args[0])
		if err != nil {
			return nil, err
		}
		args = append(append(append(args, p.env...), path), p.args[1:]...)
	}
	command := exec.Command(l.spawn, args...)
	command.Dir = l.home
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("start %q and its peers: %w", processes[0].args, err)
	}
	timings := make([]timing, len(processes))
	for line := range strings.Lines(string(out)) {
		var which, status int
		var took, resident float64
		if _, err := fmt.Sscan(line, &which, &took, &resident, &status); err != nil {
			return nil, fmt.Errorf("spawn says %q: %w", line, err)
		}
		t := &timings[which]
		t.took, t.status, t.resident = append(t.took, took/1000), status, max(t.resident, resident)
	}
	return timings, nil
}

func median(of []float64) float64 { return percentile(of, 50) }

func percentile(of []float64, p float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*p/100))]
}

// against is the row of two medians in microseconds.
func against(what, peer string, ours, theirs []float64, atMost float64) row {
	r := row{What: what, Against: peer, Ours: median(ours), Theirs: median(theirs), Unit: "µs", AtMost: atMost}
	r.Ratio = r.Ours / r.Theirs
	return r
}

// load is the load average of the last minute, "?" where the system has none.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
