package testscripts

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// The recorder is the stand-in client, with a copy of what it writes and of its status kept beside: two runs of a
// client never print the same session id, so a run is compared with itself.
const (
	envRecord = "HARNESS_RECORD" // the file that gets the bytes; with ".status" behind it, the status
	envForced = "HARNESS_STATUS" // ends the recorder with this status, whatever the stand-in said
)

func recorder() int {
	name := os.Getenv(envRecord)
	status, err := record(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, "claude-recorder:", err)
		return 99
	}
	if forced := os.Getenv(envForced); forced != "" {
		status, err = strconv.Atoi(forced)
	}
	if err = errors.Join(err, os.WriteFile(name+".status", []byte(strconv.Itoa(status)), 0o600)); err != nil {
		fmt.Fprintln(os.Stderr, "claude-recorder:", err)
		return 99
	}
	return status
}

// record runs the stand-in and copies what it writes to the file name, and on.
func record(name string) (status int, err error) {
	copied, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	out, into, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { // ends with the pipe
		_, err := io.Copy(io.MultiWriter(copied, os.Stdout), out)
		done <- err
	}()
	status = standinMain(into)
	return status, errors.Join(into.Close(), <-done, copied.Close())
}

// sample is one output of the client.
type sample struct {
	answer []byte
	format []string // arguments
	status string   // forced, or ""
	chunk  int
	stream bool // the stand-in writes the text as it comes
}

// TestOutputsPassUnchanged runs the stand-in with a good login 1,000 times under watch: what comes out, and the status,
// are what the client wrote and ended with, and the credentials are not touched.
func TestOutputsPassUnchanged(t *testing.T) {
	samples := makeSamples(rand.New(rand.NewPCG(6, 2026)))
	jobs := make(chan int)
	var workers sync.WaitGroup
	for range 4 {
		w := newStreamWorld(t)
		workers.Go(func() {
			for i := range jobs {
				if err := w.check(samples[i]); err != nil {
					s := samples[i]
					t.Errorf("output %d (%v, status %q, chunks of %d, %.80q): %v", i, s.format, s.status, s.chunk, s.answer, err)
				}
			}
		})
	}
	for i := range samples {
		jobs <- i
	}
	close(jobs)
	workers.Wait()
}

// sampleCount is how many outputs are generated; a few of them are large.
const (
	sampleCount = 1000
	largeSize   = 50 << 20
)

func makeSamples(random *rand.Rand) []sample {
	formats := [][]string{
		nil, nil, nil, {"--verbose"}, {"--output-format", "text"}, {"--output-format", "json"},
		{"--output-format", "json", "--verbose"},
		{"--output-format", "stream-json", "--verbose"},
	}
	samples := make([]sample, sampleCount)
	for i := range samples {
		answer, plain := makeAnswer(random)
		samples[i] = sample{
			answer: answer, format: formats[i%len(formats)], chunk: random.IntN(3) * random.IntN(60),
			stream: random.IntN(2) == 0,
		}
		if random.IntN(4) == 0 {
			samples[i].status = []string{"0", "2", "3", "143"}[random.IntN(4)]
			if plain {
				samples[i].status = "1"
			}
		}
	}
	for i, format := range [][]string{nil, {"--output-format", "json"}, {"--output-format", "stream-json", "--verbose"}} {
		large := make([]byte, largeSize)
		for at := 0; at < len(large); at += 8 {
			copy(large[at:], strconv.AppendUint(nil, random.Uint64(), 36))
		}
		samples[i] = sample{answer: large, format: format, stream: true}
	}
	samples[3] = sample{} // an answer of nothing
	return samples
}

// failureMessages are what the clients print of a failure.
var failureMessages = []string{
	"Failed to authenticate. API Error: 401 Invalid authentication credentials",
	"Failed to authenticate: OAuth session expired and could not be refreshed",
	"Not logged in · Please run /login",
	"Please run /login · API Error: 401 Invalid authentication credentials",
	"OAuth token revoked · Please run /login",
	"Invalid API key · Fix external API key",
	`API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"Invalid bearer token"}}`,
}

// makeAnswer makes up an answer; plain is true when it has nothing of a failure message in it.
func makeAnswer(random *rand.Rand) (answer []byte, plain bool) {
	message := failureMessages[random.IntN(len(failureMessages))]
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	switch random.IntN(9) {
	case 0: // as far as it goes
		return []byte(message[:1+random.IntN(len(message)-1)]), false
	case 1:
		return []byte(message), false
	case 2: // and on
		tails := []string{".", " is what it says.", "\n\nSign in again.", "\x00", "\n" + message}
		return []byte(message + tails[random.IntN(5)]), false
	case 3: // in the middle
		return []byte("It says:\n" + message + "\nand ends."), false
	case 4: // one byte wrong
		wrong := []byte(message)
		wrong[random.IntN(len(wrong))] ^= 1
		return wrong, false
	case 5:
		blank := []string{" ", "\n", "\x1b[0m", "\r\n"}[random.IntN(4)]
		return []byte(strings.Repeat(blank, random.IntN(5000)) + message[:random.IntN(len(message))]), false
	case 6:
		return noise(random.IntN(3000)), true
	case 7:
		return append([]byte(message), noise(1+random.IntN(5000))...), false
	default:
		return []byte(strings.Repeat("An ordinary answer. ", random.IntN(400))), true
	}
}

// streamWorld is a home with a good login.
type streamWorld struct {
	service *service.Service
	env     []string
	dir     string
	login   string // the credentials file
	before  []byte
}

func newStreamWorld(t *testing.T) *streamWorld {
	home := t.TempDir()
	w := &streamWorld{dir: filepath.Join(home, "app"), login: filepath.Join(home, ".claude", ".credentials.json")}
	var err error
	for _, dir := range []string{w.dir, filepath.Dir(w.login)} {
		err = errors.Join(err, os.MkdirAll(dir, 0o700))
	}
	if err == nil {
		w.service, err = service.Open(filepath.Join(home, ".service"), time.Now)
	}
	if err == nil {
		w.before, err = harness.Document("fresh", w.service, time.Now())
	}
	if err == nil {
		err = os.WriteFile(w.login, w.before, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "CLAUDE_AUTH_MODE=auto", "BROWSER=false",
		paths.EnvClient + "=" + filepath.Join(binaries, "claude-recorder"), service.EnvDir + "=" + w.service.Dir(),
		standin.EnvVersion + "=" + claude.Newest.String(), envRecord + "=" + filepath.Join(home, "wrote"),
	}
	return w
}

func (w *streamWorld) check(s sample) error {
	answer := filepath.Join(w.dir, "answer")
	err := os.WriteFile(answer, s.answer, 0o600)
	if err == nil {
		err = errors.Join(w.service.Set("answer-file", answer), w.service.Set("chunk", strconv.Itoa(s.chunk)))
	}
	if err != nil {
		return err
	}
	run := exec.Command(filepath.Join(binaries, "claude-auth"),
		append([]string{"run", "--timeout", "1s", "--", "-p", "ping", "--no-session-persistence"}, s.format...)...)
	run.Dir, run.Env = w.dir, append(w.env[:len(w.env):len(w.env)], envForced+"="+s.status)
	if s.stream {
		run.Env = append(run.Env, standin.EnvStream+"=1")
	}
	var stderr bytes.Buffer
	run.Stderr = &stderr
	got, err := run.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	name := filepath.Join(filepath.Dir(w.dir), "wrote")
	want, err := os.ReadFile(name)
	status, statusErr := os.ReadFile(name + ".status")
	after, loginErr := os.ReadFile(w.login)
	if err := errors.Join(err, statusErr, loginErr, os.Remove(name+".status")); err != nil {
		return fmt.Errorf("%w; standard error: %s", err, &stderr)
	}
	switch {
	case !bytes.Equal(got, want):
		return fmt.Errorf("%d bytes came out, the client wrote %d; standard error: %s", len(got), len(want), &stderr)
	case strconv.Itoa(run.ProcessState.ExitCode()) != string(status):
		return fmt.Errorf("status %d, the client's was %s", run.ProcessState.ExitCode(), status)
	case stderr.Len() != 0:
		return fmt.Errorf("on standard error: %s", &stderr)
	case !bytes.Equal(after, w.before):
		return errors.New("the credentials file has changed")
	case s.stream && len(s.format) == 0 && !bytes.Equal(got, s.answer):
		return fmt.Errorf("the answer came out as %.80q", got)
	}
	return nil
}
