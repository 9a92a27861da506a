package standin

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// failure says why there is no answer.
type failure struct {
	printed     string // what -p says
	interactive string // what a session says
	kind        string // the client's own name: authentication_failed, server_error, …
	status      int    // of the response; 0 where the client has not asked
	apiKind     string // the service's name of the error
}

func localFailure(printed, interactive string) *failure {
	return &failure{printed: printed, interactive: interactive, kind: claude.AuthenticationFailed}
}

var htmlTitle = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)<title>(?:\d+ )?([^<]*)</title>`)
})

// apiFailure words an error of the messages endpoint as the client does.
func (c *client) apiFailure(response service.Response, source string) *failure {
	message := response.Message()
	if title := htmlTitle().FindStringSubmatch(message); title != nil {
		message = title[1]
	}
	f := &failure{status: response.Status, apiKind: apiKind(response.Body)}
	text := fmt.Sprintf("API Error: %d %s", response.Status, message)
	f.printed, f.interactive = text, text
	switch {
	case response.Status == service.Unauthorized && source == sourceKey:
		f.kind, f.printed = claude.AuthenticationFailed, "Invalid API key · Fix external API key"
		f.interactive = f.printed
	case response.Status == service.Unauthorized && source == sourceConsole:
		f.kind, f.printed, f.interactive = claude.AuthenticationFailed, c.dialect.notLoggedIn, c.dialect.notLoggedIn
	case response.Status == service.Forbidden && strings.Contains(message, "has been revoked"):
		f.kind, f.printed = claude.AuthenticationFailed, c.dialect.revoked
		f.interactive = "OAuth token revoked · Please run /login"
	case response.Status == service.Forbidden && strings.Contains(message, "not allowed for this organization"):
		f.kind, f.printed = "oauth_org_not_allowed", c.dialect.organization
		f.interactive = f.printed
	case response.Status == service.Unauthorized, response.Status == service.Forbidden:
		f.kind, f.printed = claude.AuthenticationFailed, "Failed to authenticate. "+text
		f.interactive = "Please run /login · " + text
	case response.Status >= service.ServerError:
		f.kind = "server_error"
		f.printed = text + ". This is a server-side issue, usually temporary — try again in a moment. " +
			"If it persists, check https://status.claude.com."
		f.interactive = f.printed
	default:
		f.kind = "invalid_request"
	}
	return f
}

func apiKind(body []byte) string {
	var parsed struct {
		Error struct {
			Type string `json:"type"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &parsed) // an HTML page has no kind
	return parsed.Error.Type
}
