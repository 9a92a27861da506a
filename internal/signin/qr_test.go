package signin

import (
	"strings"
	"testing"
)

// The rows of a QR code are as wide as they say, have the finder in three corners, and a text that no code has room for
// has none.
func TestQR(t *testing.T) {
	rows := qrRows(link332)
	if len(rows) == 0 {
		t.Fatal("no code")
	}
	for _, r := range rows {
		plain := strings.NewReplacer("\x1b[30;107m", "", "\x1b[0m", "").Replace(r.text)
		if len([]rune(plain)) != r.width {
			t.Errorf("a row of %d columns: %q", r.width, plain)
		}
	}
	const finder = "█ ███ █"
	if strings.Count(rows[2].text, finder) != 2 || !strings.Contains(joined(rows[len(rows)/2:]), finder) {
		t.Errorf("a finder is missing:\n%s", joined(rows))
	}
	if rows := qrRows(strings.Repeat("long", 1000)); rows != nil {
		t.Errorf("%d rows for 4000 characters", len(rows))
	}
}
