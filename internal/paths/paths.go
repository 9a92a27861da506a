// Package paths finds the directories and files that the program works with, and the client on PATH. It also names the
// program's own environment variables; package claude names the client's.
package paths

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Environment variables of the program itself.
const (
	EnvMode     = "CLAUDE_AUTH_MODE" // this and the next five: settings (package config)
	EnvGuard    = "CLAUDE_AUTH_GUARD"
	EnvTimeout  = "CLAUDE_AUTH_TIMEOUT"
	EnvColor    = "CLAUDE_AUTH_COLOR"
	EnvBrowser  = "CLAUDE_AUTH_BROWSER"
	EnvNotify   = "CLAUDE_AUTH_NOTIFY"
	EnvFile     = "CLAUDE_AUTH_FILE"     // the credentials file; told to external subcommands too
	EnvClient   = "CLAUDE_AUTH_CLIENT"   // the client's path
	EnvExe      = "CLAUDE_AUTH_EXE"      // told to external subcommands and lifecycle hooks: this program
	EnvDebug    = "CLAUDE_AUTH_DEBUG"    // the file of the debug log; 1 is standard error
	EnvSchedule = "CLAUDE_AUTH_SCHEDULE" // in a run of the schedule: systemd, launchd or cron
	EnvEvent    = "CLAUDE_AUTH_EVENT"    // in a lifecycle hook: its name; below it no hook runs
	EnvExternal = "CLAUDE_AUTH_EXTERNAL" // how many external commands are running above this one
	EnvInside   = "CLAUDE_AUTH_INSIDE"   // the clients that the runs above this one have started; see FindClient
	EnvWatched  = "CLAUDE_AUTH_WATCHED"  // in a client that a run watches: the mark of that run (lock.Mark)
)

// Paths are the directories and files for one environment.
type Paths struct {
	Home          string // "" when HOME is not set; then variables have to name the others
	ConfigDir     string // the client's settings and transcripts: $CLAUDE_CONFIG_DIR or ~/.claude
	StorageDir    string // the credentials and their locks: $CLAUDE_SECURESTORAGE_CONFIG_DIR or ConfigDir
	Credentials   string // the credentials file
	FileNamed     bool   // --file named that file: it alone is meant, also where the client uses a keychain
	GlobalConfig  string // .claude.json, which names the account
	StateDir      string // ours: ledger, backups, key ($XDG_STATE_HOME/claude-auth)
	UserConfigDir string // ours: settings, rules and lifecycle hooks ($XDG_CONFIG_HOME/claude-auth)
}

// ErrNoHome says that HOME is not set. Like git, the program does not ask the password database: os/user would link the
// C library, and the program has to start within a millisecond.
var ErrNoHome = errors.New("no home directory: HOME is not set to an absolute path")

// Resolve finds the paths in env. fileFlag is the value of --file; it overrides $CLAUDE_AUTH_FILE, which overrides the
// client's variables. The error is ErrNoHome when a path depends on the home directory and HOME is not set.
func Resolve(env Env, fileFlag string) (Paths, error) {
	p := Paths{Home: env.Get("HOME")}
	p.ConfigDir = env.Get(claude.EnvConfigDir)
	if p.ConfigDir == "" {
		p.ConfigDir = p.underHome(claude.ConfigDir)
		p.GlobalConfig = p.underHome(claude.GlobalConfig)
	} else {
		p.GlobalConfig = filepath.Join(p.ConfigDir, claude.GlobalConfig)
	}
	p.StorageDir = p.ConfigDir
	if dir, set := env.Lookup(claude.EnvStorageDir); set {
		if p.StorageDir = dir; dir == "" { // set and empty means ~/.claude, whatever CLAUDE_CONFIG_DIR says (read)
			p.StorageDir = p.underHome(claude.ConfigDir)
		}
	}
	if err := p.locateCredentials(env, fileFlag); err != nil {
		return Paths{}, err
	}
	p.StateDir = p.xdg(env, "XDG_STATE_HOME", ".local/state")
	p.UserConfigDir = p.xdg(env, "XDG_CONFIG_HOME", ".config")
	if p.ConfigDir == "" || p.StateDir == "" || p.UserConfigDir == "" {
		return Paths{}, ErrNoHome
	}
	return p, nil
}

// StoreIn returns the environment in which the client keeps its login in the file that this program works on.
func (p Paths) StoreIn(env Env) Env {
	dir := filepath.Dir(p.Credentials)
	usual, err := Resolve(env.Without(EnvFile), "")
	if err != nil || usual.StorageDir != dir {
		env = env.With(claude.EnvStorageDir, dir)
	}
	return env
}

func (p *Paths) locateCredentials(env Env, fileFlag string) error {
	file := fileFlag
	if file == "" {
		file = env.Get(EnvFile)
	}
	if file == "" && p.StorageDir == "" {
		return ErrNoHome
	}
	if file == "" {
		file = filepath.Join(p.StorageDir, claude.CredentialsFile)
	}
	p.FileNamed = fileFlag != ""
	abs, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("cannot find the credentials file %s: %w", file, err)
	}
	p.Credentials, p.StorageDir = abs, filepath.Dir(abs)
	return nil
}

func (p Paths) underHome(name string) string {
	if p.Home == "" {
		return ""
	}
	return filepath.Join(p.Home, name)
}

// xdg follows the XDG base directory specification, which ignores a relative value.
func (p Paths) xdg(env Env, variable, fallback string) string {
	if dir := env.Get(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "claude-auth")
	}
	return p.underHome(filepath.Join(fallback, "claude-auth"))
}

// Key is the file with the key of the fingerprints.
func (p Paths) Key() string { return filepath.Join(p.StateDir, "key") }

// Ledger is the record of what happened to each login.
func (p Paths) Ledger() string { return filepath.Join(p.StateDir, "ledger.jsonl") }

// LedgerLock is held by the one process that writes the ledger.
func (p Paths) LedgerLock() string { return filepath.Join(p.StateDir, "ledger.lock") }

// NotifyLock is held by the one process that shows a desktop notification.
func (p Paths) NotifyLock() string { return filepath.Join(p.StateDir, "notify.lock") }

// Backups is the directory of the backups.
func (p Paths) Backups() string { return filepath.Join(p.StateDir, "backups") }

// SpareBackups is the directory of the backups that could not be written into the state directory. An edit of the
// credentials file is possible only where this one can be written too.
func (p Paths) SpareBackups() string { return filepath.Join(p.StorageDir, ".claude-auth-backups") }

// Stateless returns the paths without a state directory: nothing can be found or made in this one.
func (p Paths) Stateless() Paths {
	p.StateDir = "/dev/null"
	return p
}

// AttemptLock is held by the one process that repairs a login.
func (p Paths) AttemptLock() string { return filepath.Join(p.StateDir, "attempt.lock") }

// RenewLock is held by the one process that renews a login.
func (p Paths) RenewLock() string { return filepath.Join(p.StateDir, "renew.lock") }

// SignInDir is the directory of a sign-in that waits in the background.
func (p Paths) SignInDir() string { return filepath.Join(p.StateDir, "sign-in") }

// Schedule is the file that says who runs what while the schedule is on.
func (p Paths) Schedule() string { return filepath.Join(p.StateDir, "schedule.json") }

// ScheduleRun is the file that says how the last run of the schedule ended.
func (p Paths) ScheduleRun() string { return filepath.Join(p.StateDir, "schedule-run.json") }

// Installed lists the completions and manual pages that `install` has written, one path a line.
func (p Paths) Installed() string { return filepath.Join(p.StateDir, "installed") }

// PromptState is the one-line state file that the shell hooks read before each prompt.
func (p Paths) PromptState() string { return filepath.Join(p.StateDir, "prompt") }

// Config is the file with the settings of the program.
func (p Paths) Config() string {
	if p.UserConfigDir == "" {
		return ""
	}
	return filepath.Join(p.UserConfigDir, "config")
}

// Rules is the file with the user's own detection rules.
func (p Paths) Rules() string { return filepath.Join(p.UserConfigDir, "rules") }

// LifecycleHooks is the directory of the lifecycle hooks (pre-wipe, post-wipe, …).
func (p Paths) LifecycleHooks() string { return filepath.Join(p.UserConfigDir, "hooks") }

// SettingsFiles lists the client's settings files for the directory cwd. A setting in an earlier one overrides the
// later ones.
func (p Paths) SettingsFiles(cwd string) []string {
	return []string{
		claude.ManagedSettings(),
		filepath.Join(cwd, claude.ConfigDir, claude.LocalSettings),
		filepath.Join(cwd, claude.ConfigDir, claude.Settings),
		filepath.Join(p.ConfigDir, claude.Settings),
	}
}
