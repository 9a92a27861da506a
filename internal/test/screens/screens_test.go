package screens

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/cmd"
	"github.com/claude-auth/claude-auth/internal/session"
	"github.com/claude-auth/claude-auth/internal/test/harness"
	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// update has the test write the recordings instead of comparing them.
var update = flag.Bool("update", false, "write the recordings")

// recordings is the directory of the recordings.
const recordings = "../../../docs/screens"

// widths are the widths at which each screen is recorded.
var widths = []int{80, 40}

// The rows of a screen: of one that stands while the program runs, and of one that is read after its end, where
// nothing may scroll away.
const (
	runningRows = 24
	endedRows   = 250
)

const (
	// still is how long a screen stands still before it is recorded: longer than a panel waits for quiet.
	still = 1500 * time.Millisecond
	// drawn is how long it may take until all is drawn that the program has written.
	drawn = 500 * time.Millisecond
	// slack is how long a screen that differs may take to become the recorded one.
	slack = 30 * time.Second
)

// program is this binary under the name claude-auth.
var program string

func TestMain(m *testing.M) {
	if session.IsSupervisor(os.Args) { // claude-auth again, beside a client on a terminal
		os.Exit(session.Supervise(os.Args))
	}
	if filepath.Base(os.Args[0]) == "claude-auth" {
		os.Exit(cmd.Main(os.Args))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("/tmp", "screens-") // the homes, in /tmp too, have links to the program
	if err == nil {
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "claude-auth")
		err = harness.CopySelf(program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "screens:", err)
		return 1
	}
	defer removeHomes()
	if err := runMoreAtOnce(); err != nil {
		fmt.Fprintln(os.Stderr, "screens:", err)
		return 1
	}
	return m.Run()
}

// screensPerCPU is how many screens are recorded at once for each processor: a recording mostly waits.
const screensPerCPU = 3

// runMoreAtOnce has more tests run at once than there are processors, unless the command line has -parallel.
func runMoreAtOnce() error {
	const name = "test.parallel"
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == name })
	if asked {
		return nil
	}
	return flag.Set(name, strconv.Itoa(screensPerCPU*runtime.GOMAXPROCS(0)))
}

// TestScreens compares what the program shows now with the recordings.
func TestScreens(t *testing.T) {
	tools.Need(t, "tmux", "bash")
	expected := map[string]bool{}
	for _, s := range shots {
		for _, width := range widths {
			name := fmt.Sprintf("%s-%d", s.name, width)
			expected[name+".txt"] = true
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				record(t, s, width, filepath.Join(recordings, name+".txt"))
			})
		}
		if s.title != "" {
			expected[s.name+".svg"] = true
		}
	}
	t.Run("others", func(t *testing.T) { removeOthers(t, expected) })
}

// removeOthers removes the recordings of screens that are no longer in the table, or fails where there are some.
func removeOthers(t *testing.T, expected map[string]bool) {
	files, err := os.ReadDir(recordings)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		switch {
		case expected[file.Name()], strings.HasPrefix(file.Name(), "messages-"): // of package messages
		case *update:
			if err := os.Remove(filepath.Join(recordings, file.Name())); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("docs/screens/%s records no screen: run make screens", file.Name())
		}
	}
}

// record shows the screen at that width, and compares it with the recording in the file path, or writes that.
func record(t *testing.T, s shot, width int, path string) {
	if strings.Contains(s.script(), "setsid") && runtime.GOOS != "linux" {
		t.Skip("setsid is a program of Linux")
	}
	h := newHome(t, s)
	command := exec.Command("bash", "--noprofile", "--norc", "-c", s.script())
	command.Env, command.Dir = h.env, filepath.Join(h.dir, "app")
	rows := endedRows
	if s.running {
		rows = runningRows
	}
	view, err := harness.StartScreen(command, width, rows)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	for _, step := range s.steps {
		if err := goThrough(view, step); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	if !s.running {
		if err := h.ended(view); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatalf("%v: run make screens", err)
	}
	got, err := settle(view, h, s, string(want))
	if err != nil {
		t.Fatal(err)
	}
	check(t, path, got.text(), string(want))
	if s.title != "" && width == widths[0] {
		path = filepath.Join(recordings, s.name+".svg")
		want, _ := os.ReadFile(path) // one that is missing differs
		check(t, path, got.svg(width, s.title, got.text()), string(want))
	}
}

// goThrough goes through a step of a shot.
func goThrough(view *harness.Screen, step string) error {
	verb, text, _ := strings.Cut(step, " ")
	switch verb {
	case "see":
		marker, err := regexp.Compile(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			return err
		}
		return see(view, marker)
	case "line":
		return view.Line(text)
	case "press":
		return view.Press(strings.Fields(text)...)
	}
	return errors.New("unknown step")
}

// see waits until what marker matches is on the screen.
func see(view *harness.Screen, marker *regexp.Regexp) error {
	for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		text, err := view.Text()
		switch {
		case err != nil:
			return err
		case marker.MatchString(strings.Join(strings.Fields(text), "")):
			return nil
		case time.Since(begun) > harness.Patience:
			return fmt.Errorf("it never came; on the screen there is:\n%s", text)
		}
	}
}

// settle returns the screen once it is what is wanted or, failing that, once it stands still.
func settle(view *harness.Screen, h *home, s shot, want string) (screen, error) {
	limit := slack
	if !s.running {
		limit = drawn
	} else if *update {
		limit = still
	}
	var last string
	for since := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		captured, err := view.Styled()
		if err != nil {
			return nil, err
		}
		now := parseScreen(captured)
		now.mask(h.days)
		now.replace("uid "+strconv.Itoa(os.Getuid()), "uid 1000")
		text := now.text()
		if text == want && !*update {
			return now, nil
		}
		if text != last && (*update || !s.running) {
			last, since = text, time.Now()
		}
		if time.Since(since) > limit {
			return now, nil
		}
	}
}

// check compares text with the recording in the file path, which holds want, or writes it there.
func check(t *testing.T, path, text, want string) {
	t.Helper()
	if harness.Marked([]byte(text)) {
		t.Errorf("a token is on the screen:\n%s", text)
	}
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Error(err)
		}
		return
	}
	if text != want {
		t.Errorf("%s is not what the program shows. If that is as it should be, run make screens.\n%s",
			strings.TrimPrefix(path, "../../../"), difference(want, text))
	}
}

// difference has the lines that only one of two texts has at their place, those of was with a minus.
func difference(was, is string) string {
	before, after := strings.Split(was, "\n"), strings.Split(is, "\n")
	for len(before) > 0 && len(after) > 0 && before[0] == after[0] {
		before, after = before[1:], after[1:]
	}
	for len(before) > 0 && len(after) > 0 && before[len(before)-1] == after[len(after)-1] {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	var b strings.Builder
	for _, line := range before {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	for _, line := range after {
		fmt.Fprintf(&b, "+ %s\n", line)
	}
	return b.String()
}
