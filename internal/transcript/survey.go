package transcript

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/detect"
)

// A Survey is what the transcripts of all projects say: with which failure the sessions of each project end, and when
// the service last answered in any session.
//
// Update brings a survey up to date. It reads only the ends of the transcripts that were written to since it looked
// last, so gigabytes of them cost nothing.
type Survey struct {
	Since    time.Time // what was recorded earlier does not count
	Looked   time.Time // when transcripts were last read; zero for never
	Listed   time.Time // when all transcripts were last looked at; zero for never
	Live     []string  // the paths of those that a session may still be writing to
	Answered time.Time // the newest answer; zero for none
	// Failures has those with which the newest sessions of each project end, newest first: one about another credential
	// than the saved login, and one about anything else, so that the one does not hide the other. The service has not
	// answered in any session since. Prompt and Before are not set.
	Failures []Failure
}

// Update is how a survey is brought up to date.
type Update struct {
	ConfigDir string                // the client's
	Rules     func() *detect.Rules  // is called when there is something to classify
	Counts    func(dir string) bool // whether an answer in a session with this working directory counts
	Now       time.Time
	// Thorough looks at all transcripts. Otherwise that is done every ten minutes, and in between only new sessions are
	// found, and those of the last day: a resumed session of last week changes nothing that can be seen without a look
	// at each of thousands of files.
	Thorough bool
}

// The bounds of one Update.
const (
	maxRead     = 64       // transcripts that are read, the newest first
	maxFailures = 16       // that are kept
	maxBytes    = 64 << 20 // of their ends, in all
	maxListed   = 50_000

	listEvery = 10 * time.Minute
	liveFor   = 24 * time.Hour
	maxLive   = 32
)

// Places are what changes when a session begins: the directory of the projects, and of those the ones that have changed
// last, as they were before they were read.
type Places []cache.File

// maxPlaces bounds Places: each `status` looks at them.
const maxPlaces = 5

// file is a transcript that Update may read.
type file struct {
	path, project string
	modified      time.Time
}

// Update brings the survey up to date. news says that the survey is another one than before. The error is about
// transcripts that could not be read; the survey has what the others say.
func (s *Survey) Update(u Update) (places Places, news bool, err error) {
	if u.Now.Before(s.Looked) || u.Now.Before(s.Listed) { // a clock was set back
		*s = Survey{Since: s.Since}
	}
	from := s.Since
	if s.Looked.After(from) {
		from = s.Looked
	}
	l := listing{from: from.Add(-cache.Coarse), all: u.Thorough || u.Now.Sub(s.Listed) >= listEvery}
	places, err = l.look(u.ConfigDir, s.Live)
	if err != nil {
		return places, false, err
	}
	if l.all {
		s.Listed = u.Now
	}
	if len(l.files) > 0 {
		err = s.read(u.Rules(), l.files[:min(len(l.files), maxRead)], from.Add(-lag), u.Counts)
		s.Looked = u.Now
		s.stayLive(l.files, u.Now)
	}
	return places, l.all && !u.Thorough || len(l.files) > 0, err
}

// stayLive adds these transcripts, the newest first, to those that a session may still be writing to.
func (s *Survey) stayLive(files []file, now time.Time) {
	var live []string
	for _, f := range files {
		if now.Sub(f.modified) < liveFor {
			live = append(live, f.path)
		}
	}
	for _, old := range s.Live {
		if info, err := os.Stat(old); err == nil && now.Sub(info.ModTime()) < liveFor && !slices.Contains(live, old) {
			live = append(live, old)
		}
	}
	s.Live = live[:min(len(live), maxLive)]
}

// lag is how much later than its time an entry may be written.
const lag = time.Minute

// read adds what the ends of these transcripts say. What was recorded before from is known.
func (s *Survey) read(rules *detect.Rules, files []file, from time.Time, counts func(string) bool) error {
	var failed []error
	type subject struct {
		project string
		another bool // about another credential than the saved login
	}
	of := func(f Failure) subject { return subject{f.Project, f.Class == detect.Environment} }
	newest := map[subject]Failure{}
	for _, f := range s.Failures {
		newest[of(f)] = f
	}
	if from.Before(s.Since) {
		from = s.Since
	}
	budget := int64(maxBytes)
	for _, f := range files {
		failure, found, answered, err := end(rules, entriesWithin(f.path, &budget), from, counts)
		if failed = append(failed, err); answered.After(s.Answered) {
			s.Answered = answered
		}
		failure.Project = f.project
		if found && failure.Time.After(newest[of(failure)].Time) {
			newest[of(failure)] = failure
		}
	}
	s.Failures = nil
	for _, f := range newest {
		if !f.Time.Before(s.Since) && f.Time.After(s.Answered) {
			s.Failures = append(s.Failures, f)
		}
	}
	slices.SortFunc(s.Failures, func(a, b Failure) int { return b.Time.Compare(a.Time) })
	s.Failures = s.Failures[:min(len(s.Failures), maxFailures)]
	return errors.Join(failed...)
}

// end returns the failure that a session ends with, and the newest answer in it, of what was recorded at or after from.
func end(
	rules *detect.Rules, newestFirst iter.Seq2[entry, error], from time.Time, counts func(dir string) bool,
) (failure Failure, found bool, answered time.Time, err error) {
	last := true // nothing has come from the client after this entry
	for e, err := range newestFirst {
		switch {
		case err != nil:
			return failure, found, answered, err
		case e.Timestamp.Before(from):
			return failure, found, answered, nil
		case e.Type != "assistant":
		case !e.IsAPIErrorMessage && counts(e.CWD): // a subagent's answer proves as much
			return failure, found, e.Timestamp, nil
		case !e.IsAPIErrorMessage:
			return failure, found, answered, nil
		case last && !e.IsSidechain:
			failure, found = e.failure(rules)
			last = false
		}
	}
	return failure, found, answered, nil
}

// listing collects the transcripts that were written to at or after from.
type listing struct {
	from  time.Time
	all   bool // look into each project, not only into those in which a session has begun
	seen  int
	files []file // the newest first
}

// look looks for transcripts in all projects, and at the live ones. A client that was never used has none.
func (l *listing) look(configDir string, live []string) (Places, error) {
	root := filepath.Join(configDir, claude.ProjectsDir)
	places := Places{{Path: root, Stamp: cache.StampOf(root)}}
	projects, err := names(root)
	if errors.Is(err, fs.ErrNotExist) {
		return places, nil
	}
	if err != nil {
		return places, atomicfile.Failed("cannot read "+root, err)
	}
	var dirs []project
	listed := map[string]bool{}
	for _, name := range projects {
		dir := filepath.Join(root, name)
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			continue // gone
		}
		dirs = append(dirs, project{cache.File{Path: dir, Stamp: cache.StampIn(info)}, info.ModTime()})
		if l.all || !info.ModTime().Before(l.from) {
			listed[dir] = l.list(dir) == nil // what this user cannot read is not this user's
		}
	}
	for _, path := range live {
		if !listed[filepath.Dir(path)] {
			l.add(unix.AT_FDCWD, filepath.Dir(path), filepath.Base(path), path)
		}
	}
	slices.SortFunc(l.files, func(a, b file) int { return b.modified.Compare(a.modified) })
	slices.SortFunc(dirs, func(a, b project) int { return b.modified.Compare(a.modified) })
	for _, p := range dirs[:min(len(dirs), maxPlaces-1)] {
		places = append(places, p.File)
	}
	return places, nil
}

// project is the directory of a project.
type project struct {
	cache.File
	modified time.Time
}

// list adds the transcripts in the directory of a project.
func (l *listing) list(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close() // read only: nothing can be lost
	list, err := dir.Readdirnames(-1)
	fd := int(dir.Fd())
	for _, base := range list {
		if l.seen < maxListed {
			l.add(fd, name, base, base)
		}
	}
	return err
}

// add adds the file base in the directory dir if it is a transcript. The kernel finds it by path, relative to fd. There
// may be thousands, so it does without what os.Lstat would make of them.
func (l *listing) add(fd int, dir, base, path string) {
	id, ok := strings.CutSuffix(base, claude.TranscriptExt)
	if !ok || !isSessionID(id) {
		return // agent-….jsonl is a subagent's
	}
	l.seen++
	var st unix.Stat_t
	if unix.Fstatat(fd, path, &st, unix.AT_SYMLINK_NOFOLLOW) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return
	}
	if at := time.Unix(0, st.Mtim.Nano()); !at.Before(l.from) {
		l.files = append(l.files, file{filepath.Join(dir, base), filepath.Base(dir), at})
	}
}

// names lists a directory in no order.
func names(name string) ([]string, error) {
	dir, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close() // read only: nothing can be lost
	return dir.Readdirnames(-1)
}

// Project returns the name by which Survey knows the project of the working directory dir.
func Project(configDir, dir string) string { return filepath.Base(Dir(configDir, dir)) }
