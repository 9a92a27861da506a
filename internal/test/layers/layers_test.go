// Package layers tests that imports point down only and that each fact has one home (docs/layout.md).
// Reach for it when you add a package or a rule about who may import what.
package layers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/claude-auth/claude-auth/"

// order lists the layers from the bottom; a package may import packages of lower layers only, and those that stand
// beside it in beside.
var order = [][]string{
	{"internal/claude", "internal/create", "internal/system"},
	{
		"internal/atomicfile", "internal/secret", "internal/paths", "internal/vt", "internal/fdio", "internal/tty",
		"shell",
	},
	{
		"internal/lock", "internal/flock", "internal/ui", "internal/config", "hooks", "plugin", "internal/notify",
		"internal/cache", "internal/early", "internal/handover", "internal/headless",
	},
	{"internal/credentials", "internal/detect", "internal/ledger", "internal/running", "internal/schedule"},
	{
		"internal/diagnose", "internal/lifecycle", "internal/prompt", "internal/runner", "internal/standin/service",
		"internal/transcript",
	},
	{"internal/standin", "internal/session", "internal/guard", "internal/signin"},
	{"internal/recovery"},
	{"internal/watch"},
	{"cmd"},
	{"cmd/claude-auth"},
}

// beside lists the imports within one layer.
var beside = map[string][]string{
	"internal/claude":   {"internal/system"},
	"internal/secret":   {"internal/atomicfile"},
	"internal/early":    {"internal/cache"},
	"internal/flock":    {"internal/lock"},
	"internal/headless": {"internal/flock"},
	"internal/tty":      {"internal/fdio", "internal/vt"},
}

// only lists who may import a package from outside the standard library, or from inside this module out of turn.
var only = map[string][]string{
	"github.com/tidwall/gjson":  {"internal/credentials"},
	"github.com/tidwall/sjson":  {"internal/credentials"},
	"github.com/urfave/cli/v2":  {"cmd", "internal/ui"},
	module + "internal/standin": {"cmd"},
	module + "internal/early":   {"cmd/claude-auth"},
}

// forbidden lists imports that the layers alone would allow.
var forbidden = map[string][]string{
	"internal/runner":  {module + "internal/credentials", module + "internal/recovery"},
	"internal/session": {module + "internal/credentials", module + "internal/recovery"},
	"internal/vt":      {module + "internal/credentials", module + "internal/recovery"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	args = append([]string{"list", "-tags", "urfave_cli_no_docs", "-json=ImportPath,Imports"}, args...)
	command := exec.Command("go", args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var pkgs []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

func layerOf(name string) int {
	return slices.IndexFunc(order, func(layer []string) bool { return slices.Contains(layer, name) })
}

func TestImportsPointDown(t *testing.T) {
	pkgs := list(t, "-deps", module+"cmd/claude-auth")
	checked := 0
	for _, p := range pkgs {
		name, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		checked++
		layer := layerOf(name)
		if layer < 0 {
			t.Errorf("%s stands in no layer: give it one in order", name)
		}
		for _, imported := range p.Imports {
			if allowed, limited := only[imported]; limited && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s, which only %v may", name, imported, allowed)
			}
			if strings.HasPrefix(imported, module+"internal/test/") {
				t.Errorf("%s imports %s, which is for tests", name, imported)
			}
			if slices.Contains(forbidden[name], imported) {
				t.Errorf("%s may not import %s", name, imported)
			}
			lower, ours := strings.CutPrefix(imported, module)
			if ours && layerOf(lower) >= layer && !slices.Contains(beside[name], lower) {
				t.Errorf("%s imports %s, which is not below it", name, lower)
			}
		}
	}
	if checked < 10 {
		t.Fatalf("only %d packages of this module were seen", checked)
	}
}

// TestNoNetwork proves the promise that the program has no network access of its own: the code for it is not linked.
func TestNoNetwork(t *testing.T) {
	for _, p := range list(t, "-deps", module+"cmd/claude-auth") {
		if p.ImportPath == "net" || p.ImportPath == "net/http" || p.ImportPath == "os/user" || p.ImportPath == "runtime/cgo" {
			t.Errorf("the program links %s", p.ImportPath)
		}
	}
}
