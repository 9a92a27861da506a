package seeds

import (
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"":                              nil,
		"  exec  a\tb ":                 {"exec", "a", "b"},
		`set a.b '{"x": "it''s"}' c'd'`: {"set", "a.b", `{"x": "it's"}`, "cd"},
		"get ''":                        {"get", ""},
	} {
		if got := split(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestEachSourceHasSeeds(t *testing.T) {
	for name, n := range map[string]int{
		"scripts": len(Scripts(t)), "texts": len(Texts(t)), "documents": len(Documents(t)), "recordings": len(Recordings(t)),
		"set": len(Arguments(t, "set")),
	} {
		if n < 15 {
			t.Errorf("%d %s", n, name)
		}
	}
}
