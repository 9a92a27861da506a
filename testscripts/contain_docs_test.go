package testscripts

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// block returns the only block of code of that kind on a page which has the text.
func block(t *testing.T, page, kind, text string) string {
	t.Helper()
	var found []string
	for _, match := range regexp.MustCompile("(?ms)^```"+kind+"\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		if strings.Contains(match[1], text) {
			found = append(found, match[1])
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d blocks %s have %s", len(found), kind, text)
	}
	return found[0]
}

// TestContainerExamples holds that the examples of docs/containers.md do what the script containers does: there is one
// directory, which is mounted, and it is the client's.
func TestContainerExamples(t *testing.T) {
	data, err := os.ReadFile("../docs/containers.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	script, err := os.ReadFile("both/containers.txtar")
	if err != nil {
		t.Fatal(err)
	}
	const dir = "/claude"
	if !strings.Contains(string(script), claude.EnvConfigDir+"="+dir+"\n") {
		t.Errorf("the script does not set %s to %s", claude.EnvConfigDir, dir)
	}
	var container struct {
		Mounts       []string          `json:"mounts"`
		ContainerEnv map[string]string `json:"containerEnv"`
	}
	if err := json.Unmarshal([]byte(block(t, page, "json", "mounts")), &container); err != nil {
		t.Fatal(err)
	}
	if len(container.Mounts) != 1 || !slices.Contains(strings.Split(container.Mounts[0], ","), "target="+dir) ||
		container.ContainerEnv[claude.EnvConfigDir] != dir {
		t.Errorf("devcontainer.json: %+v", container)
	}
	compose := block(t, page, "yaml", "services:")
	for _, want := range []string{claude.EnvConfigDir + ": " + dir + "\n", "- claude:" + dir + "\n"} {
		if !strings.Contains(compose, want) {
			t.Errorf("compose.yaml has no %q", want)
		}
	}
	if made := block(t, page, "dockerfile", "FROM"); !strings.Contains(made, "mkdir "+dir+" && chown node "+dir) {
		t.Errorf("the Dockerfile does not make %s", dir)
	}
	answered := block(t, page, "dockerfile", claude.OnboardedKey)
	answer := regexp.MustCompile(`'(.*)' > ~/\` + claude.GlobalConfig).FindStringSubmatch(answered)
	var keys map[string]bool
	if answer == nil || json.Unmarshal([]byte(answer[1]), &keys) != nil || !keys[claude.OnboardedKey] {
		t.Errorf("the image does not answer the first questions: %s", answered)
	}
	if !strings.Contains(page, "docker run -e "+claude.EnvOAuthToken+" ") {
		t.Errorf("no example of a token")
	}
}
