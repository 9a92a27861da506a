package testscripts

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestCredentialsTable holds the table of docs/credentials.md to its promise: for each credential there is a section in
// the scripts about the client and in the one about `status`.
func TestCredentialsTable(t *testing.T) {
	t.Parallel()
	read := func(paths ...string) string {
		var all strings.Builder
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
		return all.String()
	}
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)`[^|]* \\|(?:[^|]*\\|){5}$").FindAllStringSubmatch(
		read("../docs/credentials.md"), -1)
	if len(rows) != 10 {
		t.Fatalf("the table has %d credentials; the scripts know 10", len(rows))
	}
	client := read("client/credentials.txtar", "client/credentials-providers.txtar")
	status := read("both/credentials.txtar")
	for _, row := range rows {
		section := regexp.MustCompile(`(?m)^# .*\b` + row[1] + `\b`)
		if !section.MatchString(client) {
			t.Errorf("no section about %s in client/credentials*.txtar", row[1])
		}
		if !section.MatchString(status) {
			t.Errorf("no section about %s in both/credentials.txtar", row[1])
		}
	}
}
