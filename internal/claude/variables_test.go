package claude

import "testing"

func TestIsSet(t *testing.T) {
	both, none := [2]bool{true, true}, [2]bool{} // for 2.1.165, and for 2.1.330, 2.1.332 and an unknown version
	since330, before330 := [2]bool{false, true}, [2]bool{true, false}
	kinds := map[string]map[string][2]bool{ // measured, see docs/client-notes.md
		"CLAUDE_CODE_USE_BEDROCK": {
			"": none, " ": none, "0": none, "false": none, "null": none, "2": none, " True ": both,
		},
		"CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD":  {"": none, "0": none, "1": since330},
		EnvAuthToken:                              {"": none, " ": before330, "0": both, "false": both, "null": both},
		EnvAPIKey:                                 {"": none, " ": before330, "0": both, "false": both, "null": both},
		EnvOAuthToken:                             {"": none, "0": both, "false": both, "null": both},
		"ANTHROPIC_UNIX_SOCKET":                   {"": none, " ": before330, "0": both},
		"CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR":     {"": none, " ": before330, "0": both, "null": both, "77": both},
		"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": {"": none, " ": none, "false": none, "null": none},
	}
	for _, o := range Overrides {
		for value, want := range kinds[o.Name] {
			for v, wanted := range map[Version]bool{V165: want[0], V330: want[1], V332: want[1], 0: want[1]} {
				if got := o.IsSet(value, v); got != wanted {
					t.Errorf("%s=%q in %v: %v", o.Name, value, v, got)
				}
			}
		}
	}
}

func TestIsAnthropic(t *testing.T) {
	for address, want := range map[string]bool{
		"https://api.anthropic.com": true, "https://api.anthropic.com/": true, "https://API.anthropic.com:443/v1": true,
		"https://anthropic.com.example": false, "http://127.0.0.1:4000": false,
		"https://gateway.example/anthropic.com": false,
		"gateway":                               false, "https://notanthropic.com": false,
	} {
		if got := IsAnthropic(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
