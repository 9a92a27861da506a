package diagnose

import (
	"context"
	"fmt"
	"strings"

	"github.com/claude-auth/claude-auth/internal/running"
)

// running lists the clients that began before the sign-in. None of them is a problem of the login.
func (d *Doctor) running(context.Context) Finding {
	if len(d.Older) == 0 {
		return fine("Claude Code is not known to run with an older login")
	}
	var found, nameless, remedies []string
	for _, client := range d.Older {
		advice := client.Advice(d.Console)
		if client.Needs(d.Console) != running.Nothing {
			remedies = append(remedies, fmt.Sprintf("%s: %s", client.Name(), advice))
			advice = "began before this login"
		}
		found = append(found, client.Place()+" "+advice)
		nameless = append(nameless, client.Kind.Text()+" "+advice)
	}
	finding := note(strings.Join(remedies, "; "), "%s", strings.Join(found, "; "))
	finding.Nameless = strings.Join(nameless, "; ")
	return finding
}
