package recovery

import (
	"cmp"
	"context"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// Plan is what Recover would do.
type Plan struct {
	Verdict diagnose.Verdict
	State   credentials.State
	Drops   string // what a sign-in makes the client drop besides the login, and that it comes back; "" for nothing
	Hint    string // what to do where Recover would not sign in
	Waits   string // that a sign-in waits for its code, which Recover would leave alone; "" where none does
	SignsIn bool   // Recover would ask, and sign in
}

// Plan diagnoses an incident as Recover does, and changes nothing. The error is the one with which Recover would end
// before it asks, and ErrSignInNeeded where it would ask.
func (r *Repairer) Plan(ctx context.Context, in Incident) (Plan, error) {
	d := r.diagnose(ctx, in)
	plan := Plan{Verdict: d.verdict, State: d.evidence.State, Hint: d.verdict.Hint}
	if err := r.anyWaits(ErrSignInNeeded); err != nil {
		plan.Waits, plan.Hint = err.Error(), ui.HintOf(err)
		return plan, err
	}
	if _, done, err := withoutSignIn(d.verdict); done {
		return plan, err
	}
	if d.evidence.Spare != "" && d.verdict.Action != diagnose.SignInConsole {
		plan.Drops = restoresKey(d.evidence.Spare)
	}
	err := r.canBegin(in, d)
	if err == nil {
		if _, err = r.Client(); err == nil {
			plan.SignsIn = true
			return plan, ErrSignInNeeded
		}
	}
	plan.Hint = ui.HintOf(err)
	return plan, err
}

// canBegin returns why no sign-in can be made from here, or nil.
func (r *Repairer) canBegin(in Incident, d diagnosis) error {
	switch {
	case r.InsideClient():
		return signInNeeded(in, d, insideClient("claude-auth recover"))
	case !r.canSignIn(in.Auto) && in.ByPerson && r.Env.Get("CI") == "":
		return signInNeeded(in, d, inTwoSteps("claude-auth recover"))
	case !r.canSignIn(in.Auto):
		return signInNeeded(in, d, r.elsewhere())
	}
	return cmp.Or(r.checkName(), r.waits(ErrSignInNeeded))
}
