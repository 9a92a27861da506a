package service

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings say what the service answers. Their defaults are not zero values: see Defaults.
type Settings struct {
	// Token is what the token endpoint answers to grant_type=refresh_token.
	//	400, 401, 403       a good refresh token is renewed, any other gets this answer
	//	ok                  every refresh token is renewed, also an unknown one
	//	500, 503, 529, html an outage: no refresh token is renewed
	Token string `json:"token"`

	// TokenWait is how long the token endpoint waits with its answer, after the refresh token is spent. Who ends in
	// between has lost the login.
	TokenWait time.Duration `json:"token-wait"`

	// Grant is what the token endpoint answers to grant_type=authorization_code: ok, dead (a login that no endpoint
	// accepts), 400, 401, 403, 500, 503, 529 or html.
	Grant string `json:"grant"`

	// Key is what a Console sign-in gets for its request for an API key: ok, dead (a key that no endpoint accepts), 403 or
	// 500.
	Key string `json:"key"`

	// Browser is what the person at the sign-in page does: ok, refuse (the client is told access_denied), nothing (the
	// page is closed), or hang (the browser does not even end).
	Browser string `json:"browser"`

	// Account is who signs in at the page: pat, other (another person in another organisation), or other-org (the same
	// person in another organisation).
	Account string `json:"account"`

	// Messages is what the messages endpoint answers to a good token: ok, or a name of failures.
	Messages string `json:"messages"`

	// Unauthorized is what it answers to any other token: a name of failures.
	Unauthorized string `json:"unauthorized"`

	// Answer is the model's answer; when it is empty, the prompt is echoed. AnswerFile is a file that holds the answer;
	// it is used before Answer.
	Answer     string `json:"answer"`
	AnswerFile string `json:"answer-file"`

	// Chunk is how many bytes of an answer go at once; 0, all. Wait is the time before the first chunk, Delay the time
	// between two.
	Chunk int           `json:"chunk"`
	Wait  time.Duration `json:"wait"`
	Delay time.Duration `json:"delay"`

	// AccessLife and RefreshLife are how long new tokens live. With RefreshLife 0 the service does not say when the
	// refresh token ends, and the client assumes 30 days.
	AccessLife  time.Duration `json:"access-life"`
	RefreshLife time.Duration `json:"refresh-life"`
}

// Defaults are the settings of a new service: good tokens work, others are rejected.
func Defaults() Settings {
	return Settings{
		Token: "400", Grant: "ok", Key: "ok", Browser: "ok", Messages: "ok", Unauthorized: "401",
		AccessLife: 8 * time.Hour,
	}
}

var (
	tokenValues   = []string{"ok", "400", "401", "403", "500", "503", "529", "html"}
	grantValues   = []string{"ok", "dead", "400", "401", "403", "500", "503", "529", "html"}
	keyValues     = []string{"ok", "dead", "403", "500"}
	browserValues = []string{"ok", "refuse", "nothing", "hang"}
)

func (s *Settings) set(name, value string) (err error) {
	switch name {
	case "token":
		s.Token, err = oneOf(value, tokenValues)
	case "token-wait":
		s.TokenWait, err = time.ParseDuration(value)
	case "grant":
		s.Grant, err = oneOf(value, grantValues)
	case "new-key":
		s.Key, err = oneOf(value, keyValues)
	case "browser":
		s.Browser, err = oneOf(value, browserValues)
	case "account":
		s.Account, err = oneOf(value, accountValues())
	case "messages":
		s.Messages, err = oneOf(value, append([]string{"ok"}, Failures()...))
	case "unauthorized":
		s.Unauthorized, err = oneOf(value, Failures())
	case "answer":
		s.Answer = value
	case "answer-file":
		s.AnswerFile = value
	case "chunk":
		s.Chunk, err = strconv.Atoi(value)
	case "wait":
		s.Wait, err = time.ParseDuration(value)
	case "delay":
		s.Delay, err = time.ParseDuration(value)
	case "access-life":
		s.AccessLife, err = time.ParseDuration(value)
	case "refresh-life":
		s.RefreshLife, err = time.ParseDuration(value)
	default:
		return fmt.Errorf("the stand-in service has no setting %q", name)
	}
	if err != nil {
		return fmt.Errorf("the stand-in service's setting %s: %w", name, err)
	}
	return nil
}

func oneOf(value string, values []string) (string, error) {
	if !slices.Contains(values, value) {
		return "", fmt.Errorf("%q is none of %s", value, strings.Join(values, ", "))
	}
	return value, nil
}
