package claude

import "testing"

func TestVersion(t *testing.T) {
	for text, want := range map[string]Version{
		"2.1.330": V330, "2.1.165 (Claude Code)": V165, "2.1.332-beta.1": V332, "2.1.104\n": V104,
	} {
		if got, ok := ParseVersion(text); !ok || got != want {
			t.Errorf("ParseVersion(%q) = %s, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "2", "2.1", "2.1.", "v2.1.3", ".1.2", "2..3", "2.1.x", "2.1.99999999"} {
		if got, ok := ParseVersion(text); ok {
			t.Errorf("ParseVersion(%q) = %s", text, got)
		}
	}
	if got := V330.String(); got != "2.1.330" {
		t.Errorf("String() = %s", got)
	}
	if next, _ := ParseVersion("2.2.0"); next <= V332 || V104 >= V165 {
		t.Error("versions are not ordered")
	}
}

func TestRange(t *testing.T) {
	for _, test := range []struct {
		r    Range
		v    Version
		want bool
	}{
		{Range{}, 0, true},
		{Range{}, V332, true},
		{Range{Since: V330}, V165, false},
		{Range{Since: V330}, V330, true},
		{Range{Since: V330}, 0, false},
		{Range{Before: V330}, V165, true},
		{Range{Before: V330}, V330, false},
		{Range{V165, V330}, V104, false},
	} {
		if got := test.r.Has(test.v); got != test.want {
			t.Errorf("%v has %s: %v", test.r, test.v, got)
		}
	}
}
