package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/hooks"
	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/ui"
	"github.com/claude-auth/claude-auth/shell"
)

// extra is a file that install can write besides the hook: a completion or the manual page.
type extra struct {
	name string
	path string // "" for a completion whose directory only the shell knows
	text []byte
	exe  string // the program that the text names
}

// packaged is what a package has in the place of the extra: it names the program without a path.
func (e extra) packaged() []byte {
	return bytes.ReplaceAll(e.text, []byte(e.exe), []byte("claude-auth"))
}

// largestExtra is far more than any of them has, in bytes.
const largestExtra = 1 << 20

// isExtra reports whether a file is a completion or a manual page of this program.
func isExtra(path string) bool {
	data, _, err := atomicfile.ReadRegular(path, largestExtra)
	return err == nil && isExtraText(data)
}

func isExtraText(data []byte) bool {
	head := data[:min(len(data), 300)]
	return bytes.Contains(head, []byte("# The completion of claude-auth for ")) ||
		bytes.Contains(head, []byte("\n.Dt CLAUDE-AUTH 1\n"))
}

// manPath is where man looks for the manual page of the program at exe. It looks beside each directory of PATH.
func manPath(env paths.Env, exe string) string {
	if bin := filepath.Dir(exe); filepath.Base(bin) == "bin" && paths.IsBelow(bin, env.Get("HOME")) {
		return filepath.Join(filepath.Dir(bin), "share/man/man1/claude-auth.1")
	}
	return filepath.Join(env.Get("HOME"), ".local/share/man/man1/claude-auth.1")
}

// completionPath is where the shell looks for the completion; "" when only the shell knows.
func completionPath(env paths.Env, sh *shell.Shell) string {
	for _, place := range sh.Completions {
		if dir := env.Get(place.Var); filepath.IsAbs(dir) {
			return filepath.Join(dir, place.Name)
		}
	}
	return ""
}

// wantedExtras returns the extras that a flag asks for, or that the person wants when asked.
func (p *program) wantedExtras(c *cli.Context, in installation) ([]extra, error) {
	completion, man := c.Bool("completion"), c.Bool("man")
	if !c.IsSet("completion") && !c.IsSet("man") && !c.Bool("dry-run") && !p.hasExtras(in) {
		yes, err := p.offerExtras(c)
		if err != nil {
			return nil, err
		}
		completion, man = yes, yes
	}
	var list []extra
	if completion {
		script, err := hooks.Completion(in.shell, in.exe)
		if err != nil {
			return nil, err
		}
		list = append(list, extra{in.shell.Name + " completion", completionPath(p.env, in.shell), []byte(script), in.exe})
	}
	if man {
		list = append(list, extra{"the manual page", manPath(p.env, in.exe), manPage(), in.exe})
	}
	return list, nil
}

// hasExtras reports whether the extras are there already.
func (p *program) hasExtras(in installation) bool {
	completion := completionPath(p.env, in.shell)
	return isExtra(manPath(p.env, in.exe)) && (completion == "" || isExtra(completion))
}

// offerExtras asks whether the extras are wanted, where a person sees the question.
func (p *program) offerExtras(c *cli.Context) (bool, error) {
	if c.Bool("yes") || p.ui.Width() == 0 || !p.ui.CanAsk() {
		return c.Bool("yes"), nil
	}
	yes, err := p.ui.Ask(c.Context, ui.Question{
		Text: "Install completion and the manual page too?", EnterIsYes: true,
	})
	if c.Context.Err() != nil {
		return false, err
	}
	return yes && err == nil, nil
}

// writeExtras writes the extras and says where they are. seen is what the shell has said.
func (p *program) writeExtras(in installation, seen hooks.Seen) error {
	var failed error
	for _, e := range in.extras {
		isCompletion := e.path == "" || e.path == completionPath(p.env, in.shell)
		if isCompletion && e.path == "" {
			e.path = completionDir(seen, p.paths.Home)
		}
		if isCompletion {
			p.noteCompletion(in, seen, e)
		}
		if e.path == "" {
			continue
		}
		if err := p.writeExtra(e); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		p.ui.Text("Installed " + e.name + ": " + e.path)
	}
	return failed
}

// noteCompletion says what keeps the completion from being loaded, or installed.
func (p *program) noteCompletion(in installation, seen hooks.Seen, e extra) {
	if hooks.Completes(in.file) {
		return
	}
	name, asked := in.shell.Name, seen.Path != ""
	load, _, _ := strings.Cut(in.shell.Completion, ", after")
	switch {
	case asked && seen.Completes == "":
		p.ui.Notef("%s loads completions only with %s, which it does not have here", name, in.shell.Loader)
		p.ui.Hintf("add to the end of %s: %s%s", in.file, in.shell.StartLoader, load)
		return
	case e.path != "":
		return
	case asked, in.shell.NoLook:
		p.ui.Notef("%s was not installed, because %s has no directory of yours for it", e.name, name)
	default:
		p.ui.Notef("%s was not installed, because %s did not say where it looks for it", e.name, name)
	}
	p.ui.Hintf("add to the end of %s: %s", in.file, load)
}

// completionDir returns where the completion belongs, in the first of the directories that the shell searches which is
// below the home directory and exists.
func completionDir(seen hooks.Seen, home string) string {
	for _, dir := range filepath.SplitList(seen.Completes) {
		if info, err := os.Stat(dir); paths.IsBelow(dir, home) && err == nil && info.IsDir() {
			return filepath.Join(dir, "_claude-auth")
		}
	}
	return ""
}

func (p *program) writeExtra(e extra) error {
	there, _, err := atomicfile.ReadRegular(e.path, largestExtra)
	switch {
	case err == nil && (bytes.Equal(there, e.text) || bytes.Equal(there, e.packaged())):
		return nil // it may have come with the program, and then does not go before it
	case !errors.Is(err, fs.ErrNotExist) && (err != nil || !isExtraText(there)):
		return fmt.Errorf("%s was not installed: %s is another file", e.name, e.path)
	}
	defer p.noteDirs(e.path)()
	err = atomicfile.Write(e.path, e.text, atomicfile.Options{Mode: 0o644, MkdirParents: true})
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", e.path, atomicfile.WithoutPath(err))
	}
	if err := p.record(e.path); err != nil {
		return fmt.Errorf("%s was installed, but uninstall will not find it: cannot write %s: %w", e.path,
			p.paths.Installed(), atomicfile.WithoutPath(err))
	}
	return nil
}

// record remembers what uninstall has to remove: files, and directories with a slash at their end.
func (p *program) record(made ...string) error {
	list := p.recorded()
	made = slices.DeleteFunc(made, func(path string) bool { return slices.Contains(list, path) })
	if p.paths.StateDir == "" || len(made) == 0 {
		return nil
	}
	return p.writeRecord(append(list, made...))
}

func (p *program) writeRecord(list []string) error {
	text := strings.Join(list, "\n") + "\n"
	return atomicfile.Write(p.paths.Installed(), []byte(text), atomicfile.Options{MkdirParents: true})
}

func (p *program) recorded() []string {
	data, _, err := atomicfile.ReadRegular(p.paths.Installed(), largestExtra)
	if err != nil {
		return nil // then uninstall removes the hooks alone
	}
	return slices.DeleteFunc(strings.Split(string(data), "\n"), func(line string) bool { return !filepath.IsAbs(line) })
}

// installedExtras returns the files that install has written for these shells, with the manual page when all is set.
// Those that came with the program, by install.sh or `make install`, go with the program. Where the record is lost, the
// completions are known by the path of the program in them.
func (p *program) installedExtras(shells []*shell.Shell, all bool) []string {
	list := p.recorded()
	for _, sh := range shells {
		if path := completionPath(p.env, sh); p.wrote(path) {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(path string) bool {
		return !isExtra(path) || !all && !completes(path, shells)
	})
}

// wrote reports whether install has written the completion at path. One that came with the program has its name alone.
func (p *program) wrote(path string) bool {
	data, _, err := atomicfile.ReadRegular(path, largestExtra)
	return err == nil && (bytes.Contains(data, []byte(p.exe)) || bytes.Contains(data, []byte(p.lastingExe())))
}

// completes reports whether the file at path is the completion of one of the shells.
func completes(path string, shells []*shell.Shell) bool {
	data, _, err := atomicfile.ReadRegular(path, largestExtra)
	return err == nil && slices.ContainsFunc(shells, func(sh *shell.Shell) bool {
		return bytes.Contains(data, []byte("# The completion of claude-auth for "+sh.Name+":"))
	})
}

// removeFile removes a file that install has written. One that is not there is not an error.
func removeFile(path string) error {
	err := atomicfile.Remove(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("cannot remove %s: %w", path, atomicfile.WithoutPath(err))
	}
	return nil
}
