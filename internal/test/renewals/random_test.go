//go:build linux

package renewals

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

const (
	// seed makes the two hundred runs the same each time, and the same for the client alone.
	seed = 12
	runs = 200
	// beside is how many of them run at once.
	beside = 4
	// longestWait is the longest time for which the token endpoint waits with an answer.
	longestWait = 1500 * time.Millisecond
	// latest is when a command is ended, at the latest.
	latest = 6 * time.Second
)

// storm is two hundred commands that are ended at random moments, in one home, beside a session. Every command finds
// that its login is due.
type storm struct {
	*place
	guarded bool
	life    time.Duration // of a new access token
	over    chan struct{} // closed after the last command
	lost    int           // belongs to watch until it has ended
	ended   atomic.Int64  // commands that were ended before they had ended by themselves
}

// TestRandomEndings counts the logins that are lost: none under claude-auth, also with a session and a timer that renew
// beside the commands. With the client alone it shows that the storm can lose one.
func TestRandomEndings(t *testing.T) {
	if !full {
		t.Skip("only with TORTURE=full")
	}
	for _, version := range realclient.Watched() {
		t.Run(version, func(t *testing.T) {
			// Always due: the guard renews 10 minutes before the end, the client alone 5.
			guarded := runStorm(t, version, true, 8*time.Minute)
			alone := runStorm(t, version, false, 4*time.Minute)
			if guarded.lost > 0 {
				t.Errorf("%d logins are lost", guarded.lost)
			}
			if alone.lost == 0 {
				t.Error("the client alone has lost no login: this test proves nothing")
			}
		})
	}
}

func runStorm(t *testing.T, version string, guarded bool, life time.Duration) *storm {
	began := time.Now()
	s := &storm{place: newPlace(t, version, life, 0), guarded: guarded, life: life, over: make(chan struct{})}
	must(t, s.service.Set("access-life", life.String()))
	session := s.startShell(t, guarded)
	session.run(t, "claude")
	leave{}.draw(t, session)
	var others sync.WaitGroup
	others.Go(func() { s.watch(t) })
	if guarded {
		others.Go(func() { s.schedule(t) })
	}
	next := make(chan attempt)
	go func() { // ends when the commands have taken all
		defer close(next)
		random := rand.New(rand.NewPCG(seed, 0))
		for range runs {
			next <- attempt{
				way:   ways[random.IntN(len(ways))],
				after: time.Duration(random.Int64N(int64(latest))), wait: time.Duration(random.Int64N(int64(longestWait))),
			}
		}
	}()
	t.Run(fmt.Sprintf("guarded=%v", guarded), func(t *testing.T) {
		for i := range beside {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for a := range next {
					s.try(t, a)
				}
			})
		}
	})
	close(s.over)
	others.Wait()
	session.leave(t)
	s.quiet(t)
	if !s.good(t) {
		s.lost++
	}
	stored, rejected := 0, 0
	for _, r := range s.sent(t) {
		if r.Status == service.OK {
			stored++
		} else {
			rejected++
		}
	}
	fmt.Printf("%s, guarded %v, seed %d: %d runs, %d ended early, %d renewals, %d refresh tokens rejected, %d logins "+
		"lost, %v\n", version, guarded, seed, runs, s.ended.Load(), stored, rejected, s.lost,
		time.Since(began).Round(time.Second))
	return s
}

// attempt is one command and its end.
type attempt struct {
	way         way
	after, wait time.Duration
}

// try runs one command and ends it.
func (s *storm) try(t *testing.T, a attempt) {
	must(t, s.service.Set("token-wait", a.wait.String()))
	sh := s.startShell(t, s.guarded)
	command := sh.run(t, "claude -p hi")
	select {
	case <-time.After(a.after):
	case <-command.over():
	}
	if !command.ended() {
		s.ended.Add(1)
		if a.way.end == nil { // timeout
			a.way.end = func(_ *shell, p *process) error { return p.signal(syscall.SIGTERM) }
		}
		_ = a.way.end(sh, command) // it may just have ended
	}
	command.wait(t)
	sh.leave(t)
}

// schedule renews as a timer does, all the time.
func (s *storm) schedule(t *testing.T) {
	for {
		select {
		case <-s.over:
			return
		case <-time.After(rand.N(3 * time.Second)):
		}
		if out, err := s.command(context.Background(), "claude-auth", "renew", "--if-due").CombinedOutput(); err != nil {
			t.Errorf("renew --if-due: %v\n%s", err, out)
		}
	}
}

// watch looks for a lost login, counts it, and signs in again, as a person would.
func (s *storm) watch(t *testing.T) {
	bad := time.Time{} // since when the saved login does not work; zero: it does
	for {
		select {
		case <-s.over:
			return
		case <-time.After(100 * time.Millisecond):
		}
		last := time.Time{}
		if sent := s.sent(t); len(sent) > 0 {
			last = sent[len(sent)-1].Time
		}
		switch {
		case s.good(t):
			bad = time.Time{}
		case bad.IsZero():
			bad = time.Now()
		case time.Since(last) > 3*longestWait && time.Since(bad) > 3*longestWait && !s.refreshing():
			s.lost++
			s.signIn(t)
			bad = time.Time{}
		}
	}
}

func (s *storm) signIn(t *testing.T) {
	login, err := s.service.NewLogin()
	must(t, err)
	text := document(login, time.Now().Add(s.life))
	file := filepath.Join(s.dir, "new")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	must(t, os.Rename(file, s.credentials()))
}
