package plugin_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/plugin"
)

func read(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestMarketplace checks that the marketplace at the top of the repository offers this directory.
func TestMarketplace(t *testing.T) {
	var market struct {
		Plugins []struct{ Name, Source, Description string }
	}
	read(t, "../.claude-plugin/marketplace.json", &market)
	if len(market.Plugins) != 1 {
		t.Fatalf("%d plugins", len(market.Plugins))
	}
	var manifest struct{ Name, Description string }
	offered := market.Plugins[0]
	read(t, filepath.Join("..", offered.Source, claude.PluginManifest), &manifest)
	if offered.Name != plugin.Name || manifest.Name != plugin.Name || manifest.Description != offered.Description {
		t.Errorf("the marketplace offers %+v, the manifest says %+v", offered, manifest)
	}
}

type hooks struct {
	Hooks map[string][]struct{ Hooks []struct{ Command string } }
}

func TestInstall(t *testing.T) {
	const exe = `/opt/it's "odd" <&> \ /claude-auth`
	dir := filepath.Join(t.TempDir(), "skills", plugin.Name)
	for _, want := range []plugin.State{plugin.Absent, plugin.Current} {
		if state, err := plugin.Look(dir, exe); err != nil || state != want {
			t.Errorf("Look() = %v, %v, want %v", state, err, want)
		}
		if err := plugin.Install(dir, exe); err != nil {
			t.Fatal(err)
		}
	}
	if state, _ := plugin.Look(dir, "/elsewhere/claude-auth"); state != plugin.Outdated {
		t.Errorf("Look() = %v for another program", state)
	}
	var installed hooks
	read(t, filepath.Join(dir, claude.PluginHooks), &installed)
	for _, event := range []string{claude.SessionStart, claude.StopFailure} {
		command := installed.Hooks[event][0].Hooks[0].Command
		if !strings.Contains(command, `p='/opt/it'\''s "odd" <&> \ /claude-auth'; [ -x "$p" ] || p=claude-auth; `) {
			t.Errorf("%s runs %s", event, command)
		}
	}
	if err := plugin.Install(dir, "/${CLAUDE_PLUGIN_ROOT}/x"); err == nil {
		t.Error("a path was written that the client would change")
	}
}

// TestInterrupted checks that whatever an interrupted installation or removal has left is still the plugin's.
func TestInterrupted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), plugin.Name)
	if err := plugin.Install(dir, "/x"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{claude.PluginManifest, claude.PluginHooks, "icon.png", "LICENSE", "README.md"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if name == "README.md" {
			break // the directories are left
		}
		if state, _ := plugin.Look(dir, "/x"); state != plugin.Outdated {
			t.Errorf("Look() = %v without %s", state, name)
		}
	}
	if left, err := plugin.Remove(dir, t.TempDir()); err != nil || left {
		t.Errorf("Remove() = %v, %v", left, err)
	}
}
