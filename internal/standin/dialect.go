package standin

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// dialect is what differs between the versions of the client. The texts are measured on the version that it names.
type dialect struct {
	version      claude.Version
	model        string
	notLoggedIn  string
	refreshStale time.Duration // the age at which the first two locks are taken over

	// After invalid_grant the client empties the refresh token (2.1.165), or both tokens and the time (2.1.330), which
	// then calls the emptied login expired.
	blankAll bool

	oauthFallsBack bool // the client uses the saved login after CLAUDE_CODE_OAUTH_TOKEN was rejected
	namesKey       bool // auth status names a key before that variable, and before the login

	// How long the client still waits for the answer to a renewal when a signal ends it, or the end of its input. What
	// comes in that time is stored.
	lingers time.Duration

	otherJob string // what it says of an unknown background session, before the name

	endsHooks  bool // at the end of -p, and the hooks are told the client's process id
	renewsMore bool // auth status and plugin list renew too, and a session that is idle
	doctorEnds bool // doctor ends by itself without a terminal

	visit        string // what comes between the words "visit:" and the URL
	authorizeURL string
	loginFailed  string
	badCode      string
	asksAgain    bool     // a sign-in on a terminal asks for the code again, and says that it tries one
	saysBlocked  bool     // a sign-in fails, and says so, when another process holds the storage lock
	storedEnd    bool     // refreshTokenExpiresAt goes into the login
	storedFacts  bool     // and the account's ids; auth status and structured output tell more
	scopes       []string // what a refresh asks for
	revoked      string   // what -p says after a 403 for a revoked token
	organization string   // what the client says after a 403 of an organisation that allows no subscription
	checking     string   // what `update` says first, on standard output
	unchecked    string   // and what without a network, on standard error
}

const (
	loginExpiredPrint       = "Failed to authenticate: OAuth session expired and could not be refreshed"
	loginExpiredInteractive = "Login expired · Please run /login"
)

// Change is what the stand-in does differently from the version that it plays, as a version that nobody has measured
// may: the tests see that such a difference is found.
type Change struct {
	NotLoggedIn  string
	RefreshStale time.Duration
}

func (d *dialect) change(by Change) {
	d.notLoggedIn = cmp.Or(by.NotLoggedIn, d.notLoggedIn)
	d.refreshStale = cmp.Or(by.RefreshStale, d.refreshStale)
}

// dialectOf returns what the stand-in does as the version that text names; "" names the newest that tests run. A
// version on which nothing was measured speaks as the measured one before it.
func dialectOf(text string) (dialect, error) {
	version := claude.Newest
	if text != "" {
		var ok bool
		if version, ok = claude.ParseVersion(text); !ok || version < claude.Tested[0] {
			return dialect{}, fmt.Errorf("%s=%s: the stand-in plays %v and later", EnvVersion, text, claude.Tested[0])
		}
	}
	since := func(change claude.Version) bool { return version >= change }
	d := firstDialect
	d.version, d.refreshStale = version, version.RefreshStale()
	d.blankAll, d.oauthFallsBack = since(claude.EmptiesLogin), !since(claude.NoFallback)
	d.storedEnd, d.storedFacts = since(claude.StoresEnd), since(claude.StoresAccount)
	d.namesKey = since(claude.NamesKey)
	d.renewsMore, d.doctorEnds = since(claude.RenewsMore), since(claude.DoctorEnds)
	d.endsHooks = since(claude.EndsHooks)
	d.saysBlocked = since(claude.SaysBlocked)
	if since(claude.Lingers) {
		d.lingers = 2 * time.Second
	}
	if since(claude.NewWords) {
		d.useNewWords()
	}
	if since(claude.NewRefusals) {
		d.revoked = "Failed to authenticate: OAuth token revoked. Please log in again or contact your administrator."
		d.organization = "Claude Code can't use your Claude subscription, usually because a payment is past due · " +
			"Pay or renew at https://claude.ai/settings/billing (if you just paid, try again shortly), " +
			"or use an Anthropic API key instead"
	}
	return d, nil
}

// firstDialect is that of the oldest version.
var firstDialect = dialect{
	model: "claude-opus-4-8", notLoggedIn: "Not logged in · Please run /login", visit: " ",
	checking: "Checking for updates to latest version...", unchecked: "Failed to check for updates",
	authorizeURL: "https://claude.com/cai/oauth/authorize",
	loginFailed:  "Login failed: ",
	otherJob:     "No job matching ",
	badCode:      "Invalid code. Please make sure the full code was copied.",
	scopes: []string{
		"user:profile", "user:inference", "user:sessions:claude_code", "user:mcp_servers", "user:file_upload",
	},
	revoked: "Your account does not have access to Claude. Please login again or contact your administrator.",
	organization: "Your organization has disabled Claude subscription access for Claude Code · " +
		"Use an Anthropic API key instead, or ask your admin to enable access",
}

// useNewWords has the stand-in say what later versions say.
func (d *dialect) useNewWords() {
	d.model, d.visit = "claude-opus-5-5", "\n"
	d.otherJob = "No session matching "
	d.checking, d.unchecked = "Checking for updates to latest version…", "Couldn't check for updates"
	d.authorizeURL = "https://claude.ai/oauth/authorize"
	d.loginFailed, d.asksAgain = "Couldn't log in: ", true // 2.1.332
	d.badCode = "That doesn't look like the full code. Copy all of it, including the # in the middle."
	d.scopes = append(slices.Clone(d.scopes), "user:plugins")
}
