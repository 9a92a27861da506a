package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// refresh renews the login `was` under the client's refresh locks and returns the login to go on with: the one that
// another process has renewed meanwhile, the old one if it can't be renewed, or what is left of it if the service has
// rejected the refresh token. It goes in two steps, the request and the answer. A client that ends between them has
// spent the refresh token and stored nothing: it has burnt the login (2.1.165, 2.1.330, 2.1.332).
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
	answering, stop := linger(c.ending, c.dialect.lingers)
	defer stop()
	response, err := c.service.Token(service.TokenRequest{
		GrantType: "refresh_token", RefreshToken: now.refresh, Scope: strings.Join(c.dialect.scopes, " "),
	}, answering.Done())
	if err != nil {
		return now, err
	}
	ctx = answering
	switch {
	case response.Status == service.OK:
		return c.storeRenewed(ctx, response.Body)
	case refused(response):
		if err := c.logFailure(response.Status); err != nil {
			return now, err
		}
		return c.storeRefused(ctx, now)
	}
	return now, c.logFailure(response.Status)
}

// logFailure writes into the log, if there is one, what the token endpoint has answered (2.1.165, 2.1.330, 2.1.332).
func (c *client) logFailure(status int) error {
	if c.log == "" {
		return nil
	}
	line := fmt.Sprintf("OAuth refresh failed (expected): Request failed with status code %d", status)
	if status >= service.ServerError {
		line = fmt.Sprintf("AxiosError: [url=https://platform.claude.com/v1/oauth/token,status=%d,body=]", status)
	}
	f, err := os.OpenFile(c.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s [ERROR] %s\n", c.Now().UTC().Format(time.RFC3339), line)
	return errors.Join(err, f.Close())
}

func refused(response service.Response) bool {
	var body struct {
		Error string `json:"error"`
	}
	err := json.Unmarshal(response.Body, &body)
	return response.Status == service.BadRequest && err == nil && body.Error == "invalid_grant"
}

// storeRenewed stores renewed tokens and returns the login that is saved then. Tokens that the client could not store
// it does not use either (2.1.165). 2.1.330 never moves refreshTokenExpiresAt to a later time here.
func (c *client) storeRenewed(ctx context.Context, body []byte) (login, error) {
	var answer service.TokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return login{}, fmt.Errorf("read the token endpoint's answer: %w", err)
	}
	renewed := login{
		access: answer.AccessToken, refresh: answer.RefreshToken,
		expires: c.Now().Add(time.Duration(answer.ExpiresIn) * time.Second),
	}
	err := c.store(ctx, func(doc *object) {
		member := get[*object](doc, claude.LoginKey)
		if member == nil {
			return // another process has signed out meanwhile
		}
		member.set("accessToken", renewed.access)
		member.set("refreshToken", renewed.refresh)
		member.set("expiresAt", number(renewed.expires.UnixMilli()))
		member.set("scopes", list(strings.Fields(answer.Scope)))
	})
	saved, _ := savedLogin(c.credentials())
	return saved, err
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
