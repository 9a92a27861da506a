package prompt_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/cache"
	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/prompt"
	"github.com/claude-auth/claude-auth/internal/secret"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestTail(t *testing.T) {
	ends := func(d time.Duration) prompt.Report { return prompt.Report{State: "expiring", EndsAt: noon.Add(d)} }
	day := 24 * time.Hour
	shadowed := ends(day)
	shadowed.OverriddenBy = "ANTHROPIC_API_KEY"
	for want, reports := range map[string][]prompt.Report{
		"":    {{State: "ok"}, {State: "renewable"}, shadowed, {State: "absent", OverriddenBy: "x"}},
		"401": {{State: "rejected"}},
		"?":   {{State: "blank"}, {State: "expired"}, {State: "absent"}, {State: "corrupt"}, {State: "unreadable"}},
		"2d":  {ends(2 * day), ends(3*day - 1)},
		"1d":  {ends(2*day - 1), ends(day)},
		"23h": {ends(day - 1)},
		"1h":  {ends(time.Hour)},
		"59m": {ends(time.Hour - 1)},
		"0m":  {ends(0), ends(-day)},
		"old": {ends(30 * day), {State: "expiring"}},
	} {
		for _, r := range reports {
			if got := r.Tail(noon); got != want {
				t.Errorf("%+v: %q, want %q", r, got, want)
			}
		}
	}
}

// TestUntil walks through a login's last days: between two moments that Until names, nothing may change.
func TestUntil(t *testing.T) {
	login := credentials.Login{
		AccessToken: secret.New("sk-ant-oat01-FIXTURE"), RefreshToken: secret.New("sk-ant-ort01-FIXTURE"),
		ExpiresAt: noon.Add(time.Hour), RefreshTokenExpiresAt: noon.Add(90 * time.Hour),
		Scopes: []string{"user:inference"},
	}
	born, oldest := noon.Add(-time.Hour), 5*time.Hour
	look := func(now time.Time) (prompt.Report, string) {
		r := prompt.Report{ExpiresAt: login.ExpiresAt, EndsAt: login.EndsAt(), OldAt: born.Add(oldest)}
		r.State = credentials.Evaluate(&login, now, credentials.History{OldestDeath: oldest, Age: now.Sub(born)})
		return r, string(r.State) + " " + r.Tail(now)
	}
	now, steps := noon, 0
	var told []string
	for {
		r, says := look(now)
		if len(told) == 0 || told[len(told)-1] != says {
			told = append(told, says)
		}
		next := r.Until(now)
		if next.IsZero() {
			break
		}
		for _, at := range []time.Time{now.Add(next.Sub(now) / 2), next.Add(-1)} {
			if _, then := look(at); then != says {
				t.Fatalf("at %v it says %q, at %v already %q; Until was %v", now, says, at, then, next)
			}
		}
		if now = next; steps > 1000 {
			t.Fatal("it never ends")
		}
		steps++
	}
	if first, last := told[0], told[len(told)-1]; first != "ok " || last != "expired ?" || len(told) < 80 {
		t.Errorf("told %d things, from %q to %q", len(told), first, last)
	}
}

func TestSegment(t *testing.T) {
	for want, c := range map[string]struct {
		style prompt.Style
		tail  string
	}{
		"":                                   {prompt.Style{Color: true, Symbol: "x"}, ""},
		"claude 2d":                          {prompt.Style{Shell: "zsh"}, "2d"},
		"✻ 401":                              {prompt.Style{Symbol: "✻"}, "401"},
		"\x1b[33mclaude 2d\x1b[39m":          {prompt.Style{Color: true}, "2d"},
		"\x1b[31mclaude ?\x1b[39m":           {prompt.Style{Color: true, Shell: "fish"}, "?"},
		"%{\x1b[31m%}claude 401%{\x1b[39m%}": {prompt.Style{Color: true, Shell: "zsh"}, "401"},
		"\x01\x1b[33m\x02claude old\x01\x1b[39m\x02": {prompt.Style{Color: true, Shell: "bash"}, "old"},
		"#[fg=yellow]claude 5h#[fg=default]":         {prompt.Style{Color: true, Shell: "tmux"}, "5h"},
	} {
		if got := c.style.Segment(c.tail); got != want {
			t.Errorf("%+v %s: %q, want %q", c.style, c.tail, got, want)
		}
	}
	for _, symbol := range []string{"%n", `\u`, "$(id)", "`id`", "#(id)", "a\nb", "\x1b[31m"} {
		if (prompt.Style{Symbol: symbol}).Valid() {
			t.Errorf("the symbol %q is taken", symbol)
		}
	}
	if (prompt.Style{Shell: "sh"}).Valid() || !(prompt.Style{Shell: "zsh", Symbol: "✻ c"}).Valid() {
		t.Error("sh is no shell of prompts, and zsh is one")
	}
}

func TestPorcelain(t *testing.T) {
	r := prompt.Report{
		State: "ok", File: "/a b/\nc", ExpiresAt: noon, SignedInAt: noon.Add(-time.Hour),
		OverriddenBy: "X in the environment",
	}
	want := `version 1
state ok
usable yes
expires_at 2026-03-01T12:00:00Z
ends_at -
signed_in_at 2026-03-01T11:00:00Z
old_at -
overridden_by X in the environment
file "/a b/\nc"
`
	if got := r.Porcelain(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	text, err := os.ReadFile(filepath.FromSlash("../../docs/porcelain.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(want) {
		if key, _, _ := strings.Cut(line, " "); !strings.Contains(string(text), "`"+key+"`") {
			t.Errorf("docs/porcelain.md does not tell of %s", key)
		}
	}
}

func TestStateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "prompt")
	changed := noon.Add(-time.Hour + 123456789)
	r := prompt.Report{State: "rejected", File: "/home/u/.claude/.credentials.json"}
	s := prompt.NewState(r, "k|$e y%", changed.UnixNano(), false, noon, noon)
	ledger := filepath.Join(filepath.Dir(path), "ledger.jsonl")
	for range 2 { // the second one replaces the first
		if err := s.Write(path, ledger, cache.Stamp{}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if want := "1772366460\nk|$e y%\n/home/u/.claude/.credentials.json\nclaude 401\n"; err != nil || string(text) != want {
		t.Errorf("got %q, %v; want %q", text, err, want)
	}
	info, err := os.Stat(path)
	if err != nil || !info.ModTime().Equal(changed) || info.Mode().Perm() != 0o600 {
		t.Errorf("time %v, mode %v, %v; want %v", info.ModTime(), info.Mode(), err, changed)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if info, _ := os.Stat(filepath.Dir(path)); info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v", info.Mode())
	}
	// An event that came while the report was made: the state is of no use any more.
	if err := os.WriteFile(ledger, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(path, ledger, cache.Stamp{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state of before an event is still there: %v", err)
	}
}

// A shell that compares whole seconds asks again while a change could have the same second as the last one.
func TestStateOfThisSecond(t *testing.T) {
	now := noon.Add(900 * time.Millisecond)
	for changed, want := range map[time.Time]time.Time{
		noon.Add(300 * time.Millisecond): noon.Add(-1),
		noon:                             noon.Add(-1),
		noon.Add(-1):                     noon.Add(-1),
		noon.Add(-time.Minute + 5):       noon.Add(-time.Minute + 5),
		noon.Add(time.Hour):              noon.Add(time.Hour), // by another machine's clock
	} {
		s := prompt.NewState(prompt.Report{State: "ok", File: "/x"}, "", changed.UnixNano(), false, now, now)
		if !s.Read.Equal(want) {
			t.Errorf("changed at %v: the state file's time is %v, want %v", changed, s.Read, want)
		}
	}
	s := prompt.NewKeychainState(prompt.Report{State: "ok", File: "/x"}, "", "/", false, now, now)
	if !s.Read.Before(noon) {
		t.Errorf("keychain: the state file's time is %v", s.Read)
	}
}

// Without a credentials file it is the nearest directory above that is looked at.
func TestStateWithoutAFile(t *testing.T) {
	home := t.TempDir()
	if err := os.Symlink(filepath.Join(home, "elsewhere"), filepath.Join(home, "dangling")); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		filepath.Join(home, "x"):             home,
		filepath.Join(home, ".claude", "x"):  home,
		filepath.Join(home, "dangling"):      "",
		filepath.Join(home, "dangling", "x"): "",
	} {
		s := prompt.NewState(prompt.Report{State: "absent", File: file}, "", 0, false, noon, noon)
		if want == "" {
			if s.Until != 0 {
				t.Errorf("%s: the target of a link may come without a sign: until %d", file, s.Until)
			}
		} else if s.File != want || s.Until == 0 || !s.Read.Before(noon) {
			t.Errorf("%s: looks at %s until %d, as of %v", file, s.File, s.Until, s.Read)
		}
	}
}

func TestStateHolds(t *testing.T) {
	r := prompt.Report{State: "ok", ExpiresAt: noon.Add(45 * time.Second), File: "/f"}
	long, lines := prompt.Report{State: "ok"}, prompt.Report{State: "ok", File: "/a\nb"}
	for name, c := range map[string]struct {
		state prompt.State
		until int64
	}{
		"until something changes":     {prompt.NewState(r, "", 1, false, noon, noon), noon.Unix() + 45},
		"a minute at most":            {prompt.NewState(long, "", 1, false, noon, noon), noon.Unix() + 60},
		"not at all when volatile":    {prompt.NewState(r, "", 1, true, noon, noon), 0},
		"not for a key of two lines":  {prompt.NewState(r, "a\nb", 1, false, noon, noon), 0},
		"not for a path of two lines": {prompt.NewState(lines, "", 1, false, noon, noon), 0},
	} {
		if c.state.Until != c.until {
			t.Errorf("%s: until %d, want %d", name, c.state.Until, c.until)
		}
	}
	for key, says := range map[string]bool{
		"": false, "k": false, "111": false, "h|||": false, "h||||": false, "h|11": true, "h||||1": true, "h|x1": false,
	} {
		for _, shadowed := range []bool{false, true} {
			if got := prompt.Storable(key, shadowed); got != (shadowed == says) {
				t.Errorf("Storable(%q, %v) = %v", key, shadowed, got)
			}
		}
	}
}
