package claude

import "strings"

// Variables that say where the client keeps its files (2.1.165, 2.1.330; EnvStorageDir also 2.1.332).
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

// Override is a credential that the client uses instead of the saved login.
type Override struct {
	Name     string
	Provider bool // the switch of a cloud provider, which counts when it is true; the others count unless they are empty
	Setting  bool // a key of the settings, not a variable
	Secret   bool // the value itself is the credential
}

// Overrides lists what overrides the saved login. Each entry overrides the later ones (2.1.165, 2.1.330; AWS, Mantle
// and the file descriptors only read, in 2.1.165). Names are case-sensitive.
//
// With a bad CLAUDE_CODE_OAUTH_TOKEN 2.1.165 falls back to the saved login, and 2.1.330 fails. A session uses
// ANTHROPIC_API_KEY only when the user has approved it (APIKeyApprovals); -p uses any.
var Overrides = [...]Override{
	{Name: "CLAUDE_CODE_USE_BEDROCK", Provider: true},
	{Name: "CLAUDE_CODE_USE_VERTEX", Provider: true},
	{Name: "CLAUDE_CODE_USE_FOUNDRY", Provider: true},
	{Name: "CLAUDE_CODE_USE_ANTHROPIC_AWS", Provider: true},
	{Name: "CLAUDE_CODE_USE_MANTLE", Provider: true},
	{Name: EnvAuthToken, Secret: true},
	{Name: EnvAPIKey, Secret: true},
	{Name: "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"},
	{Name: APIKeyHelper, Setting: true},
	{Name: EnvOAuthToken, Secret: true},
	{Name: "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR"},
}

// OverrideVariables lists the variables of the environment among Overrides.
func OverrideVariables() []string { return namesOf(func(o Override) bool { return !o.Setting }) }

// SecretVariables lists the variables whose value is a credential.
func SecretVariables() []string { return namesOf(func(o Override) bool { return o.Secret }) }

func namesOf(wanted func(Override) bool) []string {
	var names []string
	for _, o := range Overrides {
		if wanted(o) {
			names = append(names, o.Name)
		}
	}
	return names
}

// IsSet reports whether the client uses the credential when it has this value.
func (o Override) IsSet(value string) bool {
	if !o.Provider {
		return value != ""
	}
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "1", "true", "yes", "on":
		return true
	}
	return false
}
