package anthropic

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/claude-auth/claude-auth/internal/standin"
)

// Deliver sends the redirect URL to the client that opened the fake browser: the real client listens on loopback, the
// stand-in on a FIFO.
func Deliver(redirect *url.URL) error {
	if redirect.Scheme == "file" {
		return standin.DeliverFile(redirect)
	}
	client := http.Client{
		Transport:     &http.Transport{}, // no proxy: the listener is on this machine
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Get(redirect.String())
	if err != nil {
		return fmt.Errorf("the fake browser could not go back to the client: %w", withoutURL(err))
	}
	_, _ = io.Copy(io.Discard, response.Body)
	return response.Body.Close()
}

// withoutURL removes the URL, and with it the code, from an error.
func withoutURL(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}
