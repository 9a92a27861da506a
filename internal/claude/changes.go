package claude

// What the client began to do differently, and with which version. Where two measured versions differ in one of these,
// the scripts in testscripts/client look at it, and the stand-in does the same. A constant is the first version that
// was seen to do it; when it is not a version that npm had next, the version before it may do it too.
const (
	// EmptiesLogin: a refresh token that is rejected with 400 empties both tokens, and the client says that the session
	// has expired. Before, only the refresh token is emptied.
	EmptiesLogin = V191 // not 2.1.190

	// StoresEnd: the login has refreshTokenExpiresAt.
	StoresEnd = V203 // not 2.1.202

	// StoresAccount: the login has the ids of the account and the organisation, and auth status and structured output tell
	// more.
	StoresAccount = V326 // not 2.1.325

	// NoFallback: a CLAUDE_CODE_OAUTH_TOKEN that is rejected fails. Before, the saved login is used.
	NoFallback = V225 // not 2.1.224

	// Lingers: a client that a signal ends waits up to two seconds for the answer to its renewal.
	Lingers = V265 // not 2.1.263

	// NamesKey: auth status names an API key or the key of a Console sign-in where that is used. Before, it names the
	// token in the environment, or claude.ai.
	NamesKey = V286 // not 2.1.285

	// RenewsMore: plugin list and auth status renew too, and idle sessions (those 2.1.330).
	RenewsMore = V301 // not 2.1.300, for plugin list

	// DoctorEnds: doctor prints its report and ends. Before, it waits for a key.
	DoctorEnds = V330 // not 2.1.329

	// EndsHooks: the end of -p ends the StopFailure hooks that still run, and hooks have EnvPID. Before, they go on.
	EndsHooks = V330 // not 2.1.165

	// BlankIsNothing: white space alone in a variable is no credential.
	BlankIsNothing = V212 // not 2.1.211

	// LongLocks: see RefreshStale.
	LongLocks = V220 // not 2.1.219

	// NewWords: a sign-in says "Couldn't log in".
	NewWords = V330 // not 2.1.329

	// NewRefusals: other texts for a revoked token and for an organisation without a subscription.
	NewRefusals = V311 // not 2.1.310

	// SaysBlocked: a sign-in that cannot be stored fails, and says so.
	SaysBlocked = V332 // not 2.1.330
)
