package standin

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// Browser is the fake browser: a person with an account opens the authorize URL in args[0], and what that person does
// is the service's setting `browser`. deliver sends the person back to the client: it gets the redirect URL with the
// code (or the refusal) in its query. hang waits until the browser is to end.
func Browser(args []string, env paths.Env, deliver func(redirect *url.URL) error, hang func()) error {
	if len(args) != 1 {
		return fmt.Errorf("the fake browser takes one URL, not %d arguments", len(args))
	}
	authorize, err := url.Parse(args[0])
	if err != nil {
		return fmt.Errorf("the fake browser cannot read the URL: %w", err)
	}
	redirect, err := url.Parse(authorize.Query().Get("redirect_uri"))
	if err != nil || redirect.Scheme == "" {
		return fmt.Errorf("the URL given to the fake browser has no redirect_uri (%w)", errors.Join(err))
	}
	s, err := service.Open(env.Get(service.EnvDir), time.Now)
	if err != nil {
		return err
	}
	page, err := s.Authorize(authorize.Host)
	if err != nil {
		return err
	}
	query := url.Values{"state": {authorize.Query().Get("state")}}
	switch page.Kind {
	case service.Hung:
		hang()
		return nil
	case service.Ignored:
		return nil
	case service.Refused:
		query.Set("error", "access_denied")
	default:
		query.Set("code", page.Code)
	}
	redirect.RawQuery = query.Encode()
	return deliver(redirect)
}

// DeliverFile sends the redirect URL to the stand-in client. That listens on a FIFO, because the program that it is
// part of links no network code, and its redirect_uri is a file: URL.
func DeliverFile(redirect *url.URL) error {
	if redirect.Scheme != "file" {
		return fmt.Errorf("the fake browser cannot go to a %s: URL", redirect.Scheme)
	}
	fifo, err := os.OpenFile(redirect.Path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("the stand-in client does not listen: %w", err)
	}
	_, err = fifo.WriteString(redirect.RawQuery + "\n")
	return errors.Join(err, fifo.Close())
}
