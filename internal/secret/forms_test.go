package secret

import "testing"

// FuzzMayHoldToken: no text in which a token is found is passed over for want of a word.
func FuzzMayHoldToken(f *testing.F) {
	for _, text := range []string{
		"sk-ant-x", "SK-ANT-x", "sk-0123456789abcdef", "eyJhbGciOiJI.eyJzdWIi.c2ln", "eyJ0.x", "ghp_012345678",
		"gho_012345678", "ghu_012345678", "ghs_012345678",
		"ghr_012345678", "github_pat_012345678", "glpat-012345678", "xoxb-012345678", "AKIA012345678", "ya29.a012345678",
		"lin_api_012345678",
		"ntn_012345678", "Bearer 012345678", "BEARER  abcdefgh", "\u017fk-ant-x", "s\u212a-ant-x",
	} {
		f.Add("before " + text + " after")
	}
	f.Fuzz(func(t *testing.T, text string) {
		if tokenText().MatchString(text) && !mayHoldToken(text) {
			t.Errorf("a token in %q is passed over", text)
		}
	})
}
