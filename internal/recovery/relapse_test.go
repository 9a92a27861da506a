package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/detect"
	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/recovery"
	"github.com/claude-auth/claude-auth/internal/runner"
	"github.com/claude-auth/claude-auth/internal/secret"
	"github.com/claude-auth/claude-auth/internal/signin"
	"github.com/claude-auth/claude-auth/internal/system"
	"github.com/claude-auth/claude-auth/internal/transcript"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// nobody is a terminal at which nobody sits; a sign-in there is an error of the test.
type nobody struct{ t *testing.T }

func (nobody) CanAsk() bool         { return false }
func (nobody) Notef(string, ...any) {}
func (nobody) Ask(context.Context, ui.Question) (bool, error) {
	return false, errors.New("nobody is there")
}

func (nobody) Choose(context.Context, ui.Question) (ui.Answer, error) {
	return ui.No, errors.New("nobody can be asked")
}
func (n nobody) SignIn(context.Context, signin.Request) (runner.Status, error) {
	n.t.Error("a sign-in was begun")
	return runner.Status{}, errors.New("no sign-in")
}

// newTool is a tool in a home of its own, at a time that the test sets, with a login in the file.
func newTool(t *testing.T, now *time.Time) *recovery.Repairer {
	t.Helper()
	home := t.TempDir()
	env := paths.New([]string{"HOME=" + home, "BROWSER=/bin/true"})
	p, err := paths.Resolve(env, "")
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return *now }
	key, err := secret.LoadKey(p.Key())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(p.StorageDir, 0o700); err != nil {
		t.Fatal(err)
	}
	return &recovery.Repairer{
		Paths: p, Env: env, Dir: home, Now: clock,
		Store: credentials.Open(system.System{}, p, env), Backups: credentials.OpenBackups(p.Backups()),
		Ledger: ledger.New(p.Ledger(), key, clock), Terminal: nobody{t},
		Client: func() (string, error) { return filepath.Join(home, "claude"), nil }, Rules: detect.Builtin,
	}
}

func save(t *testing.T, tool *recovery.Repairer, name string) ledger.LoginID {
	t.Helper()
	text := fmt.Sprintf(`{"claudeAiOauth":{"accessToken":"sk-ant-oat01-FIXTURE-%[1]s",`+
		`"refreshToken":"sk-ant-ort01-FIXTURE-%[1]s","expiresAt":%d,"scopes":["user:inference"]}}`,
		name, tool.Now().Add(time.Hour).UnixMilli())
	if err := os.WriteFile(tool.Paths.Credentials, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	snapshot, err := tool.Store.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	login := snapshot.Login()
	return tool.Ledger.Identify(login.AccessToken, login.RefreshToken)
}

// TestRelapseIsRemembered: a login that was refused within a minute of its sign-in gets no second one, an hour later
// neither; one that lived for longer does.
func TestRelapseIsRemembered(t *testing.T) {
	for _, test := range []struct {
		lived time.Duration
		want  diagnose.Cause
	}{
		{10 * time.Second, diagnose.Relapse},
		{10 * time.Minute, diagnose.RejectedLogin},
	} {
		now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
		tool := newTool(t, &now)
		id := save(t, tool, "new")
		file := tool.Paths.Credentials
		if err := tool.Ledger.Append(ledger.Event{Kind: ledger.SignedIn, Login: id, File: file}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(test.lived)
		if err := tool.Ledger.Append(ledger.Event{Kind: ledger.Rejected, Login: id, File: file}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
		out, err := tool.Recover(t.Context(), recovery.Incident{
			Seen: detect.Rejected, Confirmed: true, Used: id, Known: true, Where: "print",
		})
		want := recovery.ErrNoHelp
		if test.want == diagnose.RejectedLogin {
			want = recovery.ErrSignInNeeded // nobody is there to be asked
		}
		if out.Verdict.Cause != test.want || !errors.Is(err, want) {
			t.Errorf("lived for %s: %s, %v; want %s", test.lived, out.Verdict.Cause, err, test.want)
		}
	}
}

// TestChangedLoginIsLeftAlone: the login that was refused has been replaced, and the new one is not touched.
func TestChangedLoginIsLeftAlone(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	tool := newTool(t, &now)
	refused := save(t, tool, "old")
	save(t, tool, "new")
	before, err := os.ReadFile(tool.Paths.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	out, err := tool.Recover(t.Context(), recovery.Incident{
		Seen: detect.Rejected, Confirmed: true, Used: refused, Known: true, Auto: true,
	})
	if err != nil || !out.Repaired || out.SignedIn || out.Verdict.Cause != diagnose.SignedInSince {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = tool.Wipe(t.Context(), recovery.WipeOptions{Expect: &refused})
	if !errors.Is(err, recovery.ErrLoginChanged) {
		t.Errorf("wipe of the login that has gone: %v", err)
	}
	after, err := os.ReadFile(tool.Paths.Credentials)
	if err != nil || string(after) != string(before) {
		t.Errorf("the file has changed: %v", err)
	}
	if list, err := tool.Backups.List(); err != nil || len(list) != 0 {
		t.Errorf("%d backups, %v", len(list), err)
	}
}

// TestLastFailureOfAllSessions: the newest session is not the one that failed.
func TestLastFailureOfAllSessions(t *testing.T) {
	now := time.Now()
	tool := newTool(t, &now)
	id := save(t, tool, "old")
	dir := transcript.Dir(tool.Paths.ConfigDir, tool.Dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, at time.Time) {
		t.Helper()
		line := fmt.Sprintf(`{"type":"assistant","timestamp":%q,"sessionId":%q,"message":{"content":[{"type":"text",`+
			`"text":"Failed to authenticate. API Error: 401 Invalid authentication credentials"}]}%s}`+"\n",
			at.UTC().Format(time.RFC3339Nano), name, kind)
		if err := os.WriteFile(filepath.Join(dir, name+".jsonl"), []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const failed = `,"error":"authentication_failed","isApiErrorMessage":true`
	write("6a1c5f2e-0000-4000-8000-000000000001", failed, now.Add(time.Second))
	path := filepath.Join(dir, "6a1c5f2e-0000-4000-8000-000000000002.jsonl")
	if err := os.WriteFile(path, []byte("{\"type\":\"mode\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := tool.LastFailure(t.Context())
	if err != nil || c.Seen != detect.Rejected || !c.Confirmed || c.Used != id {
		t.Errorf("the older session failed: %+v, %v", c, err)
	}
	write("6a1c5f2e-0000-4000-8000-000000000003", "", now.Add(2*time.Second))
	if c, err := tool.LastFailure(t.Context()); err != nil || c.Seen != "" {
		t.Errorf("another session was answered since: %+v, %v", c, err)
	}
}
