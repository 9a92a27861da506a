package claude

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Variables that say where the client keeps its files (2.1.165, 2.1.330; EnvStorageDir also 2.1.332). With EnvConfigDir
// set and empty the client keeps the credentials and the transcripts in the current directory, and GlobalConfig in the
// home directory (2.1.165, 2.1.332).
const (
	EnvConfigDir  = "CLAUDE_CONFIG_DIR"
	EnvStorageDir = "CLAUDE_SECURESTORAGE_CONFIG_DIR" // for the credentials alone; set and empty means ~/.claude
)

// EnvInside is "1" in every process that the client's tools and hooks start (2.1.165, 2.1.330).
const EnvInside = "CLAUDECODE"

// Variables whose value is a credential (2.1.165, 2.1.330).
const (
	EnvAuthToken  = "ANTHROPIC_AUTH_TOKEN"
	EnvAPIKey     = "ANTHROPIC_API_KEY"
	EnvOAuthToken = "CLAUDE_CODE_OAUTH_TOKEN" // what `claude setup-token` makes
)

// EnvKeyPassphrase is the passphrase of the key that CLAUDE_CODE_CLIENT_KEY names (read).
const EnvKeyPassphrase = "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE"

// NetworkVariables lists the variables that decide how the client reaches Anthropic: proxies and certificates (read in
// 2.1.165, 2.1.330, 2.1.332; HTTPS_PROXY and NODE_EXTRA_CA_CERTS measured). A value may be a secret: a proxy's address
// can contain a password.
var NetworkVariables = [...]string{
	"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
	"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "CLAUDE_CODE_CERT_STORE", "CLAUDE_CODE_CLIENT_CERT", "CLAUDE_CODE_CLIENT_KEY",
	EnvKeyPassphrase,
}

// SignInVariables lists the variables that make `auth login` exchange a refresh token instead of opening a browser:
// the token, and its scopes, without which it fails. With a rejected token each sign-in fails, and says nothing of
// the variable ("Request failed with status code 400"). Other commands pay no attention to them (2.1.165, 2.1.330,
// 2.1.332).
var SignInVariables = [...]string{EnvRefreshToken, "CLAUDE_CODE_OAUTH_SCOPES"}

// EnvRefreshToken is the refresh token that `auth login` uses (2.1.165, 2.1.330, 2.1.332).
const EnvRefreshToken = "CLAUDE_CODE_OAUTH_REFRESH_TOKEN"

// EnvBaseURL is the address that the client asks instead of Anthropic's: a gateway. It is sent the saved login's token,
// and the client reports its 401 in the words in which it reports one of Anthropic's (2.1.165, 2.1.330, 2.1.332).
const EnvBaseURL = "ANTHROPIC_BASE_URL"

// IsAnthropic reports whether an address for EnvBaseURL is Anthropic's own.
func IsAnthropic(address string) bool {
	_, host, _ := strings.Cut(strings.TrimSpace(address), "://")
	host, _, _ = strings.Cut(host, "/")
	host = strings.ToLower(strings.TrimSuffix(host, ":443"))
	return host == "anthropic.com" || strings.HasSuffix(host, ".anthropic.com")
}

// SetupTokenLife is how long a token of `claude setup-token` works (the client's own words: "valid for 1 year", read).
const SetupTokenLife = 365 * 24 * time.Hour

// Override is a credential that the client uses instead of the saved login.
type Override struct {
	Name     string
	In       Range
	Provider bool // the switch of a cloud provider, which counts when it is true
	Number   bool // of a file descriptor; the client takes what is no number for unset
	Setting  bool // a key of the settings, not a variable
	Secret   bool // the value itself is the credential
	Meant    bool // nobody sets it by accident: it is there to be used instead of the saved login
}

// Overrides lists what overrides the saved login. Each entry overrides the later ones (2.1.165, 2.1.330; the place of
// AWS, Google Cloud, Mantle, the socket and the file descriptors in the order is read). Names are case-sensitive.
//
// With a bad CLAUDE_CODE_OAUTH_TOKEN 2.1.165 falls back to the saved login, and 2.1.330 fails. A session uses
// ANTHROPIC_API_KEY only when the user has approved it (APIKeyApprovals); -p uses any.
var Overrides = [...]Override{
	{Name: "CLAUDE_CODE_USE_BEDROCK", Provider: true, Meant: true},
	{Name: "CLAUDE_CODE_USE_VERTEX", Provider: true, Meant: true},
	{Name: "CLAUDE_CODE_USE_FOUNDRY", Provider: true, Meant: true},
	{Name: "CLAUDE_CODE_USE_ANTHROPIC_AWS", Provider: true, Meant: true},
	{Name: "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", In: Range{Since: V213}, Provider: true, Meant: true},
	{Name: "CLAUDE_CODE_USE_MANTLE", Provider: true, Meant: true},
	{Name: "ANTHROPIC_UNIX_SOCKET", Meant: true}, // a proxy that has the credential; without one: "Not logged in"
	{Name: EnvAuthToken, Secret: true},
	{Name: EnvAPIKey, Secret: true},
	{Name: "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"},
	{Name: APIKeyHelper, Setting: true},
	{Name: EnvOAuthToken, Secret: true, Meant: true},
	{Name: "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", Number: true, Meant: true},
}

// OverrideVariables lists the variables of the environment among Overrides.
func OverrideVariables() []string { return namesOf(func(o Override) bool { return !o.Setting }) }

// SecretVariables lists the variables whose value is a credential.
func SecretVariables() []string {
	return append(namesOf(func(o Override) bool { return o.Secret }), EnvRefreshToken)
}

func namesOf(wanted func(Override) bool) []string {
	var names []string
	for _, o := range Overrides {
		if wanted(o) {
			names = append(names, o.Name)
		}
	}
	return names
}

// IsSet reports whether this version of the client uses the credential when it has this value; 0 is an unknown version,
// and taken for the newest. White space alone is a credential until BlankIsNothing, and nothing since. "0",
// "false" and "null" are credentials to all of them, but for a provider, of which they are no switch, and for the
// number of a file descriptor.
func (o Override) IsSet(value string, v Version) bool {
	text := strings.TrimSpace(value)
	switch {
	case v != 0 && !o.In.Has(v):
		return false
	case o.Provider:
		return slices.Contains([]string{"1", "true", "yes", "on"}, strings.ToLower(text))
	case o.Number:
		_, err := strconv.ParseUint(text, 10, 31)
		return err == nil
	case v != 0 && v < BlankIsNothing:
		return value != ""
	}
	return text != ""
}
