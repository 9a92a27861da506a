package service

import (
	"errors"
	"strings"
	"time"
)

// TokenRequest is the body of POST /v1/oauth/token.
type TokenRequest struct {
	GrantType    string `json:"grant_type"`
	RefreshToken string `json:"refresh_token"`
	Code         string `json:"code"`
	State        string `json:"state"`
	RedirectURI  string `json:"redirect_uri"`
	CodeVerifier string `json:"code_verifier"`
	ClientID     string `json:"client_id"`
	Scope        string `json:"scope"`
}

// TokenAnswer is the body of a grant.
type TokenAnswer struct {
	TokenType             string  `json:"token_type"`
	AccessToken           string  `json:"access_token"`
	RefreshToken          string  `json:"refresh_token"`
	ExpiresIn             int64   `json:"expires_in"`                         // seconds
	RefreshTokenExpiresIn int64   `json:"refresh_token_expires_in,omitempty"` // seconds
	Scope                 string  `json:"scope"`
	Account               Account `json:"account"`
	Organization          struct {
		UUID string `json:"uuid"`
		Name string `json:"name"`
	} `json:"organization"`
}

// Account is whose login it is.
type Account struct {
	UUID  string `json:"uuid"`
	Email string `json:"email_address"`
}

// The scopes of a sign-in.
const (
	Scopes        = "user:file_upload user:inference user:mcp_servers user:profile user:sessions:claude_code"
	ConsoleScopes = "org:create_api_key user:profile" // of a Console account
)

// Token is POST /v1/oauth/token. A refresh token is spent when the request comes; the answer goes out TokenWait later,
// or never if gone, a channel that may be nil, is closed before: then the error is ErrGone.
func (s *Service) Token(r TokenRequest, gone <-chan struct{}) (Response, error) {
	var response Response
	var wait time.Duration
	err := s.update(func(st *state) error {
		switch r.GrantType {
		case "refresh_token":
			response, wait = st.refresh(r, s.now()), st.Settings.TokenWait
		case "authorization_code":
			response = st.grant(r, s.now())
		default:
			response = refusal(400, "unsupported_grant_type", "Unsupported grant type")
		}
		return s.log(Request{Kind: r.GrantType, Status: response.Status, Token: fingerprint(r.RefreshToken + r.Code)})
	})
	if err == nil && !sleep(wait, gone) {
		err = ErrGone
	}
	return response, err
}

// ErrGone says that the client ended before it got its answer.
var ErrGone = errors.New("the client has gone")

func (st *state) refresh(r TokenRequest, now time.Time) Response {
	switch st.Settings.Token {
	case "500", "503", "529", "html":
		return outage(st.Settings.Token)
	}
	old := st.find(r.RefreshToken)
	if st.Settings.Token != "ok" && !old.good("refresh", now) {
		return tokenRefusal(st.Settings.Token)
	}
	like := token{}
	if old != nil {
		like.Owner = old.Owner
	}
	login := st.newLogin(now, like)
	if old != nil { // refresh tokens are good for one renewal, and their successor lives no longer
		old.Dead = true
		if !old.Expires.IsZero() {
			st.find(login.Refresh).Expires, login.RefreshExpires = old.Expires, old.Expires
		}
	}
	return granted(login, r.Scope, personNamed(like.Owner), now)
}

func (st *state) grant(r TokenRequest, now time.Time) Response {
	switch answer := st.Settings.Grant; answer {
	case "500", "503", "529", "html":
		return outage(answer)
	case "400", "401", "403":
		return tokenRefusal(answer)
	}
	code := st.find(r.Code)
	if !code.good("code", now) {
		return refusal(400, "invalid_grant", "Invalid authorization code")
	}
	code.Dead = true
	scope := r.Scope
	if code.Scope != "" {
		scope = code.Scope
	}
	login := st.newLogin(now, token{Dead: st.Settings.Grant == "dead", Owner: code.Owner})
	return granted(login, scope, personNamed(code.Owner), now)
}

func granted(login Login, scope string, person Person, now time.Time) Response {
	if scope == "" {
		scope = Scopes
	}
	answer := TokenAnswer{
		TokenType: "Bearer", AccessToken: login.Access, RefreshToken: login.Refresh,
		ExpiresIn: int64(login.AccessExpires.Sub(now) / time.Second), Scope: strings.TrimSpace(scope),
		Account: Account{person.UUID, person.Email},
	}
	if !login.RefreshExpires.IsZero() {
		answer.RefreshTokenExpiresIn = int64(login.RefreshExpires.Sub(now) / time.Second)
	}
	answer.Organization.UUID, answer.Organization.Name = person.OrganizationUUID, person.OrganizationName
	return jsonResponse(200, answer)
}

// KeyAnswer is the body of a new API key.
type KeyAnswer struct {
	RawKey string `json:"raw_key"`
}

// CreateKey is POST /api/oauth/claude_cli/create_api_key, with which a Console sign-in gets its key. bearer is the
// access token of the sign-in.
func (s *Service) CreateKey(bearer string) (Response, error) {
	var response Response
	err := s.update(func(st *state) error {
		switch answer := st.Settings.Key; {
		case answer == "500":
			response = failureNamed(answer).response()
		case answer == "403" || !st.find(bearer).good("access", s.now()):
			response = refusal(403, "permission_error", "You may not create an API key in this organization.")
		default:
			response = jsonResponse(OK, KeyAnswer{st.issue("sk-ant-api03-", token{Kind: "key", Dead: answer == "dead"})})
		}
		return s.log(Request{Kind: "create_api_key", Status: response.Status, Token: fingerprint(bearer)})
	})
	return response, err
}

// RevokeToken is POST /v1/oauth/token/revoke, which a sign-out sends (2.1.165, 2.1.330).
func (s *Service) RevokeToken(text string) (Response, error) {
	response := jsonResponse(OK, map[string]any{})
	err := s.update(func(st *state) error {
		if t := st.find(text); t != nil {
			t.Dead = true
		}
		return s.log(Request{Kind: "revoke", Status: response.Status, Token: fingerprint(text)})
	})
	return response, err
}

func tokenRefusal(name string) Response {
	switch name {
	case "401":
		return refusal(401, "invalid_client", "Client authentication failed")
	case "403":
		return refusal(403, "access_denied", "Access denied")
	default:
		return refusal(400, "invalid_grant", "Refresh token not found or invalid")
	}
}

func refusal(status int, kind, description string) Response {
	return jsonResponse(status, map[string]string{"error": kind, "error_description": description})
}

func outage(name string) Response {
	if name == "html" {
		name = "502-html"
	}
	return failureNamed(name).response()
}
