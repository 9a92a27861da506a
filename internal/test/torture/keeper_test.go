//go:build linux

package torture

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/guard"
	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// longestKeeper is longer than a keeper lives here: it is killed at a random moment of that time.
const longestKeeper = 350 * time.Millisecond

// TestKilledKeeper kills the keeper of a renewal with SIGKILL, at random moments. The next command must find what the
// client has renewed all the same: the refresh token works once.
func TestKilledKeeper(t *testing.T) {
	beside(t)
	tries, seed := 12, uint64(12)
	if full {
		tries = 100
	}
	random := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	for i := range tries {
		p := newPlace(t)
		old := string(p.fixture(t, "renewable"))
		s, err := service.Open(filepath.Join(p.root, "service"), time.Now)
		must(t, err)
		must(t, s.Set("token-wait", "200ms"))
		ended := make(chan result, 1)
		go func() { ended <- p.tool("renew") }() // ends with the keeper
		pids := p.keepers()
		for len(pids) == 0 && len(ended) == 0 { // on a loaded machine the keeper may be too fast to be seen
			time.Sleep(time.Millisecond)
			pids = p.keepers()
		}
		after := time.Duration(random.Int64N(int64(longestKeeper)))
		time.Sleep(after) // a moment, not a condition
		for _, pid := range pids {
			if syscall.Kill(pid, syscall.SIGKILL) == nil { // otherwise it has just ended
				killed++
			}
		}
		<-ended
		if random.IntN(2) == 0 {
			time.Sleep(time.Duration(random.Int64N(int64(400 * time.Millisecond))))
		}
		r := p.tool("run", "--", "-p", "ping")
		if why := p.notRescued(s, old, r); why != "" {
			t.Errorf("run %d, the keeper killed after %v: %s", i, after, why)
		}
	}
	fmt.Printf("%d keepers killed at random moments of %d runs, seed %d\n", killed, tries, seed)
}

// notRescued says why the command did not find a login that works, or "".
func (p *place) notRescued(s *service.Service, old string, r result) string {
	text, err := os.ReadFile(p.credentials())
	if err != nil {
		return err.Error()
	}
	sent := map[int]int{}
	requests, err := s.Requests()
	if err != nil {
		return err.Error()
	}
	for _, request := range requests {
		if request.Kind == "refresh_token" {
			sent[request.Status]++
		}
	}
	switch {
	case r.status != 0 || !strings.Contains(r.out, "You said: ping"):
		return r.String()
	case string(text) == old, bytes.Contains(text, []byte(harness.OldRefresh)):
		return "the old login is still saved"
	case sent[service.OK] != 1 || len(sent) != 1:
		return fmt.Sprintf("refresh tokens were sent, by status: %v", sent)
	}
	for begun := time.Now(); len(p.keepers()) > 0 && time.Since(begun) < patience; {
		time.Sleep(10 * time.Millisecond) // polls a condition, within the bound above
	}
	// A keeper that is killed while it removes its copy may leave a directory without one.
	if left, _ := filepath.Glob(filepath.Join(p.state(), "renewal", "*", "*", ".credentials.json")); len(left) > 0 {
		return left[0] + " is left"
	}
	return ""
}

// keepers are the keepers that run in this home.
func (p *place) keepers() (pids []int) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is valid
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(line, []byte("\x00"+p.credentials()+"\x00"+guard.Command+"\x00")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
