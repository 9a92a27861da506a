package claude

import "testing"

func TestMayRenew(t *testing.T) {
	for command, want := range map[string]bool{
		"": true, "mcp": true, "auth": true, "agents": true, "gateway": true, "a-new-command": true,
		"logs": false, "kill": false, "attach": false, "rm": false, "stop": false,
	} {
		if got := MayRenew(command); got != want {
			t.Errorf("MayRenew(%q) = %v", command, got)
		}
	}
	for _, c := range Commands {
		if c.Quiet && c.Renews != 0 {
			t.Errorf("%s renews since %s, and does not", c.Name, c.Renews)
		}
		if c.Renews != 0 && !c.In.Has(c.Renews) {
			t.Errorf("%s renews in %s, which does not have it", c.Name, c.Renews)
		}
	}
}
