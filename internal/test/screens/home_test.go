package screens

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// fingerprintKey is the key of the fingerprints in every recording: with another one the names of logins would differ.
var fingerprintKey = strings.Repeat("c1a0de", 10) + "0123\n"

// home is the home directory of one recording, with a service and a stand-in client.
type home struct {
	dir     string
	began   time.Time
	days    int // for mask
	env     []string
	service *service.Service
	paths   paths.Paths
	ledger  *ledger.Ledger
}

// homes counts the homes of this process, so that each has a path of its own, of the same width.
var homes atomic.Int32

// homesPrefix begins the path of each home of this process.
func homesPrefix() string { return fmt.Sprintf("/tmp/screens-%07d-", os.Getpid()) }

// removeHomes removes what programs have written into their homes while their terminal was closed.
func removeHomes() {
	for range 30 {
		left, _ := filepath.Glob(homesPrefix() + "*") // the pattern is well formed
		if len(left) == 0 {
			return
		}
		for _, dir := range left {
			_ = os.RemoveAll(dir) // again in the next round
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func newHome(t *testing.T, s shot) *home {
	t.Helper()
	top := fmt.Sprintf("%s%03d", homesPrefix(), homes.Add(1))
	h := &home{dir: filepath.Join(top, "pat"), began: time.Now()}
	t.Cleanup(func() { _ = os.RemoveAll(top) })
	if err := h.fill(top, s); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *home) fill(top string, s shot) (err error) {
	for _, dir := range []string{".claude", ".local/bin", ".local/state/claude-auth", "app"} {
		err = errors.Join(err, os.MkdirAll(filepath.Join(h.dir, dir), 0o700))
	}
	bin, zone := filepath.Join(h.dir, ".local", "bin"), filepath.Join(top, "zone")
	h.env = append([]string{
		"HOME=" + h.dir, "USER=pat", "SHELL=/bin/bash", "LANG=C.UTF-8", "TERM=xterm-256color", "TZ=" + zone,
		"PATH=" + bin + ":/usr/bin:/bin", "TMPDIR=" + top,
		"BROWSER=" + filepath.Join(top, "browser"),
		service.EnvDir + "=" + filepath.Join(top, "service"), standin.EnvVersion + "=" + claude.Newest.String(),
		"GORACE=atexit_sleep_ms=0", // else every program of ours ends a second late under -race
	}, s.env...)
	ahead, days := zoneAt(h.began)
	h.days = days
	located, pathsErr := paths.Resolve(paths.New(h.env), "")
	h.paths = located
	config := fmt.Sprintf(`{"hasCompletedOnboarding":true,"theme":"dark","projects":{%q:`+
		`{"hasTrustDialogAccepted":true,"hasCompletedProjectOnboarding":true}}}`, filepath.Join(h.dir, "app"))
	script := "#!/bin/sh\nexec " + filepath.Join(bin, "claude-auth") + " %s \"$@\"\n"
	return errors.Join(err, pathsErr,
		os.Link(program, filepath.Join(bin, "claude-auth")),
		os.WriteFile(filepath.Join(bin, "claude"), fmt.Appendf(nil, script, "__standin"), 0o700),
		os.WriteFile(filepath.Join(top, "browser"), fmt.Appendf(nil, script, "__browser"), 0o700),
		os.WriteFile(zone, zoneFile(int32(ahead)), 0o600),
		os.WriteFile(h.paths.GlobalConfig, []byte(config), 0o600),
		os.WriteFile(h.paths.Key(), []byte(fingerprintKey), 0o600),
		h.serve(filepath.Join(top, "service"), s),
		h.logIn(s),
	)
}

// serve opens the service and sets what it answers.
func (h *home) serve(dir string, s shot) (err error) {
	if h.service, err = service.Open(dir, time.Now); err != nil {
		return err
	}
	for _, setting := range append([]string{"token=401"}, s.service...) {
		name, value, _ := strings.Cut(setting, "=")
		err = errors.Join(err, h.service.Set(name, value))
	}
	return err
}

// logIn saves the login of the recording, which was made 23 days ago.
func (h *home) logIn(s shot) error {
	key, err := secret.LoadKey(h.paths.Key())
	if err != nil {
		return err
	}
	h.ledger = ledger.New(h.paths.Ledger(), key, time.Now)
	if s.login != "" {
		saved := h.began.Add(-time.Minute)
		text, err := harness.Document(s.login, h.service, h.began)
		if err := errors.Join(err, os.WriteFile(h.paths.Credentials, text, 0o600),
			os.Chtimes(h.paths.Credentials, saved, saved)); err != nil {
			return err
		}
	}
	if s.lives != nil {
		return h.ledger.Append(s.lives(h)...)
	}
	return h.ledger.Append(h.event(23, ledger.SignedIn, h.savedLogin()))
}

// savedLogin is the login that fixtures have.
func (h *home) savedLogin() ledger.LoginID {
	return h.ledger.Identify(secret.New(harness.OldAccess), secret.New(harness.OldRefresh))
}

// event is something that happened so many days ago.
func (h *home) event(daysAgo float64, kind ledger.Kind, id ledger.LoginID) ledger.Event {
	return ledger.Event{
		Time: h.began.Add(-time.Duration(daysAgo * float64(24*time.Hour))), Kind: kind, Login: id, File: h.paths.Credentials,
	}
}

// zoneFile is a file for the variable TZ: a time zone that is so many seconds ahead of UTC (RFC 8536, version 1).
func zoneFile(ahead int32) []byte {
	file := append([]byte("TZif"), make([]byte, 16)...)
	for _, count := range []uint32{0, 0, 0, 0, 1, 4} { // one zone; its name has four bytes
		file = binary.BigEndian.AppendUint32(file, count)
	}
	file = binary.BigEndian.AppendUint32(file, uint32(ahead))
	return append(file, 0, 0, 'L', 'M', 'T', 0)
}

// ended waits until the commands have ended.
func (h *home) ended(view *harness.Screen) error {
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(h.dir, "ended")); err == nil {
			return nil
		}
		if time.Since(begun) > harness.Patience {
			text, _ := view.Text()
			return fmt.Errorf("the commands have not ended; on the screen there is:\n%s", text)
		}
	}
}
