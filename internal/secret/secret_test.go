package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/claude-auth/claude-auth/internal/secret"
)

const token = "sk-ant-oat01-FIXTURE-secret-package"

func TestNoVerbPrintsASecret(t *testing.T) {
	s := secret.New(token)
	type holder struct{ Inner secret.Secret }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10.3s"} {
		for _, value := range []any{s, &s, holder{s}, &holder{s}, []secret.Secret{s}, map[string]secret.Secret{"a": s}} {
			if out := fmt.Sprintf(verb, value); strings.Contains(out, "FIXTURE") ||
				strings.Contains(out, fmt.Sprintf("%x", "FIXTURE")) {
				t.Errorf("Sprintf(%q, %T) = %q shows the secret", verb, value, out)
			}
		}
	}
	out, err := json.Marshal(map[secret.Secret]any{s: holder{s}})
	if err != nil || strings.Contains(string(out), "FIXTURE") {
		t.Errorf("json.Marshal = %s, %v", out, err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "h", holder{s})
	if strings.Contains(log.String(), "FIXTURE") {
		t.Errorf("slog shows the secret: %s", log.String())
	}
	if s.Reveal() != token {
		t.Errorf("Reveal() = %q, want the text", s.Reveal())
	}
}

func TestFingerprint(t *testing.T) {
	a, b := secret.Key("key a"), secret.Key("key b")
	s := secret.New(token)
	if got := s.Fingerprint(a); len(got) != 16 || got != secret.New(token).Fingerprint(a) {
		t.Errorf("Fingerprint = %q: want 16 digits, the same each time", got)
	}
	if s.Fingerprint(a) == s.Fingerprint(b) {
		t.Error("fingerprints under two keys are the same")
	}
	if got := secret.New("").Fingerprint(a); got != "" {
		t.Errorf("fingerprint of no secret = %q, want none", got)
	}
}

func TestLoadKeyAgreesAmongProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "key")
	keys := make([]secret.Key, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := secret.LoadKey(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = key
		})
	}
	wg.Wait()
	for _, key := range keys {
		if len(key) != 32 || string(key) != string(keys[0]) {
			t.Fatalf("two keys: %x and %x", key, keys[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v: want 0600", info.Mode(), err)
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestLoadKeyRefusesWhatIsNoKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("not a key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := secret.LoadKey(path); err == nil {
		t.Errorf("LoadKey = %x, want an error", key)
	}
	if text, _ := os.ReadFile(path); string(text) != "not a key\n" {
		t.Errorf("the file was changed to %q", text)
	}
}

func TestRedact(t *testing.T) {
	for _, text := range []string{
		token, "Authorization: Bearer FIXTUREFIXTURE", "x=eyJFIXTURE.eyJFIXTURE.sigFIXTURE end", "ghp_FIXTUREFIXTUREFIXTURE",
	} {
		if got := secret.Redact("before " + text + " after"); strings.Contains(got, "FIXTURE") ||
			!strings.Contains(got, "before") {
			t.Errorf("Redact(%q) = %q", text, got)
		}
	}
	if plain := "API Error: 401 Invalid bearer token"; secret.Redact(plain) != plain {
		t.Errorf("Redact(%q) = %q", plain, secret.Redact(plain))
	}
}

func TestNamesAndValues(t *testing.T) {
	for _, name := range []string{"accessToken", "refresh_token", "client_secret", "apiKey", "PASSWORD", "code-verifier",
		"trustedDeviceToken"} {
		if !secret.IsSecretName(name) {
			t.Errorf("IsSecretName(%q) = false", name)
		}
	}
	for _, name := range []string{"expiresAt", "refreshTokenExpiresAt", "scopes", "token_type", "serverUrl"} {
		if secret.IsSecretName(name) {
			t.Errorf("IsSecretName(%q) = true", name)
		}
	}
	for value, want := range map[string]bool{
		token: true, "eyJhbGciOi.eyJzdWIiOi.c2ln": true, strings.Repeat("a1", 20): true,
		"https://mcp.example.com/a/very/long/path/1234567890": false, "9c5e7a04-6d9a-4d8e-8f7e-2f64d2b6a111": false,
		"user:inference": false, "a sentence of some words that is longer than 37 bytes 1": false,
	} {
		if got := secret.LooksSecret(value); got != want {
			t.Errorf("LooksSecret(%q) = %v, want %v", value, got, want)
		}
	}
}

// A secret is known under any name; what people look for in the document stays readable.
func TestUnknownNames(t *testing.T) {
	for _, value := range []string{
		"-----BEGIN RSA PRIVATE KEY-----\nMIIEFIXTURE\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
		"-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----",
		"AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "ghp_FIXTUREFIXTUREFIXTUREFIXTURE123456",
		"github_pat_11AAFIXTUREFIXTURE", "AIzaSyFIXTUREFIXTUREFIXTUREFIXTURE12345", "xoxb-1234-FIXTURE",
		"xapp-1-FIXTUREFIXTURE", "https://hooks.slack.com/services/T000/B000/FIXTUREFIXTURE", "sk-proj-FIXTUREFIXTURE",
		"https://user:FIXTUREpw@host/x", "postgres://u:FIXTUREpw@db/x", "5f4dcc3b5aa765d61d8327deb882cf99",
		"q83vEjRWeJq83vEjRWeJq83vEjRW", "npm_FIXTUREFIXTUREFIXTURE", "sk_live_FIXTUREFIXTURE", "SG.FIXTUREFIX.FIXTUREFIX",
		"hf_FIXTUREFIXTUREFIX", "Basic dXNlcjpGSVhUVVJF", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	} {
		if !secret.LooksSecret(value) {
			t.Errorf("LooksSecret(%q) = false", value)
		}
	}
	for _, value := range []string{
		"https://mcp.example.com:8443/a/b?x=1", "https://user@host/x", "user:inference", "2026-01-02T03:04:05Z",
		"9c5e7a04-6d9a-4d8e-8f7e-2f64d2b6a111", "/home/u/some/path/that-is-long/x1", "~/Projects2/MyApp/src",
		"db-12.internal.example.com:5432", "pat@example.com", "default_claude_max_20x", "Basic authentication",
		"claude-sonnet-4-5-20250929", "GitHubEnterpriseServer2", "parseJSON2ValueFromString", "1790000000000000000000",
		"abcdefabcdefabcdefabcdefabcdefab", "ssh-ed25519", "-----BEGIN CERTIFICATE-----", "org_wide_test_server_name",
	} {
		if secret.LooksSecret(value) {
			t.Errorf("LooksSecret(%q) = true", value)
		}
	}
	for _, name := range []string{"key", "pwd", "pass", "Set-Cookie", "Proxy-Authorization", "ssh_key"} {
		if !secret.IsSecretName(name) {
			t.Errorf("IsSecretName(%q) = false", name)
		}
	}
	for _, name := range []string{"keyboard", "passthrough", "keys", "authServer", "monkey", "organizationUuid"} {
		if secret.IsSecretName(name) {
			t.Errorf("IsSecretName(%q) = true", name)
		}
	}
}
