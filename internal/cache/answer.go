package cache

import (
	"path"
	"slices"
	"time"
)

// Answer is what a command printed, with everything that the output depends on.
type Answer struct {
	Args        []string // the command line, without the program's name
	Env         []string // NAME=VALUE each, or NAME for a variable that is not set
	Files       []File
	Made, Until time.Time // it is valid from Made until before Until
	Status      int       // the exit status
	Output      string
}

// File is a file as it was before the answer was worked out. A relative path is relative to the working directory.
type File struct {
	Path string
	Stamp
}

// Lookup returns a variable of the environment and whether it is set, as os.LookupEnv does.
type Lookup func(name string) (value string, set bool)

const (
	answersName = "answers"
	answersHead = "claude-auth-answers 1" // a file of another version begins otherwise
	maxAnswers  = 8

	// Coarse is how far the kernel's clock for file times may be behind the clock of processes: a tick of at most 10 ms,
	// and a margin. Within one tick a file can change twice and keep its stamp.
	Coarse = 20 * time.Millisecond
)

// Find returns the answer to a command line that is still valid.
func Find(args []string, env Lookup, now time.Time) (Answer, bool) {
	dir, _ := env("XDG_STATE_HOME")
	if home, _ := env("HOME"); !path.IsAbs(dir) && path.IsAbs(home) {
		dir = path.Join(home, ".local", "state")
	}
	if !path.IsAbs(dir) {
		return Answer{}, false
	}
	for _, a := range load(path.Join(dir, "claude-auth")) {
		if slices.Equal(a.Args, args) && a.holds(env, now) {
			return a, true
		}
	}
	return Answer{}, false
}

func (a *Answer) holds(env Lookup, now time.Time) bool {
	if now.Before(a.Made) || !now.Before(a.Until) {
		return false
	}
	for _, variable := range a.Env {
		if Variable(env, nameOf(variable)) != variable {
			return false
		}
	}
	for _, file := range a.Files {
		if StampOf(file.Path) != file.Stamp {
			return false
		}
	}
	return true
}

// Variable returns a variable as Answer.Env has it.
func Variable(env Lookup, name string) string {
	if value, set := env(name); set {
		return name + "=" + value
	}
	return name
}

func nameOf(variable string) string {
	for i := range len(variable) {
		if variable[i] == '=' {
			return variable[:i]
		}
	}
	return variable
}

// Keep adds the answer to the state directory, and replaces an older one to the same question. It does nothing when a
// file may have changed without a new stamp.
func (a Answer) Keep(stateDir string) error {
	for _, file := range a.Files {
		if file.Changed > a.Made.Add(-Coarse).UnixNano() {
			return nil
		}
	}
	kept := []Answer{a}
	for _, old := range load(stateDir) {
		same := slices.Equal(old.Args, a.Args) && slices.Equal(old.Env, a.Env)
		if !same && old.Until.After(a.Made) && len(kept) < maxAnswers {
			kept = append(kept, old)
		}
	}
	return Replace(path.Join(stateDir, answersName), encode(kept), time.Time{})
}

// load returns the answers in the state directory, or none when the file is missing or damaged.
func load(stateDir string) []Answer {
	text, _ := Read(path.Join(stateDir, answersName)) // "" holds no answers
	answers, _ := decode(text)
	return answers
}

func encode(answers []Answer) []byte {
	var e Encoder
	e.Text(answersHead)
	for _, a := range answers {
		e.Numbers(a.Made.UnixNano(), a.Until.UnixNano(), int64(a.Status))
		e.Text(a.Output)
		e.Texts(a.Args)
		e.Texts(a.Env)
		e.Numbers(int64(len(a.Files)))
		for _, f := range a.Files {
			e.Text(f.Path)
			e.Stamp(f.Stamp)
		}
	}
	return e.Bytes
}

// decode reads what encode has written; ok is false for anything else.
func decode(text string) (answers []Answer, ok bool) {
	d := Decoder{Rest: text}
	d.Check(d.Text() == answersHead)
	for d.More() {
		a := Answer{Made: time.Unix(0, d.Number()), Until: time.Unix(0, d.Number()), Status: int(d.Number())}
		a.Output, a.Args, a.Env = d.Text(), d.Texts(), d.Texts()
		for range d.Count() {
			a.Files = append(a.Files, File{d.Text(), d.Stamp()})
		}
		answers = append(answers, a)
	}
	return answers, !d.Bad
}
