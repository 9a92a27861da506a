package diagnose_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
)

var (
	old   = ledger.LoginID{Access: "a1", Refresh: "r1"}
	fresh = ledger.LoginID{Access: "a2", Refresh: "r2"}
)

// seen is a confirmed message of the client about the login old, which stands in the file.
func seen(class detect.Class, state credentials.State) diagnose.Evidence {
	return diagnose.Evidence{
		Seen: class, Phrase: "words", Confirmed: true, Known: true, Used: old, Login: old, State: state,
	}
}

// with is e with one more thing.
func with(e diagnose.Evidence, change func(*diagnose.Evidence)) diagnose.Evidence {
	change(&e)
	return e
}

var (
	dead   = seen(detect.Rejected, credentials.Renewable)
	missed = seen(detect.NoLogin, credentials.OK)

	consoleKey = ledger.LoginID{Access: "console:k"}
	refused    = with(seen(detect.NoLogin, credentials.Console), func(e *diagnose.Evidence) {
		e.Used, e.Login = consoleKey, consoleKey
	})
)

var verdictCases = []struct {
	name   string
	e      diagnose.Evidence
	cause  diagnose.Cause
	action diagnose.Action
}{
	{"nothing seen, good", diagnose.Evidence{State: credentials.OK}, diagnose.Unknown, diagnose.Nothing},
	{"nothing seen, renewable", diagnose.Evidence{State: credentials.Renewable}, diagnose.Unknown, diagnose.Nothing},
	{"nothing seen, expiring", diagnose.Evidence{State: credentials.Expiring}, diagnose.Unknown, diagnose.Nothing},
	{"nothing seen, rejected before", diagnose.Evidence{State: credentials.Rejected}, diagnose.RejectedLogin,
		diagnose.WipeAndSignIn},
	{"nothing seen, expired", diagnose.Evidence{State: credentials.Expired},
		diagnose.RejectedLogin, diagnose.WipeAndSignIn},
	{"nothing seen, absent", diagnose.Evidence{State: credentials.Absent}, diagnose.NoLogin, diagnose.SignIn},
	{"nothing seen, blank", diagnose.Evidence{State: credentials.Blank}, diagnose.NoLogin, diagnose.SignIn},
	{"nothing seen, corrupt", diagnose.Evidence{State: credentials.Corrupt}, diagnose.Corrupt, diagnose.SetAside},
	{"unreadable",
		with(dead, func(e *diagnose.Evidence) { e.State, e.StoreErr = credentials.Unreadable, errors.New("no") }),
		diagnose.Unreadable, diagnose.Nothing},
	{"locked keychain", with(dead, func(e *diagnose.Evidence) {
		e.State, e.StoreErr = credentials.Unreadable, &credentials.KeychainError{Locked: true}
	}), diagnose.LockedKeychain, diagnose.Nothing},
	{"nothing seen, Console key", diagnose.Evidence{State: credentials.Console, Login: consoleKey}, diagnose.ConsoleKey,
		diagnose.Nothing},
	{"Console key rejected before", diagnose.Evidence{State: credentials.Rejected, Login: consoleKey},
		diagnose.RejectedKey,
		diagnose.SignInConsole},
	{"Console key refused", refused, diagnose.RejectedKey, diagnose.SignInConsole},
	{"Console key and words alone", with(refused, func(e *diagnose.Evidence) { e.Confirmed = false }), diagnose.Unknown,
		diagnose.Nothing},
	{"Console sign-in since", with(refused, func(e *diagnose.Evidence) { e.Used = old }), diagnose.SignedInSince,
		diagnose.GoOn},
	{"Console key and an outage", with(refused, func(e *diagnose.Evidence) { e.Seen = detect.Outage }), diagnose.Outage,
		diagnose.Nothing},
	{"dead", dead, diagnose.RejectedLogin, diagnose.WipeAndSignIn},
	{"words alone", with(dead, func(e *diagnose.Evidence) { e.Confirmed = false }), diagnose.Unknown, diagnose.Nothing},
	{"dead and emptied",
		with(dead, func(e *diagnose.Evidence) { e.State, e.Login = credentials.Blank, ledger.LoginID{} }), diagnose.NoLogin,
		diagnose.SignIn},
	{"dead, but another process holds a lock",
		with(dead, func(e *diagnose.Evidence) { e.Obstacle = diagnose.Obstacle{Cause: "held", Remedy: "wait", Held: true} }),
		diagnose.Locked, diagnose.Nothing},
	{"dead, but the disk is full",
		with(dead, func(e *diagnose.Evidence) { e.Obstacle = diagnose.Obstacle{Cause: "full", Remedy: "free some"} }),
		diagnose.NotStored, diagnose.Nothing},
	{"dead and shadowed", with(dead, func(e *diagnose.Evidence) { e.Shadow = &diagnose.Shadow{Name: "X"} }),
		diagnose.Overridden, diagnose.Nothing},
	{"signed in since", with(dead, func(e *diagnose.Evidence) { e.Login, e.State = fresh, credentials.OK }),
		diagnose.SignedInSince, diagnose.GoOn},
	{"renewed since, the access token is new", with(dead, func(e *diagnose.Evidence) { e.Login.Access = "a2" }),
		diagnose.SignedInSince, diagnose.GoOn},
	{"2.1.165 has emptied the refresh token alone",
		with(dead, func(e *diagnose.Evidence) { e.Login.Refresh, e.State = "", credentials.Expired }), diagnose.RejectedLogin,
		diagnose.WipeAndSignIn},
	{"another login, which is worthless too",
		with(dead, func(e *diagnose.Evidence) { e.Login, e.State = fresh, credentials.Rejected }), diagnose.RejectedLogin,
		diagnose.WipeAndSignIn},
	{"noticed late: the login is younger than the failure",
		with(dead, func(e *diagnose.Evidence) { e.Used, e.Login, e.Newer = fresh, fresh, true }), diagnose.SignedInSince,
		diagnose.GoOn},
	{"dead within a minute", with(dead, func(e *diagnose.Evidence) { e.Relapsed = true }), diagnose.Relapse,
		diagnose.Nothing},
	{"dead within a minute and emptied",
		with(dead, func(e *diagnose.Evidence) { e.Relapsed, e.State = true, credentials.Blank }), diagnose.Relapse,
		diagnose.Nothing},
	{"no login met, none there",
		with(seen(detect.NoLogin, credentials.Absent), func(e *diagnose.Evidence) {
			e.Used, e.Login = ledger.LoginID{}, ledger.LoginID{}
		}),
		diagnose.NoLogin, diagnose.SignIn},
	{"no login met, one was made since",
		with(missed, func(e *diagnose.Evidence) { e.Used, e.Login = ledger.LoginID{}, fresh }), diagnose.SignedInSince,
		diagnose.GoOn},
	{"no login met while the file was written", missed, diagnose.SignedInSince, diagnose.GoOn},
	{"no login met, it is not for the model", with(missed, func(e *diagnose.Evidence) { e.State = credentials.Limited }),
		diagnose.Scope, diagnose.WipeAndSignIn},
	{"no login met, nobody knows which, a good one is there",
		with(missed, func(e *diagnose.Evidence) { e.Known, e.Used = false, ledger.LoginID{} }), diagnose.SignedInSince,
		diagnose.GoOn},
	{"emptied tokens met, signed in since",
		with(dead, func(e *diagnose.Evidence) { e.Used, e.Login, e.State = ledger.LoginID{}, fresh, credentials.OK }),
		diagnose.SignedInSince, diagnose.GoOn},
	{"scope", seen(detect.Scope, credentials.OK), diagnose.Scope, diagnose.WipeAndSignIn},
	{"network", seen(detect.Network, credentials.OK), diagnose.Network, diagnose.Nothing},
	{"a setup token beside a dead login", diagnose.Evidence{
		State: credentials.Expired, Shadow: &diagnose.Shadow{Name: "X", Meant: true},
	}, diagnose.OtherInUse, diagnose.Nothing},
	{"a client that cannot start", with(dead, func(e *diagnose.Evidence) {
		e.Config = diagnose.Obstacle{Cause: "x", Remedy: "y"}
	}), diagnose.ClientConfig, diagnose.Nothing},
	{"a gateway that refuses", with(dead, func(e *diagnose.Evidence) { e.Gateway = &diagnose.Shadow{Name: "X"} }),
		diagnose.Gateway, diagnose.Nothing},
	{"a gateway, and the client has emptied the tokens", with(dead, func(e *diagnose.Evidence) {
		e.Gateway, e.State = &diagnose.Shadow{Name: "X"}, credentials.Blank
	}), diagnose.NoLogin, diagnose.SignIn},
	{"outage", seen(detect.Outage, credentials.Renewable), diagnose.Outage, diagnose.Nothing},
	{"environment", seen(detect.Environment, credentials.OK), diagnose.Environment, diagnose.Nothing},
	{"organisation", seen(detect.Organisation, credentials.OK), diagnose.Organisation, diagnose.Nothing},
	{"store", seen(detect.Store, credentials.Renewable), diagnose.NotStored, diagnose.Nothing},
}

func TestDecide(t *testing.T) {
	for _, test := range verdictCases {
		v := diagnose.Decide(test.e)
		if v.Cause != test.cause || v.Action != test.action {
			t.Errorf("%s: %s, %s (%s); want %s, %s", test.name, v.Cause, v.Action, v.Message, test.cause, test.action)
		}
		if v.Message == "" || strings.HasSuffix(v.Message, ".") {
			t.Errorf("%s: the message is %q", test.name, v.Message)
		}
		if v.Action == diagnose.Nothing && v.Hint == "" && v.Cause != diagnose.OtherInUse {
			t.Errorf("%s: no hint", test.name)
		}
	}
}

// TestNoSignInWithoutCertainty holds the promise that words alone touch nothing, whatever else there is.
func TestNoSignInWithoutCertainty(t *testing.T) {
	for _, class := range detect.Classes() {
		for _, state := range []credentials.State{credentials.OK, credentials.Renewable, credentials.Expiring} {
			e := seen(class, state)
			e.Confirmed = false
			if v := diagnose.Decide(e); v.Action != diagnose.Nothing {
				t.Errorf("%s, %s: %s", class, state, v.Action)
			}
		}
	}
}

func TestMessages(t *testing.T) {
	e := seen(detect.Rejected, credentials.Renewable)
	for phrase, said := range map[string]string{
		"Failed to authenticate. API Error: 401 Invalid authentication credentials": "401 Invalid authentication credentials",
		"Please run /login · API Error: 401 Invalid bearer token":                   "401 Invalid bearer token",
		"Login expired · Please run /login":                                         "Login expired",
		"Session expired. Please run /login to sign in again.":                      "Session expired",
		"words": "words",
	} {
		e.Phrase = phrase
		if v := diagnose.Decide(e); v.Message != "your Claude Code login was rejected: "+said {
			t.Errorf("%q: message %q", phrase, v.Message)
		}
	}
	e = seen(detect.Outage, credentials.Renewable)
	e.Clock = diagnose.Clock(time.Unix(1e9, 0).Add(time.Hour), time.Unix(1e9, 0))
	if v := diagnose.Decide(e); !strings.Contains(v.Message, "clock") || !strings.Contains(v.Hint, "set the clock") {
		t.Errorf("message %q, hint %q", v.Message, v.Hint)
	}
	if text := diagnose.Clock(time.Unix(1e9, 0), time.Unix(1e9, 0).Add(time.Hour)); text != "" {
		t.Errorf("an old file: %q", text)
	}
}
