package prompt

import (
	"path"
	"syscall"
)

// Lookup returns a variable of the environment and whether it is set, as syscall.Getenv does.
type Lookup func(name string) (value string, set bool)

// places are those of package paths that the fast path needs; a test compares the two.
type places struct {
	credentials string
	config      string // the client's settings
	global      string // the client's file that names the account, which may have an env block too
	state       string // ours
}

// locate finds the places. It does so only from absolute paths: a relative one needs the working directory.
func locate(env Lookup, file string) (places, bool) {
	home, _ := env("HOME")
	under := func(name ...string) string {
		if home == "" {
			return ""
		}
		return path.Join(append([]string{home}, name...)...)
	}
	var p places
	if p.config, _ = env("CLAUDE_CONFIG_DIR"); p.config == "" {
		p.config, p.global = under(".claude"), under(".claude.json")
	} else {
		p.global = path.Join(p.config, ".claude.json")
	}
	storage := p.config
	if dir, set := env("CLAUDE_SECURESTORAGE_CONFIG_DIR"); set {
		if storage = dir; dir == "" {
			storage = under(".claude")
		}
	}
	if file == "" {
		file, _ = env("CLAUDE_AUTH_FILE")
	}
	if file == "" {
		file = path.Join(storage, ".credentials.json")
	}
	p.credentials = path.Clean(file)
	if dir, _ := env("XDG_STATE_HOME"); path.IsAbs(dir) {
		p.state = path.Join(dir, "claude-auth")
	} else {
		p.state = under(".local", "state", "claude-auth")
	}
	// XDG_CONFIG_HOME matters to the whole program only, which needs a home or that; without a home it is left to say so.
	return p, path.IsAbs(home) && path.IsAbs(p.config) && path.IsAbs(storage) && path.IsAbs(p.credentials) && path.IsAbs(p.state)
}

func (p places) seen() string        { return path.Join(p.state, "seen") }
func (p places) ledger() string      { return path.Join(p.state, "ledger.jsonl") }
func (p places) promptState() string { return path.Join(p.state, stateName) }

// winners are the variables of credentials that win over the saved login (client-facts, section 6).
var winners = [...]string{
	"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_MANTLE",
	"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
	"CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
}

// shadowedByEnvironment reports whether one of them is set. It leans to yes: which one it is, and whether it counts, is
// for the whole program to say.
func shadowedByEnvironment(env Lookup) bool {
	for _, name := range winners {
		if value, _ := env(name); value != "" {
			return true
		}
	}
	return false
}

const maxSettings = 256 << 10

// maybeShadowedBySettings reports whether one of the client's settings files could hold a credential. It leans to yes
// in the same way: the words alone are enough.
func maybeShadowedBySettings(files []string) bool {
	for _, name := range files {
		text, _, err := ReadSmall(name, maxSettings)
		if err == syscall.ENOENT || err == syscall.ENOTDIR {
			continue
		}
		if err != nil || contains(text, `apiKeyHelper`) || contains(text, `"env"`) || contains(text, `\u`) {
			return true
		}
	}
	return false
}

func contains(text []byte, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i] == word[0] && string(text[i:i+len(word)]) == word {
			return true
		}
	}
	return false
}
