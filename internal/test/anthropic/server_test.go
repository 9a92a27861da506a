package anthropic

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// TestProxyAnswersForAnyHost asks as the client does: through the proxy, trusting the authority.
func TestProxyAnswersForAnyHost(t *testing.T) {
	dir := t.TempDir()
	s, err := service.Open(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set("answer", "grüße"); err != nil {
		t.Fatal(err)
	}
	if err := s.Set("chunk", "3"); err != nil { // cuts the ü
		t.Fatal(err)
	}
	login, err := s.NewLogin()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := Start(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	client := proxied(t, srv)
	if got := post(t, client, login.Access); !strings.Contains(got, `"text":"ü`) || strings.Contains(got, "\uFFFD") {
		t.Errorf("the stream cuts a character: %s", got)
	}
	if got := post(t, client, "no such token"); !strings.Contains(got, "Invalid authentication credentials") {
		t.Errorf("a dead token: %s", got)
	}
}

func proxied(t *testing.T, srv *Server) *http.Client {
	t.Helper()
	env := map[string]string{}
	for _, pair := range srv.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	proxy, err := url.Parse(env["HTTPS_PROXY"])
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(env["NODE_EXTRA_CA_CERTS"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func post(t *testing.T, client *http.Client, token string) string {
	t.Helper()
	body := `{"model":"m","stream":true,"messages":[{"role":"user","content":"ping"}]}`
	request, err := http.NewRequest("POST", "https://api.anthropic.com/v1/messages?beta=true", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPromptIsThePersonsOwn(t *testing.T) {
	for body, want := range map[string]string{
		`{"messages":[{"role":"user","content":"ping"}]}`: "ping",
		`{"messages":[{"role":"user","content":"old"},{"role":"assistant","content":"x"},{"role":"user","content":[` +
			`{"type":"text","text":"ping"},{"type":"text","text":"<system-reminder>not his</system-reminder>"}]}]}`: "ping",
		`{"messages":[]}`: "",
	} {
		var parsed messagesBody
		if err := json.Unmarshal([]byte(body), &parsed); err != nil {
			t.Fatal(err)
		}
		if got := parsed.prompt(); got != want {
			t.Errorf("prompt of %s = %q, want %q", body, got, want)
		}
	}
}
