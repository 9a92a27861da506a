package diagnose

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
)

// link tells what happens to a credentials file that is a symbolic link, or was one. A directory on the way to it may
// be a link, such as ~/.claude: the client goes through that (2.1.165, 2.1.330, 2.1.332).
func (d *Doctor) link() Finding {
	file := d.Paths.Credentials
	info, err := os.Lstat(file)
	if err != nil {
		return note("", "%s has just been removed", file)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := atomicfile.Target(file)
		if err != nil {
			return wrong(fmt.Sprintf("%s is a broken link: %v", file, atomicfile.WithoutPath(err)),
				"a link to a file", run("ls -l", file))
		}
		return note(share(target), "%s is a link to %s: Claude Code replaces it with a file of its own when it signs in or "+
			"renews; claude-auth keeps the link", file, target)
	}
	if d.WasLink != "" && info.Mode().IsRegular() {
		target := d.WasLink
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(file), target)
		}
		again := fmt.Sprintf("mv %s %s && ln -s %[2]s %[1]s", inShell(file), inShell(target))
		return note("compare both; to share this one again, run '"+again+"'",
			"%s is a file now, and was a link to %s: Claude Code has replaced it, so the two are no longer the same",
			file, target)
	}
	return fine("%s, %d bytes", file, d.Snapshot.Size)
}

// share says how several configuration directories use the file together without a link to it.
func share(file string) string {
	if filepath.Base(file) != claude.CredentialsFile {
		return ""
	}
	return "to share the login without a link, set " + claude.EnvStorageDir + " to " + inShell(filepath.Dir(file))
}
