package diagnose

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/system"
)

// The files by which WSL is known, and one with which it can start programs of Windows.
const (
	kernelFile  = "/proc/sys/kernel/osrelease"
	interopFile = "/proc/sys/fs/binfmt_misc/WSLInterop"
)

// windows is a WSL that can start programs of Windows, alone is one that cannot.
var (
	windows = map[string]string{kernelFile: "5.15.153.1-microsoft-standard-WSL2\n", interopFile: "enabled\n"}
	alone   = map[string]string{kernelFile: "5.15.153.1-microsoft-standard-WSL2\n"}
)

var openers = []struct {
	name     string
	files    map[string]string
	programs string // on PATH
	env      string
	setting  string
	want     string // the program that can be counted on, or "" and the trouble
	trouble  string
}{
	{name: "nothing", programs: "xdg-open"},
	{name: "a desktop", programs: "xdg-open", env: "DISPLAY=:0", want: "xdg-open"},
	{name: "Wayland", programs: "xdg-open", env: "WAYLAND_DISPLAY=wayland-0", want: "xdg-open"},
	{name: "a desktop without xdg-open", env: "DISPLAY=:0", trouble: "xdg-open is not installed"},
	{name: "BROWSER", programs: "firefox", env: "BROWSER=firefox", want: "firefox"},
	{name: "BROWSER that is missing", env: "BROWSER=firefox DISPLAY=:0", trouble: "BROWSER names firefox, which is not"},
	{
		name: "the setting", programs: "chromium", env: "BROWSER=firefox", setting: "chromium", want: "chromium",
	},
	{name: "a setting with an argument", programs: "chromium", setting: "chromium -new", trouble: "names chromium -new"},
	{name: "WSL with wslview", files: windows, programs: "xdg-open wslview", want: "xdg-open"},
	{name: "WSL with a desktop", files: windows, programs: "xdg-open", env: "DISPLAY=:0", want: "xdg-open"},
	{
		name: "WSL without xdg-open", files: windows, programs: "wslview", env: "DISPLAY=:0",
		trouble: "xdg-open is not installed",
	},
	{
		name: "WSL without wslview and without a desktop", files: windows, programs: "xdg-open",
		trouble: "wslview is not installed",
	},
	{
		name: "WSL without interop", files: alone, programs: "xdg-open wslview",
		trouble: "this distribution cannot start programs of Windows",
	},
	{name: "BROWSER=wslview", files: windows, programs: "wslview", env: "BROWSER=wslview", want: "wslview"},
	{
		name: "BROWSER=wslview without interop", files: alone, programs: "wslview", env: "BROWSER=wslview",
		trouble: "wslview opens nothing",
	},
	{
		name: "a program of Windows without interop", files: alone, programs: "explorer.exe", env: "BROWSER=explorer.exe",
		trouble: "explorer.exe opens nothing",
	},
}

func TestFindOpener(t *testing.T) {
	for _, test := range openers {
		t.Run(test.name, func(t *testing.T) {
			on, env := openerWorld(t, test.files, test.programs, test.env)
			o := FindOpener(on, env, test.setting)
			if o.Works() != (test.want != "") || o.Works() && o.Program != test.want {
				t.Errorf("%+v, not %q", o, test.want)
			}
			if !strings.Contains(o.Trouble, test.trouble) || test.trouble == "" && o.Trouble != "" {
				t.Errorf("the trouble is %q, not %q", o.Trouble, test.trouble)
			}
			if (o.Trouble != "") != (o.remedy != "") {
				t.Errorf("%q is helped by %q", o.Trouble, o.remedy)
			}
		})
	}
}

// openerWorld is a system with these files, and an environment whose PATH has these programs.
func openerWorld(t *testing.T, files map[string]string, programs, more string) (system.System, paths.Env) {
	t.Helper()
	dir := t.TempDir()
	root, bin := filepath.Join(dir, "root"), filepath.Join(dir, "bin")
	write := func(path, text string, mode os.FileMode) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		write(filepath.Join(root, name), text, 0o600)
	}
	for _, name := range strings.Fields(programs) {
		write(filepath.Join(bin, name), "", 0o700)
	}
	return system.System{Root: root}, paths.New(append(strings.Fields(more), "PATH="+bin))
}

// TestBadBrowserSetting holds that the hint is about what names the program: the setting overrides BROWSER.
func TestBadBrowserSetting(t *testing.T) {
	for more, remedy := range map[string]string{
		"BROWSER=ok":                            "run 'claude-auth config unset browser'",
		"BROWSER=ok CLAUDE_AUTH_BROWSER=absent": "run 'unset CLAUDE_AUTH_BROWSER'",
	} {
		on, env := openerWorld(t, nil, "ok", more)
		if got := (&Doctor{System: on, Env: env, Browser: "absent"}).browser(t.Context()); got.Remedy != remedy {
			t.Errorf("%s: %+v", more, got)
		}
	}
}

// TestBrowserCheck holds that doctor recommends wslview where it is there and nothing names it.
func TestBrowserCheck(t *testing.T) {
	for _, test := range []struct {
		name, programs, env string
		files               map[string]string
		result              Result
		remedy              string // a part
	}{
		{"WSL", "xdg-open wslview", "", windows, Note, "set BROWSER=wslview"},
		{"WSL without xdg-open", "wslview", "", windows, Note, "set BROWSER=wslview"},
		{"WSL with the variable", "xdg-open wslview", "BROWSER=wslview", windows, Fine, ""},
		{"WSL without wslview", "xdg-open", "", windows, Note, "install wslu, and set BROWSER=wslview"},
		{"elsewhere", "xdg-open wslview", "DISPLAY=:0", nil, Fine, ""},
		{"without a desktop", "xdg-open wslview", "", nil, Fine, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			on, env := openerWorld(t, test.files, test.programs, test.env)
			got := (&Doctor{System: on, Env: env}).browser(t.Context())
			if got.Result != test.result || !strings.Contains(got.Remedy, test.remedy) ||
				(got.Remedy != "") != (test.remedy != "") {
				t.Errorf("%+v", got)
			}
		})
	}
}
