package recovery

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

// Each question is one line of 80 columns with its mark and its choice, and says what n and x do where that is not
// plain.
func TestQuestionsAreShort(t *testing.T) {
	actions := []diagnose.Action{diagnose.SignIn, diagnose.WipeAndSignIn, diagnose.SignInConsole, diagnose.SetAside}
	incidents := []Incident{{}, {Before: true}, {Then: "and resume the session"}}
	for _, action := range actions {
		for _, in := range incidents {
			for _, mayStop := range []bool{false, true} {
				d := diagnosis{
					verdict: diagnose.Verdict{Cause: diagnose.RejectedLogin, Action: action}, history: ledger.NewReplay(nil),
				}
				q := question(in, d, mayStop)
				choice := "[Y/n]"
				if mayStop {
					choice = "[Y/n/x]"
				}
				line := "? " + q.Text + " " + choice + " "
				if utf8.RuneCountInString(line) > 80 {
					t.Errorf("too long by %d: %q", utf8.RuneCountInString(line)-80, line)
				}
				saysN := strings.Contains(q.Text, "n starts Claude Code anyway") ||
					strings.Contains(q.Text, "n: start anyway;")
				if mayStop != strings.Contains(q.Text, " x: ") || in.Before != saysN {
					t.Errorf("%+v, may stop %v: %q", in, mayStop, line)
				}
				if !q.EnterIsYes || q.AfterNo == "" || q.Panel.Title == "" || len(q.Panel.Texts) != 2 {
					t.Errorf("%+v", q)
				}
			}
		}
	}
}
