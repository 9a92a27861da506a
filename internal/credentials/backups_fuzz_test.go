package credentials

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

// FuzzBackup: whatever stands in a backup's file, listing, reading and putting it back end in an error or in a
// document, and never in a crash or in a file that is no document where there was one.
func FuzzBackup(f *testing.F) {
	f.Add([]byte(`{"schema":1,"id":"20260101-000000-abcdef","time":"2026-01-01T00:00:00Z","file":"/x","reason":"wipe",` +
		`"removed":["claudeAiOauth"],"login":{"access":"","refresh":""},"document":"e30=","after":""}`))
	f.Add([]byte(`{"schema":1,"id":"20260101-000000-abcdef","removed":["a","a",""],"document":"eyJhIjoxfQ=="}`))
	f.Add([]byte(`{"id":"20260101-000000-abcdef","schema":1,"path":"/////w=="}`))
	for _, document := range seeds.Documents(f) { // as a backup has it
		f.Add(fmt.Appendf(nil, `{"schema":1,"id":"20260101-000000-abcdef","removed":["claudeAiOauth"],"document":%q,`+
			`"after":""}`, base64.StdEncoding.EncodeToString(document)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "20260101-000000-abcdef.json"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		backups := OpenBackups(dir)
		list, err := backups.List()
		if len(list) == 0 {
			if err == nil {
				t.Fatal("a backup was passed over without a word")
			}
			return
		}
		backup := list[0]
		for _, now := range []string{`{"b":1}`, `{"claudeAiOauth":{"accessToken":"x","refreshToken":"y"}}`, `torn`} {
			current := Snapshot{Path: "/x", Exists: true, Data: []byte(now)}
			current.Doc, current.Err = Parse(current.Data)
			var done Restored
			data, err := backup.merge(current, false, &done)
			if err == nil && !done.Exact {
				if _, err := Parse(data); err != nil {
					t.Fatalf("merged into %s: %v", now, err)
				}
			}
		}
		_ = backup.Over(time.Now())
	})
}
