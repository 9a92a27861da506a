package service_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t *testing.T) (*service.Service, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	s, err := service.Open(filepath.Join(t.TempDir(), "service"), c.now)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func set(t *testing.T, s *service.Service, name, value string) {
	t.Helper()
	if err := s.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

func refresh(t *testing.T, s *service.Service, token string) (int, service.TokenAnswer) {
	t.Helper()
	response, err := s.Token(service.TokenRequest{GrantType: "refresh_token", RefreshToken: token}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var answer service.TokenAnswer
	if response.Status == service.OK {
		if err := json.Unmarshal(response.Body, &answer); err != nil {
			t.Fatal(err)
		}
	}
	return response.Status, answer
}

func TestRefreshTokensAreGoodOnce(t *testing.T) {
	s, _ := open(t)
	login, err := s.NewLogin()
	if err != nil {
		t.Fatal(err)
	}
	status, answer := refresh(t, s, login.Refresh)
	if status != service.OK || answer.AccessToken == login.Access || answer.RefreshToken == login.Refresh {
		t.Fatalf("renewal: %d, new tokens: %v", status, answer.AccessToken != login.Access)
	}
	if status, _ := refresh(t, s, login.Refresh); status != service.BadRequest {
		t.Errorf("the second renewal with one token: %d", status)
	}
	if access, refresh, err := s.Good(answer.AccessToken, answer.RefreshToken); !access || !refresh || err != nil {
		t.Errorf("the new tokens are good: %v, %v, %v", access, refresh, err)
	}
}

func TestTokenSettings(t *testing.T) {
	for setting, want := range map[string][2]int{ // the answer to a good token and to a dead one
		"400": {200, 400}, "401": {200, 401}, "403": {200, 403}, "ok": {200, 200}, "500": {500, 500}, "html": {502, 502},
	} {
		s, _ := open(t)
		login, err := s.NewLogin()
		if err != nil {
			t.Fatal(err)
		}
		set(t, s, "token", setting)
		good, _ := refresh(t, s, login.Refresh)
		dead, _ := refresh(t, s, "no such token")
		if got := [2]int{good, dead}; got != want {
			t.Errorf("token=%s: %v, want %v", setting, got, want)
		}
	}
}

// TestTokenIsSpentBeforeTheAnswer holds that a client which ends while the endpoint waits has spent its refresh token,
// and that nobody else has to wait for that.
func TestTokenIsSpentBeforeTheAnswer(t *testing.T) {
	for _, setting := range []string{"400", "401", "403"} {
		s, _ := open(t)
		login, err := s.NewLogin()
		if err != nil {
			t.Fatal(err)
		}
		set(t, s, "token", setting)
		set(t, s, "token-wait", "1h")
		gone := make(chan struct{})
		close(gone)
		request := service.TokenRequest{GrantType: "refresh_token", RefreshToken: login.Refresh}
		if _, err := s.Token(request, gone); !errors.Is(err, service.ErrGone) {
			t.Errorf("token=%s: a client that has gone got an answer: %v", setting, err)
		}
		set(t, s, "token-wait", "0s")
		if status, _ := refresh(t, s, login.Refresh); strconv.Itoa(status) != setting {
			t.Errorf("token=%s: the spent token got %d", setting, status)
		}
	}
}

func TestAccessTokensEnd(t *testing.T) {
	s, c := open(t)
	set(t, s, "access-life", "2s")
	login, err := s.NewLogin()
	if err != nil {
		t.Fatal(err)
	}
	ask := func() int {
		answer, err := s.Messages(service.MessagesRequest{Bearer: login.Access, Prompt: "ping"})
		if err != nil {
			t.Fatal(err)
		}
		return answer.Status
	}
	if status := ask(); status != service.OK {
		t.Errorf("a fresh token: %d", status)
	}
	c.at = c.at.Add(2 * time.Second)
	if status := ask(); status != service.Unauthorized {
		t.Errorf("a token past its end: %d", status)
	}
	if err := s.Revoke(); err != nil {
		t.Fatal(err)
	}
	if status, _ := refresh(t, s, login.Refresh); status != service.BadRequest {
		t.Errorf("renewal after all was revoked: %d", status)
	}
}

func TestCodesAreGoodOnce(t *testing.T) {
	s, _ := open(t)
	page, err := s.Authorize("claude.ai")
	if err != nil || page.Kind != service.Allowed {
		t.Fatalf("Authorize = %v, %v", page.Kind, err)
	}
	grant := func(code string) int {
		response, err := s.Token(service.TokenRequest{GrantType: "authorization_code", Code: code}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return response.Status
	}
	if first, second := grant(page.Code), grant(page.Code); first != service.OK || second != service.BadRequest {
		t.Errorf("a code used twice: %d, %d", first, second)
	}
	set(t, s, "browser", "refuse")
	if page, err := s.Authorize("claude.ai"); err != nil || page.Kind != service.Refused || page.Code != "" {
		t.Errorf("a refusing person: %+v, %v", page, err)
	}
}

func TestAnswersComeInChunks(t *testing.T) {
	s, _ := open(t)
	login, err := s.NewLogin()
	if err != nil {
		t.Fatal(err)
	}
	set(t, s, "answer", "0123456789")
	set(t, s, "chunk", "4")
	answer, err := s.Messages(service.MessagesRequest{Bearer: login.Access})
	if err != nil {
		t.Fatal(err)
	}
	var chunks []string
	err = answer.Each(nil, func(chunk []byte) error { chunks = append(chunks, string(chunk)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(chunks, "|"); got != "0123|4567|89" {
		t.Errorf("chunks: %s", got)
	}
}

func TestProcessesShareOneService(t *testing.T) {
	s, c := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { // each with its own view of the directory, as processes have
			mine, err := service.Open(s.Dir(), c.now)
			if err != nil {
				t.Error(err)
				return
			}
			for range 10 {
				if _, err := mine.NewLogin(); err != nil {
					t.Error(err)
				}
				if err := mine.Log(service.Request{Kind: "test"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	requests, err := s.Requests()
	if err != nil || len(requests) != 80 {
		t.Errorf("%d requests, %v; want 80", len(requests), err)
	}
	text, err := os.ReadFile(filepath.Join(s.Dir(), "state.json"))
	if err != nil || strings.Count(string(text), `"kind":"refresh"`) != 80 {
		t.Errorf("%d logins, %v; want 80", strings.Count(string(text), `"kind":"refresh"`), err)
	}
	if strings.Contains(string(text), "FIXTURE") {
		t.Error("the state holds a token")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	s, _ := open(t)
	for _, pair := range [][2]string{{"token", "402"}, {"nonsense", "1"}, {"delay", "fast"}, {"messages", "teapot"}} {
		if err := s.Set(pair[0], pair[1]); err == nil {
			t.Errorf("%s=%s was taken", pair[0], pair[1])
		}
	}
	if settings, err := s.Settings(); err != nil || settings != service.Defaults() {
		t.Errorf("settings after refusals: %+v, %v", settings, err)
	}
}
