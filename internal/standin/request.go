package standin

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// Where a request's credential comes from.
const (
	sourceToken = claude.EnvAuthToken
	sourceKey   = claude.EnvAPIKey
	sourceOAuth = claude.EnvOAuthToken
	sourceSaved = "saved"

	sourceHelper = claude.APIKeyHelper

	sourceConsole = "/login managed key" // the client's own name for the key of a Console sign-in
)

// deadTries is how often the client sends a token that is rejected and can't be renewed; aliveTries is how often it
// sends one when a renewal succeeds after each rejection (2.1.330).
const (
	deadTries  = 3
	aliveTries = 11
)

// outcome is the result of one message.
type outcome struct {
	text    []byte
	retries int      // of a rejected request
	failure *failure // nil: text is the model's answer
}

// credential is the credential that the client uses, in the order of claude.Overrides.
func (c *client) credential() (source, value string) {
	for _, name := range []string{sourceToken, sourceHelper, sourceKey, sourceOAuth} {
		if name == sourceHelper {
			if key := c.helperKey(); key != "" {
				return name, key
			}
			continue
		}
		value := c.variable(name)
		set := claude.Override{}.IsSet(value, c.dialect.version)
		if !set || name == sourceKey && c.interactiveSession && !c.approves(value) {
			continue
		}
		return name, value
	}
	return sourceSaved, ""
}

// ask sends a prompt. emit, when it is not nil, gets the answer as it comes.
func (c *client) ask(ctx context.Context, prompt string, emit func([]byte) error) (outcome, error) {
	source, value := c.credential()
	if source != sourceSaved {
		got, err := c.askWith(ctx, source, value, prompt, emit)
		if err != nil || got.failure == nil || got.failure.status != service.Unauthorized ||
			source != sourceOAuth || !c.dialect.oauthFallsBack {
			return got, err
		}
	}
	current, saved := savedLogin(c.credentials())
	if key := c.consoleKey(current); key != "" {
		return c.askWith(ctx, sourceConsole, key, prompt, emit)
	}
	if f := c.unusable(current, saved); f != nil {
		return outcome{failure: f}, nil
	}
	if current.expired(c.Now()) && current.refresh != "" {
		var err error
		if current, err = c.refresh(ctx, current); err != nil {
			return outcome{}, err
		}
	}
	return c.askSaved(ctx, current, prompt, emit)
}

// consoleKey is the key of a Console sign-in, where the client uses it: no saved login serves the model.
func (c *client) consoleKey(l login) string {
	if l.access != "" && !l.limited {
		return ""
	}
	key := get[string](c.globalConfig(), claude.PrimaryKey)
	if c.interactiveSession {
		c.sessionKey = cmp.Or(c.sessionKey, key)
		return c.sessionKey
	}
	return key
}

// unusable is the failure that the client reports, without a request, for a login without tokens or
// without the scope for the model.
func (c *client) unusable(l login, saved bool) *failure {
	switch {
	case l.access != "" && l.limited:
		return localFailure(c.dialect.notLoggedIn, c.dialect.notLoggedIn)
	case l.access != "":
		return nil
	case saved && c.dialect.blankAll:
		return localFailure(loginExpiredPrint, loginExpiredInteractive)
	default:
		return localFailure(c.dialect.notLoggedIn, c.dialect.notLoggedIn)
	}
}

// askSaved asks with the saved login, and renews it when it is refused.
func (c *client) askSaved(ctx context.Context, current login, prompt string, emit func([]byte) error) (outcome, error) {
	for try, dead := 1, 0; ; try++ {
		if key := c.consoleKey(current); key != "" { // the renewal has emptied the login
			return c.askWith(ctx, sourceConsole, key, prompt, emit)
		}
		if f := c.unusable(current, true); f != nil {
			return outcome{failure: f}, nil
		}
		got, err := c.askWith(ctx, sourceSaved, current.access, prompt, emit)
		if err != nil || got.failure == nil || !renewable(got.failure) {
			return got, err
		}
		next := current
		if current.refresh != "" {
			if next, err = c.refresh(ctx, current); err != nil {
				return outcome{}, err
			}
		}
		if next.access == current.access {
			dead++
		}
		if dead == deadTries || try == aliveTries {
			got.retries = try - 1
			return got, nil
		}
		current = next
	}
}

// renewable reports whether the client renews its token and asks again after a failure: after a 401, and after a
// revoked token.
func renewable(f *failure) bool {
	return f.status == service.Unauthorized || f.interactive == "OAuth token revoked · Please run /login"
}

func (c *client) askWith(ctx context.Context, source, value, prompt string, emit func([]byte) error) (outcome, error) {
	said := append(slices.Clone(c.said), strings.TrimSpace(prompt))
	request := service.MessagesRequest{Prompt: prompt, Said: said, Bearer: value}
	switch source {
	case sourceKey, sourceConsole:
		request.Bearer, request.APIKey = "", value
	case sourceHelper: // both are sent (2.1.165, 2.1.330)
		request.APIKey = c.variable(sourceKey)
	}
	answer, err := c.service.Messages(request)
	if err != nil {
		return outcome{}, err
	}
	if answer.Status != service.OK {
		return outcome{failure: c.apiFailure(answer.Response, source)}, nil
	}
	var text bytes.Buffer
	err = answer.Each(ctx.Done(), func(chunk []byte) error {
		if emit != nil {
			return emit(chunk)
		}
		text.Write(chunk)
		return nil
	})
	if err == nil {
		err = ctx.Err()
	}
	return outcome{text: bytes.ToValidUTF8(text.Bytes(), []byte("\uFFFD"))}, err
}
