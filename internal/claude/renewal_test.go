package claude

import "testing"

func TestFindRenewalFailure(t *testing.T) {
	const before = "2026-11-26T18:36:32.340Z [DEBUG] start\n2026-11-26T18:36:32.350Z [ERROR] "
	for log, want := range map[string]RenewalFailure{
		"": {},
		before + "OAuth refresh failed (expected): timeout of 30000ms exceeded": {
			Text: "Anthropic did not answer (timeout of 30000ms exceeded); the login may be lost", Lost: true,
		},
		before + "OAuth refresh failed (expected): Request failed with status code 400\nmore": {
			Status: "400", Text: "Anthropic answered with status 400",
		},
		before + "OAuth refresh failed (expected): Request failed with status code 401": {
			Status: "401", Text: "Anthropic answered with status 401",
		},
		before + "OAuth refresh failed (expected): connect ECONNREFUSED 127.0.0.1:1\n": {
			Text: "Anthropic could not be reached (connect ECONNREFUSED 127.0.0.1:1)",
		},
		before + `"AxiosError: [url=https://platform.claude.com/v1/oauth/token,status=500,body=x] AxiosError: ` +
			`Request failed with status code 500\n`: {Status: "500", Text: "Anthropic answered with status 500"},
		before + "Failed to fetch oauth profile from OAuth token: [REDACTED] Request failed with status code 401": {},
	} {
		if got := FindRenewalFailure(log); got != want {
			t.Errorf("%q: %+v", log, got)
		}
	}
	for status, rejected := range map[string]bool{"400": true, "401": true, "403": false, "500": false, "": false} {
		if got := (RenewalFailure{Status: status}).Rejected(); got != rejected {
			t.Errorf("%q: %v", status, got)
		}
	}
}
