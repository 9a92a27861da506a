package schedule

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// NewJob returns the job that renews the login: with this program, which runs from the file exe, and with the files and
// the client that env and p stand for. file says that the user has named the credentials file.
//
// What a scheduler stores can be read by others, in a backup for example. So NewJob leaves out a variable with a
// secret in it, and returns its name in withheld.
func NewJob(exe string, env paths.Env, p paths.Paths, file bool) (job Job, withheld []string, err error) {
	client, err := paths.FindClient(env)
	if err != nil {
		return Job{}, nil, fmt.Errorf("renewals cannot be scheduled: %w", err)
	}
	job = Job{Program: stableName(exe, env), Args: []string{"renew", "--if-due"}, Unset: claude.OverrideVariables()}
	add := func(name, value string) { job.Env = append(job.Env, name+"="+value) }
	if p.Home != "" {
		add("HOME", p.Home)
	}
	add("PATH", searchPath(env, client))
	if file || env.Get(paths.EnvFile) != "" {
		add(paths.EnvFile, p.Credentials)
	}
	for _, name := range []string{paths.EnvClient, claude.EnvConfigDir, claude.EnvStorageDir} {
		if value, set := env.Lookup(name); set && (value != "" || name == claude.EnvStorageDir) {
			add(name, absolute(value))
		}
	}
	for _, name := range []string{"XDG_STATE_HOME", "XDG_CONFIG_HOME"} {
		if value := env.Get(name); filepath.IsAbs(value) {
			add(name, value)
		}
	}
	for _, name := range claude.NetworkVariables {
		switch value := env.Get(name); {
		case value == "":
		case isSecret(name, value):
			withheld = append(withheld, name)
		default:
			add(name, value)
		}
	}
	return job, withheld, nil
}

// isSecret reports whether the value of a variable must not be stored. In the address of a proxy, what comes before an
// @ is a password or a token.
func isSecret(name, value string) bool {
	return name == claude.EnvKeyPassphrase || strings.Contains(value, "@") || secret.Redact(value) != value
}

// absolute returns path from the root; "" stays, as it means something else to the client than the current directory.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); path != "" && err == nil {
		return abs
	}
	return path
}

// searchPath returns the absolute and existing directories of PATH, each once: the client may be a script that needs
// others, such as node. Version managers put a directory on PATH that goes with the shell and links to the real one;
// that one is added.
func searchPath(env paths.Env, client string) string {
	var dirs []string
	add := func(dir string) {
		info, err := os.Stat(dir)
		if err == nil && info.IsDir() && filepath.IsAbs(dir) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		add(filepath.Clean(dir))
	}
	if real, err := filepath.EvalSymlinks(filepath.Dir(client)); err == nil {
		add(real)
	}
	return strings.Join(dirs, string(filepath.ListSeparator))
}

// shortPath returns the directories of a search path that the client is certain to need.
func shortPath(path string) string {
	needed := func(dir string) bool {
		return slices.Contains([]string{"/usr/local/bin", "/usr/bin", "/bin"}, dir) ||
			exists(filepath.Join(dir, claude.Program)) || exists(filepath.Join(dir, claude.Interpreter))
	}
	dirs := slices.DeleteFunc(filepath.SplitList(path), func(dir string) bool { return !needed(dir) })
	return strings.Join(dirs, string(filepath.ListSeparator))
}

// stableName returns the name on PATH that leads to the program at exe, which an update of a package keeps, or exe.
func stableName(exe string, env paths.Env) string {
	own, err := os.Stat(exe)
	if err != nil {
		return exe
	}
	for _, dir := range filepath.SplitList(env.Get("PATH")) {
		path := filepath.Join(dir, filepath.Base(exe))
		if info, err := os.Stat(path); filepath.IsAbs(dir) && err == nil && os.SameFile(own, info) {
			return path
		}
	}
	return exe
}
