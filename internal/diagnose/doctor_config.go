package diagnose

import (
	"context"
	"fmt"
	"strings"

	"github.com/claude-auth/claude-auth/internal/config"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// settings says which settings are not the defaults, and where each comes from.
func (d *Doctor) settings(context.Context) Finding {
	loaded, err := config.Load(d.Env, d.Paths.Config())
	if err != nil {
		problems := config.Problems(err)
		found := problems[0].Error()
		if more := len(problems) - 1; more > 0 {
			found += fmt.Sprintf(" (and %d more: 'claude-auth config' shows them)", more)
		}
		return wrong(found, "settings that are valid", ui.HintOf(problems[0]))
	}
	var set []string
	for _, s := range loaded.All() {
		if s.Source != config.FromDefault {
			set = append(set, s.Key+" is "+s.Value+" ("+s.Place()+")")
		}
	}
	if len(set) == 0 {
		return fine("every setting has its default")
	}
	return fine("%s", strings.Join(set, ", "))
}
