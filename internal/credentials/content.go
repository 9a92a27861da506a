package credentials

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Content says for people what the edit after the backup removed or changed: the login with its plan, and the names of
// other members.
func (b *Backup) Content() string {
	parts := b.Labels(b.Removed)
	if len(b.Edited) > 0 {
		return strings.Join(b.Labels(b.Edited), ".")
	}
	for i, key := range b.Removed {
		if key == claude.LoginKey && !b.IsEdit() {
			parts[i] = b.login()
		}
	}
	if b.Console != nil {
		parts = append(parts, "the API key of a Console sign-in")
	}
	return strings.Join(parts, ", ")
}

// login names the login in the backup.
func (b *Backup) login() string {
	if document, err := Parse(b.Document); err == nil {
		if login, ok := document.Login(); ok && login.SubscriptionType != "" {
			return "login (" + login.SubscriptionType + ")"
		}
	}
	return "login"
}
