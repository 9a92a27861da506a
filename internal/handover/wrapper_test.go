package handover_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/claude-auth/claude-auth/internal/handover"
)

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	client, node, text := filepath.Join(dir, "claude"), filepath.Join(dir, "node"), filepath.Join(dir, "text")
	script, missing := filepath.Join(dir, "cli.js"), filepath.Join(dir, "nope", "claude")
	for path, mode := range map[string]os.FileMode{client: 0o755, node: 0o755, text: 0o644, script: 0o644} {
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	const wrapper = "/usr/local/bin/claude-auth-wrapper"
	for _, test := range []struct{ args, want []string }{
		{[]string{"claude-auth", "run", "--", "-p"}, []string{"claude-auth", "run", "--", "-p"}},
		{[]string{"/usr/bin/claude-auth", client, "-p"}, []string{"/usr/bin/claude-auth", client, "-p"}},
		{[]string{wrapper, client, "-p", "hi"}, []string{wrapper, "run", "--client", client, "--", "-p", "hi"}},
		{[]string{wrapper, client}, []string{wrapper, "run", "--client", client, "--"}},
		{[]string{wrapper, "--verbose", "--mode", "x"}, []string{wrapper, "run", "--", "--verbose", "--mode", "x"}},
		{[]string{wrapper, "--", client}, []string{wrapper, "run", "--", "--", client}},
		{[]string{wrapper, "status"}, []string{wrapper, "run", "--", "status"}}, // a prompt
		{[]string{wrapper}, []string{wrapper, "run", "--"}},
		{[]string{wrapper, text}, []string{wrapper, "run", "--", text}}, // a prompt too, like the next ones
		{[]string{wrapper, dir}, []string{wrapper, "run", "--", dir}},
		{[]string{wrapper, "/review"}, []string{wrapper, "run", "--", "/review"}},
		{
			[]string{wrapper, node, "/x/cli.js", "-p"},
			[]string{wrapper, "run", "--client", node, "--mode", "off", "--", "/x/cli.js", "-p"},
		},
		{
			[]string{wrapper, "node", script, "-p"},
			[]string{wrapper, "run", "--client", node, "--mode", "off", "--", script, "-p"},
		},
		{[]string{wrapper, "node", "/x/cli.js"}, []string{wrapper, "run", "--", "node", "/x/cli.js"}}, // a prompt
		{[]string{wrapper, "node"}, []string{wrapper, "run", "--", "node"}},
		{[]string{wrapper, missing, "-p", "hi"}, []string{wrapper, "run", "--client", missing, "--", "-p", "hi"}}, // fails
		{[]string{wrapper, "/claude-api"}, []string{wrapper, "run", "--", "/claude-api"}},
		{nil, nil},
	} {
		if got := handover.CommandLine(test.args); !slices.Equal(got, test.want) {
			t.Errorf("%q: %q, want %q", test.args, got, test.want)
		}
	}
}
