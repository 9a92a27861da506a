package claude

import "testing"

func TestRenewalRefused(t *testing.T) {
	for line, want := range map[string]string{
		"2026-11-26T18:34:10.219Z [ERROR] OAuth refresh failed (expected): Request failed with status code 401\n":  "401",
		"a\n2026-11-26T18:30:13.786Z [ERROR] OAuth refresh failed (expected): Request failed with status code 400": "400",
		"2026-11-26T18:34:54.029Z [ERROR] OAuth refresh failed (expected): connect ECONNREFUSED 127.0.0.1:9\n":     "",
		"2026-11-26T18:35:20.443Z [ERROR] AxiosError: [url=https://platform.claude.com/v1/oauth/token,status=500," +
			"body=Internal server error] AxiosError: Request failed with status code 500\n": "",
		"[ERROR] OAuth refresh failed (expected): Request failed with status code 429\n":                           "",
		"[ERROR] Failed to fetch oauth profile from OAuth token: [REDACTED] Request failed with status code 401\n": "",
		"": "",
	} {
		if status, refused := RenewalRefused(line); status != want || refused != (want != "") {
			t.Errorf("RenewalRefused(%q) = %q, %v", line, status, refused)
		}
	}
}
