package claude

import "slices"

// CredentialsFile is the file of the saved login in the client's directory, mode 0600 (2.1.104, 2.1.165, 2.1.330,
// 2.1.332).
const CredentialsFile = ".credentials.json"

// EmptyCredentials is a credentials file that the client reads as no login, where the file cannot be removed (2.1.165,
// 2.1.330, 2.1.332).
const EmptyCredentials = "{}\n"

// LoginKey is the member of the credentials file that holds the login (2.1.165, 2.1.330).
const LoginKey = "claudeAiOauth"

// Members of the login (2.1.165, 2.1.330; the last five since 2.1.330). Times are milliseconds since 1970.
const (
	AccessTokenKey    = "accessToken" // "" or missing: not logged in, whatever else is there (read)
	RefreshTokenKey   = "refreshToken"
	ExpiresAtKey      = "expiresAt" // of the access token; the client renews it from 5 minutes before (2.1.165, 2.1.330)
	ScopesKey         = "scopes"
	SubscriptionKey   = "subscriptionType"
	RateLimitTierKey  = "rateLimitTier"
	RefreshExpiresKey = "refreshTokenExpiresAt" // the end of the login, by default 30 days after the sign-in
	AccountUUIDKey    = "accountUuid"
	OrganizationKey   = "organizationUuid"
	ClientIDKey       = "clientId"
	LoginEndedKey     = "loginEnded" // "time_limit" when the login reached its time limit (read)
)

// Key is a member of the credentials file.
type Key struct {
	Name string
	In   Range // the versions that know it
}

// AccountKeys lists the members that belong to the account: those that the client itself drops or replaces at a sign-in
// (2.1.165, 2.1.330). It keeps all others, unknown ones too: mcpOAuth, mcpOAuthClientConfig, mcpXaaIdp,
// mcpXaaIdpConfig, pluginSecrets, gatewayTrust, coworkRemoteDevice. Without them the user has to sign in again at each
// MCP server; `claude auth logout` deletes the file with all of them.
var AccountKeys = [...]Key{
	{Name: LoginKey},
	{Name: OrganizationKey},
	{Name: "trustedDeviceToken"},
	{Name: "enterpriseGateway"},
	{Name: "designOauth", In: Range{Since: V330}},
}

// IsAccountKey reports whether any version of the client counts the member to the account.
func IsAccountKey(name string) bool {
	return slices.ContainsFunc(AccountKeys[:], func(key Key) bool { return key.Name == name })
}

// AccountKeys returns the names of the keys that this version drops at a sign-in.
func (v Version) AccountKeys() []string {
	var names []string
	for _, key := range AccountKeys {
		if key.In.Has(v) {
			names = append(names, key.Name)
		}
	}
	return names
}

// InferenceScope is the scope without which the client does not use a login for the model (2.1.165, 2.1.330, 2.1.332).
const InferenceScope = "user:inference"
