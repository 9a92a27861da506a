package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// refresh renews the login `was` under the client's refresh locks and returns the login to go on with: the one that
// another process has renewed meanwhile, the old one if it can't be renewed, or what is left of it if the service has
// rejected the refresh token.
func (c *client) refresh(ctx context.Context, was login) (login, error) {
	for _, l := range c.refreshLocks() {
		release, err := takeLock(ctx, l, c.Now)
		if errors.Is(err, errLocked) {
			return was, nil // the client gives up and goes on with the old token (2.1.330)
		}
		if err != nil {
			return was, err
		}
		defer release()
	}
	now, ok := savedLogin(c.credentials())
	if !ok || now.refresh == "" {
		return now, nil
	}
	if now.access != was.access && !now.expired(c.Now()) {
		return now, nil
	}
	response, err := c.service.Token(service.TokenRequest{
		GrantType: "refresh_token", RefreshToken: now.refresh, Scope: strings.Join(c.dialect.scopes, " "),
	})
	if err != nil {
		return now, err
	}
	switch {
	case response.Status == service.OK:
		return c.storeRenewed(ctx, response.Body)
	case refused(response):
		return c.storeRefused(ctx, now)
	}
	return now, nil
}

func refused(response service.Response) bool {
	var body struct {
		Error string `json:"error"`
	}
	err := json.Unmarshal(response.Body, &body)
	return response.Status == service.BadRequest && err == nil && body.Error == "invalid_grant"
}

// storeRenewed stores renewed tokens. 2.1.330 never moves refreshTokenExpiresAt to a later time here.
func (c *client) storeRenewed(ctx context.Context, body []byte) (login, error) {
	var answer service.TokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return login{}, fmt.Errorf("read the token endpoint's answer: %w", err)
	}
	renewed := login{
		access: answer.AccessToken, refresh: answer.RefreshToken,
		expires: c.Now().Add(time.Duration(answer.ExpiresIn) * time.Second),
	}
	return renewed, c.store(ctx, func(doc *object) {
		member := get[*object](doc, claude.LoginKey)
		if member == nil {
			return // another process has signed out meanwhile
		}
		member.set("accessToken", renewed.access)
		member.set("refreshToken", renewed.refresh)
		member.set("expiresAt", number(renewed.expires.UnixMilli()))
		member.set("scopes", list(strings.Fields(answer.Scope)))
	})
}

// storeRefused removes from the document what the version removes after invalid_grant.
func (c *client) storeRefused(ctx context.Context, was login) (login, error) {
	left := was
	left.refresh = ""
	if c.dialect.blankAll {
		left = login{expires: time.UnixMilli(0)}
	}
	return left, c.store(ctx, func(doc *object) {
		member := get[*object](doc, claude.LoginKey)
		if get[string](member, "refreshToken") != was.refresh {
			return // another process has signed in meanwhile
		}
		if c.dialect.blankAll {
			member.set("accessToken", "")
			member.set("expiresAt", number(0))
		}
		member.set("refreshToken", "")
	})
}

func list(words []string) []any {
	values := make([]any, len(words))
	for i, word := range words {
		values[i] = word
	}
	return values
}
