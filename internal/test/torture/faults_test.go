//go:build linux

package torture

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// scenario is a command that is interrupted everywhere.
type scenario struct {
	name    string
	args    []string
	fixture string
	before  []string // a command that comes first
	link    string   // where the credentials file is a link to, from the home
	signsIn bool     // a new login comes of it
	undo    []string // what brings the old login back afterwards; none: it is back already
	mounted bool     // the credentials file is a mount point, which is written in place
}

var scenarios = []scenario{
	{name: "wipe", args: []string{"wipe"}, fixture: "stale", undo: []string{"undo"}},
	{name: "set", args: []string{"set", "claudeAiOauth.subscriptionType", "pro"}, fixture: "fresh",
		undo: []string{"undo"}},
	{name: "undo", args: []string{"undo"}, fixture: "stale", before: []string{"wipe"}},
	{name: "login", args: []string{"login"}, fixture: "stale", signsIn: true, undo: []string{"undo", "--force"}},
	{name: "linked", args: []string{"login"}, fixture: "stale", signsIn: true, link: "dotfiles/claude.json",
		undo: []string{"undo", "--force"}},
	{name: "recover", args: []string{"recover", "--yes"}, fixture: "norefresh", signsIn: true,
		undo: []string{"undo", "--force"}},
	{name: "wipe/m", args: []string{"wipe"}, fixture: "stale", undo: []string{"undo"}, mounted: true},
	{name: "set/m", args: []string{"set", "claudeAiOauth.subscriptionType", "something longer"}, fixture: "fresh",
		undo: []string{"undo"}, mounted: true},
	{name: "undo/m", args: []string{"undo"}, fixture: "stale", before: []string{"wipe"}, mounted: true},
	{name: "login/m", args: []string{"login"}, fixture: "stale", signsIn: true, undo: []string{"undo", "--force"},
		mounted: true},
}

const workers = 2

func TestFaults(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the program fault knows the registers of amd64 only")
	}
	if testing.Short() {
		t.Skip("not with -short")
	}
	beside(t)
	for _, s := range scenarios {
		if s.mounted && !tools.CanMount() {
			t.Logf("%s is left out: only root can mount", s.name)
			continue
		}
		var wait sync.WaitGroup
		var all []point
		planned := make(chan struct{})
		for worker := range workers {
			root := t.TempDir()
			wait.Go(func() {
				c := &checker{scenario: s, h: newHome(t, root)}
				c.h.mounted = s.mounted
				c.prepare(t)
				if worker == 0 {
					all = c.h.plan(t, s.args...)
					c.h.restore(t, "template")
					close(planned)
				}
				<-planned
				c.torture(t, worker, all)
			})
		}
		wait.Wait()
	}
}

// torture tries the points that fall to this worker.
func (c *checker) torture(t *testing.T, worker int, points []point) {
	if worker == 0 {
		tried.plan(c.name, len(points))
	}
	if !full {
		points = sample(c.own(points))
	}
	for i := worker; i < len(points); i += workers {
		p := points[i]
		if r, hit := c.h.hit(t, p, c.args...); hit {
			wrong := c.check(r, p)
			if wrong != nil {
				t.Errorf("%s, %s: %v\n%s", c.name, p, wrong, r)
			}
			tried.add(c.name, p, wrong == nil)
		}
		c.h.restore(t, "template")
	}
}

// own is what a scenario does that no other one does.
func (c *checker) own(points []point) []point {
	if c.link == "" {
		return points
	}
	return slices.DeleteFunc(slices.Clone(points), func(p point) bool {
		return p.call() != "symlinkat" && !strings.Contains(p.operation, filepath.Dir(c.link))
	})
}

// checker knows what may be found after a scenario was interrupted.
type checker struct {
	scenario
	h          *home
	start, end []byte // the document before and after; end is nil when it holds a new login
	wiped      []byte // the document in between, where the scenario signs in
	old        []byte // the document with the login that must never be lost
	uid        uint32
}

func (c *checker) prepare(t *testing.T) {
	h := c.h
	c.old = h.fixture(t, c.fixture)
	c.uid = uint32(os.Getuid())
	if os.Getuid() == 0 { // so that a changed owner is seen
		c.uid = 12345
		must(t, os.Chown(h.credentials(), int(c.uid), int(c.uid)))
	}
	if c.link != "" {
		must(t, os.Mkdir(filepath.Join(h.dir, filepath.Dir(c.link)), 0o700))
		must(t, os.Rename(h.credentials(), filepath.Join(h.dir, c.link)))
		must(t, os.Symlink(filepath.Join("..", c.link), h.credentials()))
	}
	c.runBefore(t)
	c.record(t)
}

// runBefore runs the command that comes before the one that is tried.
func (c *checker) runBefore(t *testing.T) {
	if c.before != nil {
		if r := c.h.tool(c.before...); r.status != 0 {
			t.Fatalf("before: %s", r)
		}
	}
}

// record keeps the home as the template, and the file as it is before the command and after it.
func (c *checker) record(t *testing.T) {
	h := c.h
	h.save(t, "template")
	c.start = read(h.credentials())
	if c.signsIn {
		h.tool("wipe")
		c.wiped = read(h.credentials())
	} else {
		h.tool(c.args...)
		c.end = read(h.credentials())
		if bytes.Equal(c.start, c.end) {
			t.Fatalf("%v changes nothing", c.args)
		}
	}
	h.restore(t, "template")
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return data
}

// check says what is wrong after the command was interrupted at p.
func (c *checker) check(r result, p point) error {
	if r.hung {
		return fmt.Errorf("it hung")
	}
	if err := told(r, p); err != nil {
		return err
	}
	if c.mounted && r.status != 0 { // a write in place may be cut short: the next command completes it
		c.h.tool("status")
	}
	after, err := c.document()
	if err != nil {
		return err
	}
	done := bytes.Equal(after, c.end) && c.end != nil ||
		c.signsIn && !bytes.Equal(after, c.start) && !bytes.Equal(after, c.wiped)
	if r.status == 0 && !done {
		return fmt.Errorf("it says that it is done, and it is not")
	}
	if s := c.h.tool("status"); s.status != 0 && s.status != 4 {
		return fmt.Errorf("status afterwards: %s", s)
	}
	if c.signsIn && done { // another sign-in would take this one out: the undo is the next run
		return c.bringBack()
	}
	again := c.h.tool(c.args...)
	undone := c.args[0] == "undo" && bytes.Equal(after, c.old) // and marked so
	if again.status != 0 && !undone {
		return fmt.Errorf("the command again: %s", again)
	}
	if again.status != 0 { // and took no lock: the next run is one that does
		for _, args := range [][]string{c.before, c.args} {
			if r := c.h.tool(args...); r.status != 0 {
				return fmt.Errorf("%v afterwards: %s", args, r)
			}
		}
	}
	if err := told(again, point{}); err != nil {
		return err
	}
	if _, err := c.document(); err != nil {
		return fmt.Errorf("after the command again: %w", err)
	}
	return c.bringBack()
}

// told checks that a failure is told, and no secret with it.
func told(r result, p point) error {
	if harness.Marked([]byte(r.out + r.err)) {
		return fmt.Errorf("a token was printed")
	}
	hasWords := strings.Contains(r.err, "claude-auth: ") || strings.Contains(r.out, "Nothing to undo.")
	if r.status != 0 && r.status < 128 && !hasWords && p.call() != "write" { // which may have taken the words
		return fmt.Errorf("status %d without a word", r.status)
	}
	crashed := func(word string) bool { return strings.Contains(r.err, word) }
	if slices.ContainsFunc([]string{"panic", "goroutine ", "fatal error"}, crashed) {
		return fmt.Errorf("it crashed")
	}
	return nil
}

// document checks the file, and returns its bytes.
func (c *checker) document() ([]byte, error) {
	info, err := os.Stat(c.h.credentials())
	if err != nil {
		return nil, err
	}
	if isLink := c.isLink(); isLink && c.link == "" {
		return nil, errors.New("the file is a link")
	}
	data := read(c.h.credentials())
	if mode := info.Mode(); mode != 0o600 {
		return nil, fmt.Errorf("the file's mode is %v", mode)
	}
	isOneOf := func(known []byte) bool { return known != nil && bytes.Equal(data, known) }
	if bytes.Equal(data, c.start) || isOneOf(c.end) || isOneOf(c.wiped) {
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != c.uid {
			return nil, fmt.Errorf("the file's owner is %d", uid)
		}
		return data, nil
	}
	if !c.signsIn {
		return nil, fmt.Errorf("the document is neither the old one nor the new one: %d bytes", len(data))
	}
	return data, c.newLogin(data)
}

func (c *checker) isLink() bool {
	info, err := os.Lstat(c.h.credentials())
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// newLogin checks a document that the client has written: a login that works, and everything that was beside the old
// one.
func (c *checker) newLogin(data []byte) error {
	var is, was map[string]json.RawMessage
	if err := json.Unmarshal(data, &is); err != nil {
		return fmt.Errorf("the document is torn: %w", err)
	}
	if err := json.Unmarshal(c.old, &was); err != nil {
		return err
	}
	for key := range was {
		if key != "claudeAiOauth" && key != "organizationUuid" && !sameJSON(is[key], was[key]) {
			return fmt.Errorf("%s is lost", key)
		}
	}
	var login struct{ AccessToken, RefreshToken string }
	if err := json.Unmarshal(is["claudeAiOauth"], &login); err != nil {
		return fmt.Errorf("no login: %w", err)
	}
	s, err := service.Open(filepath.Join(c.h.root, "service"), time.Now)
	if err != nil {
		return err
	}
	if access, refresh, err := s.Good(login.AccessToken, login.RefreshToken); err != nil || !access || !refresh {
		return fmt.Errorf("the new login is worth nothing: %v %v %v", access, refresh, err)
	}
	return nil
}

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	var v, w any
	if json.Unmarshal(a, &v) != nil || json.Unmarshal(b, &w) != nil {
		return false
	}
	return json.NewEncoder(&x).Encode(v) == nil && json.NewEncoder(&y).Encode(w) == nil &&
		bytes.Equal(x.Bytes(), y.Bytes())
}

// bringBack checks that the removed login can be restored.
func (c *checker) bringBack() error {
	if c.undo != nil {
		if r := c.h.tool(c.undo...); r.status != 0 {
			return fmt.Errorf("undo: %s", r)
		}
	}
	if err := litter(c.h.dir); err != nil {
		return err
	}
	if c.link != "" && !c.isLink() {
		return errors.New("the link is not back")
	}
	data := read(c.h.credentials())
	if !c.signsIn {
		if !bytes.Equal(data, c.old) {
			return fmt.Errorf("undo does not bring the old document back")
		}
		return nil
	}
	var is, was map[string]json.RawMessage
	if err := json.Unmarshal(data, &is); err != nil {
		return err
	}
	if err := json.Unmarshal(c.old, &was); err != nil {
		return err
	}
	for key := range was {
		if !sameJSON(is[key], was[key]) {
			return fmt.Errorf("undo does not bring %s back", key)
		}
	}
	return nil
}

// known is what may be in a home afterwards: no lock, no temporary, nothing half made.
var known = regexp.MustCompile(`^(\.claude(/(\.credentials\.json|\.claude\.json|projects(/.*)?|` +
	`\.claude-auth-backups(/\d{8}-\d{6}-[0-9a-f]{6}\.json)?))?|\.claude\.json|dotfiles(/claude\.json)?|` +
	`\.keychain(/.*)?|` +
	`\.local(/state(/claude-auth(/(key|\.made|ledger\.jsonl|ledger\.lock|(attempt|notify)\.lock|seen|transcripts|prompt|` +
	`sign-in(/(lock|turn|waiting\.json))?|` +
	`backups(/\d{8}-\d{6}-[0-9a-f]{6}\.json)?))?)?)?)$`)

func litter(dir string) error {
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if name != "." && !known.MatchString(name) {
			found = append(found, name)
		}
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(name, ".local/state/claude-auth") && info.Mode().Perm()&0o077 != 0 {
			found = append(found, fmt.Sprintf("%s with mode %v", name, info.Mode()))
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(found)
	if found != nil {
		return fmt.Errorf("left in the home: %s", strings.Join(found, ", "))
	}
	return nil
}
