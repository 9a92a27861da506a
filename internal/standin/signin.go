package standin

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// signIn is `claude auth login`. The settings decide whether it is for a Console account, else the flag does.
func (c *client) signIn(ctx context.Context, console bool) error {
	if method := c.forcedMethod(); method != "" {
		console = method == claude.ForcedConsole
	}
	say := func(format string, args ...any) { fmt.Fprintf(c.Stdout, format, args...) }
	if token := c.variable(claude.EnvRefreshToken); token != "" {
		response, err := c.service.Token(service.TokenRequest{GrantType: "refresh_token", RefreshToken: token}, ctx.Done())
		if err == nil && response.Status != service.OK {
			err = fail("%sRequest failed with status code %d", c.dialect.loginFailed, response.Status)
		}
		return err // what a good one brings is not imitated
	}
	say("Opening browser to sign in…\n")
	in, err := readInput(c.Stdin)
	if err != nil {
		return err
	}
	defer in.stop()
	const prompt = "Paste code here if prompted > "
	codes := pasted(in, func() {
		fmt.Fprintln(c.Stderr, c.dialect.badCode)
		if isTerminal(c.Stdin) && c.dialect.asksAgain {
			say(prompt)
		}
	})
	err = c.grant(ctx, console, codes, func(link string) {
		say("If the browser didn't open, visit:%s%s\n%s", c.dialect.visit, c.shown(link), prompt)
	})
	if err != nil {
		say("\n")
		if ctx.Err() != nil {
			return err
		}
		return fail("%s%s", c.dialect.loginFailed, err)
	}
	say("Login successful.\n")
	return nil
}

// grant gets a login through the browser, or with a pasted code, and stores it. It calls show with the URL.
func (c *client) grant(ctx context.Context, console bool, codes <-chan string, show func(link string)) error {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	state := base64.RawURLEncoding.EncodeToString(random)
	back, err := listen()
	if err != nil {
		return err
	}
	defer back.close()
	show(c.link(console, "https://platform.claude.com/oauth/code/callback", state))
	browser, err := c.openBrowser(ctx, c.link(console, "file://"+back.path, state))
	if err != nil {
		return err
	}
	defer browser()
	var code string
	byHand := false
	select {
	case <-ctx.Done():
		return ctx.Err()
	case code = <-codes:
		byHand = true
		if isTerminal(c.Stdin) && c.dialect.asksAgain {
			fmt.Fprintln(c.Stdout, "Signing in…")
		}
	case query := <-back.query:
		values, err := url.ParseQuery(query)
		if err != nil || values.Get("state") != state || values.Get("code") == "" {
			return fail("No authorization code received")
		}
		code = values.Get("code")
	}
	response, err := c.service.Token(service.TokenRequest{GrantType: "authorization_code", Code: code}, nil)
	if err != nil {
		return err
	}
	switch {
	case response.Status == service.OK:
	case byHand && c.dialect.asksAgain:
		return fail("That code wasn't accepted. It may be incomplete, expired, already used, or from an earlier sign-in " +
			"attempt. Sign in again to get a new code.")
	default:
		return fail("Request failed with status code %d", response.Status)
	}
	var answer service.TokenAnswer
	if err := json.Unmarshal(response.Body, &answer); err != nil {
		return err
	}
	if !slices.Contains(strings.Fields(answer.Scope), claude.InferenceScope) {
		return c.storeKey(ctx, answer)
	}
	return c.storeLogin(ctx, answer)
}

func (c *client) link(console bool, redirect, state string) string {
	query := url.Values{
		"code": {"true"}, "client_id": {"9d1c250a-e61b-44d9-88ed-5944d1962f5e"}, "response_type": {"code"},
		"redirect_uri": {redirect}, "scope": {service.Scopes}, "code_challenge_method": {"S256"}, "state": {state},
	}
	page := c.dialect.authorizeURL
	if console {
		page = "https://" + service.ConsoleHost + "/oauth/authorize"
		query.Set("scope", "org:create_api_key "+service.Scopes)
	}
	return page + "?" + query.Encode()
}

// shown is the link as the client prints it: in a short form that leads to the same page, and on a terminal as a
// hyperlink (2.1.332).
func (c *client) shown(link string) string {
	if !c.dialect.saysBlocked {
		return link
	}
	short := c.dialect.authorizeURL + "?z-" + rand.Text()
	if strings.Contains(link, service.ConsoleHost+"/oauth/authorize?") {
		short = "https://" + service.ConsoleHost + "/oauth/authorize?T-" + rand.Text()
	}
	if !isTerminal(c.Stdin) {
		return short
	}
	return "\x1b]8;;" + short + "\x07\x1b[94m" + short + "\x1b[39m\x1b]8;;\x07"
}

func sortedFields(text string) []string { return slices.Sorted(slices.Values(strings.Fields(text))) }

// openBrowser starts $BROWSER. The function it returns ends it, if it is still there, and waits for it.
func (c *client) openBrowser(ctx context.Context, link string) (end func(), err error) {
	program := c.Env.Get("BROWSER")
	if program == "" {
		return func() {}, nil // the client would try xdg-open; the stand-in opens only what it is told to
	}
	ctx, cancel := context.WithCancel(ctx)
	command := exec.CommandContext(ctx, program, link)
	command.Env, command.Dir = c.Env.Environ(), c.Dir
	if err := command.Start(); err != nil {
		cancel()
		return func() {}, nil // the URL has been shown: the client goes on without
	}
	return func() { cancel(); _ = command.Wait() }, nil
}

// callback is where the browser sends the person: a FIFO in its own directory.
type callback struct {
	dir, path string
	fifo      *os.File
	query     <-chan string
	ended     <-chan struct{}
}

func listen() (*callback, error) {
	dir, err := os.MkdirTemp("", "claude-standin-")
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	path := filepath.Join(dir, "callback")
	err = unix.Mkfifo(path, 0o600)
	var fifo *os.File
	if err == nil { // for reading and writing, so that it opens at once and does not end with its first writer
		fifo, err = os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK, 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for the browser: %w", err), os.RemoveAll(dir))
	}
	query, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		if line, err := bufio.NewReader(fifo).ReadString('\n'); err == nil { // else it was closed
			query <- strings.TrimSpace(line)
		}
	}()
	return &callback{dir, path, fifo, query, ended}, nil
}

func (b *callback) close() {
	_ = b.fifo.Close() // ends the read
	<-b.ended
	_ = os.RemoveAll(b.dir)
}

// pasted reads lines from in until one looks like a code; bad is called for each that does not. When the input ends,
// only the browser can still complete the sign-in.
func pasted(in *input, bad func()) <-chan string {
	codes := make(chan string, 1)
	go func() { // ends with in
		var line []byte
		for chunk := range in.chunks {
			for _, b := range chunk {
				if b != '\n' && b != '\r' {
					line = append(line, b)
					continue
				}
				code, _, whole := strings.Cut(strings.TrimSpace(string(line)), "#")
				line = line[:0]
				switch {
				case whole && code != "":
					codes <- code
					return
				case code != "":
					bad()
				}
			}
		}
	}()
	return codes
}
