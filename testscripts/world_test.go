package testscripts

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin"
	"github.com/claude-auth/claude-auth/internal/standin/service"
	"github.com/claude-auth/claude-auth/internal/test/anthropic"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/keychain"
	"github.com/claude-auth/claude-auth/internal/test/shells"
	"github.com/claude-auth/claude-auth/shell"
)

// flavour is which client a script runs with.
type flavour struct {
	version string
	binary  string // the real client; empty: the stand-in

	keychain bool // the login is in a keychain, as on macOS
}

func (f flavour) String() string {
	if f.binary == "" {
		return "standin-" + f.version
	}
	return "real-" + f.version
}

// world is what the commands of one script share.
type world struct {
	flavour  flavour
	service  *service.Service
	home     string
	baseline harness.Baseline
	held     map[string]func() // locks, by path
	kept     map[string]keptFile

	conversation *conversation // the last one; nil before the first
}

// worldKey is the key of the world among the values of a script.
type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// setup makes the world of a script: a home of its own in an environment that was made here from nothing.
func (f flavour) setup(env *testscript.Env) error {
	work, err := filepath.EvalSymlinks(env.WorkDir) // the client sees through links, and its trust is by directory
	if err != nil {
		return err
	}
	w := &world{flavour: f, home: filepath.Join(work, "home"), held: map[string]func(){}, kept: map[string]keptFile{}}
	app, bin := filepath.Join(w.home, "app"), filepath.Join(work, ".bin")
	dirs := []string{filepath.Join(w.home, ".claude"), app, bin}
	for _, s := range shell.All() {
		d, err := shells.Find(s)
		if err != nil {
			return err
		}
		for _, dir := range d.Folders {
			dirs = append(dirs, filepath.Join(w.home, dir))
		}
	}
	if f.keychain {
		item := keychain.ItemPath(filepath.Join(work, ".keychain"), claude.KeychainService, account())
		dirs = append(dirs, filepath.Dir(item))
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if w.service, err = service.Open(filepath.Join(work, ".service"), time.Now); err != nil {
		return err
	}
	config := fmt.Sprintf(`{"hasCompletedOnboarding":true,"theme":"dark","projects":{%q:`+
		`{"hasTrustDialogAccepted":true,"hasCompletedProjectOnboarding":true}}}`, app)
	if err := os.WriteFile(filepath.Join(w.home, ".claude.json"), []byte(config), 0o600); err != nil {
		return err
	}
	vars := f.environ(w, work, bin, env.WorkDir)
	if f.binary != "" {
		server, err := f.startServer(w, work, bin)
		if err != nil {
			return err
		}
		env.Defer(func() { _ = server.Close() })
		vars = append(vars, server.Environ()...)
	}
	env.Vars, env.Cd = vars, app
	env.Values[worldKey{}] = w
	env.Defer(w.releaseAll)
	env.Defer(w.endBackground)
	if err := move(work, app); err != nil {
		return err
	}
	w.baseline, err = harness.TakeBaseline(work)
	return err
}

// docs is the directory of the documents that scripts try. Abs fails only where there is no working directory.
var docs, _ = filepath.Abs("../docs")

// environ is the environment of a script. Nothing in it is from outside.
func (f flavour) environ(w *world, work, bin, temporary string) []string {
	vars := []string{
		"WORK=" + work, "HOME=" + w.home, "USER=pat", "PATH=" + path(bin), "TERM=xterm-256color", "LANG=C.UTF-8",
		"TMPDIR=" + filepath.Join(temporary, ".tmp"), "SHELL=/bin/sh",
		"XDG_STATE_HOME=" + filepath.Join(w.home, ".local", "state"),
		"XDG_CONFIG_HOME=" + filepath.Join(w.home, ".config"),
		"XDG_CACHE_HOME=" + filepath.Join(w.home, ".cache"),
		"BROWSER=" + filepath.Join(binaries, "fake-browser"),
		service.EnvDir + "=" + w.service.Dir(), standin.EnvVersion + "=" + f.version,
		envArgv + "=" + filepath.Join(work, ".argv"), envRoot + "=" + filepath.Join(work, ".root"),
		"GORACE=atexit_sleep_ms=0", // else every program of ours ends a second late under -race
		"CREDENTIALS=" + filepath.Join(w.home, ".claude", claude.CredentialsFile),
		"FILE=" + filepath.Join(w.home, ".claude", claude.CredentialsFile),
		"STORE=~/.claude/.credentials.json",
		"VERSION=" + f.version, "DOCS=" + docs, "/=/", ":=:", "$=$",
	}
	if f.keychain {
		vars = append(vars, keychainVars(work)...)
	}
	if v, _ := claude.ParseVersion(f.version); v < claude.Tested[0] {
		vars = append(vars, "CLAUDE_CODE_MAX_RETRIES=0") // else -p tries a 401 for three minutes (2.1.104 to 2.1.161)
	}
	return vars
}

// keychainVars are the variables of a script whose login is in a keychain. $CREDENTIALS is the item there.
func keychainVars(work string) []string {
	dir, tool := filepath.Join(work, ".keychain"), filepath.Join(binaries, "security")
	return []string{
		keychain.EnvDir + "=" + dir, keychain.EnvTool + "=" + tool, standin.EnvSecurity + "=" + tool,
		"CREDENTIALS=" + keychain.ItemPath(dir, claude.KeychainService, account()),
		"USER=" + account(), // fish sets it again when the system has no such user
		`STORE=keychain item "` + claude.KeychainService + `"`,
	}
}

// account is the name of the user who runs the tests.
func account() string {
	me, err := user.Current()
	if err != nil {
		return "root"
	}
	return me.Username
}

// startServer gives the real client its Anthropic.
func (f flavour) startServer(w *world, work, bin string) (*anthropic.Server, error) {
	if err := os.Symlink(f.binary, filepath.Join(bin, "claude")); err != nil {
		return nil, err
	}
	return anthropic.Start(w.service, filepath.Join(work, ".service"))
}

// move puts the files of the script's archive, which lie in work, into app, where the script begins.
func move(work, app string) error {
	entries, err := os.ReadDir(work)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if name := entry.Name(); name != "home" && !strings.HasPrefix(name, ".") {
			if err := os.Rename(filepath.Join(work, name), filepath.Join(app, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// path is the PATH of a script: what stands before all, our programs, and those directories of the machine that hold no
// client and no claude-auth of the person who runs the tests.
func path(first string) string {
	dirs := []string{first, binaries}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if !holds(dir, "claude") && !holds(dir, "claude-auth") {
			dirs = append(dirs, dir)
		}
	}
	return strings.Join(dirs, string(filepath.ListSeparator))
}

func holds(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return !errors.Is(err, os.ErrNotExist)
}

// endBackground ends the background sessions that a script has left behind, and their daemon: every process of its home
// that is no child of the test.
func (w *world) endBackground() {
	if _, err := os.Stat(filepath.Join(w.home, ".claude", claude.JobsDir)); err != nil {
		return // as nearly always
	}
	entries, _ := os.ReadDir("/proc") // there is none on macOS, where no real client runs in a test
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if strings.Contains("\x00"+string(environ), "\x00HOME="+w.home+"\x00") {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by now
		}
	}
}

func (w *world) releaseAll() {
	for _, release := range w.held {
		release()
	}
}
