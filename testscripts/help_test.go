package testscripts

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/test/realclient"
)

var (
	helpFlag    = regexp.MustCompile(`^  ((?:-\w|--[\w-]+)(?:, --[\w-]+)*)(?: (<[^>]+>|\[[^\]]+\]))?(?:  |$)`)
	helpCommand = regexp.MustCompile(`^  (\w[\w-]*)(?:\|(\w[\w-]*))?(?: |$)`)
)

// TestHelp holds what the client's help says of its flags and subcommands against package claude. An unknown flag
// without a value changes nothing.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, version := range realclient.Versions() {
		t.Run("real-"+version, func(t *testing.T) {
			t.Parallel()
			command := exec.Command(realBinary(t, version), "--help")
			command.Env = []string{"HOME=" + t.TempDir(), "PATH=/usr/local/bin:/usr/bin:/bin", "HTTPS_PROXY=http://127.0.0.1:9"}
			out, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			options, commands, found := strings.Cut(string(out), "\nCommands:\n")
			if !found {
				t.Errorf("the help has no commands: %s", out)
			}
			seen := 0
			for line := range strings.Lines(options) {
				if m := helpFlag.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
					seen++
					checkFlags(t, strings.Split(m[1], ", "), arity(m[2]))
				}
			}
			v, _ := claude.ParseVersion(version)
			for line := range strings.Lines(commands) {
				m := helpCommand.FindStringSubmatch(line)
				for i := 1; m != nil && i < len(m); i++ {
					if m[i] != "" && m[i] != "help" && !v.IsCommand(m[i]) {
						t.Errorf("%s is a subcommand that package claude does not know", m[i])
					}
				}
			}
			if seen < 30 {
				t.Errorf("only %d flags were found in the help: %s", seen, options)
			}
		})
	}
}

func checkFlags(t *testing.T, names []string, want claude.Arity) {
	t.Helper()
	for _, name := range names {
		if takes, known := claude.FlagTakes(name); takes != want && (known || want != claude.NoValue) {
			t.Errorf("%s has the arity %d in the help, and %d in package claude", name, want, takes)
		}
	}
}

// arity reads the notation of the help.
func arity(value string) claude.Arity {
	switch {
	case value == "":
		return claude.NoValue
	case strings.HasSuffix(value, "...>"), strings.HasSuffix(value, "...]"):
		return claude.ManyValues
	case strings.HasPrefix(value, "["):
		return claude.OptionalValue
	default:
		return claude.OneValue
	}
}
