package harness

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// Mark is part of every token in a fixture, and of every token that the pretend service makes.
const Mark = "FIXTURE"

// The tokens of a fixture. They are the same in every test, so that a test can tell them from new ones.
const (
	OldAccess  = "sk-ant-oat01-FIXTURE-old-access"
	OldRefresh = "sk-ant-ort01-FIXTURE-old-refresh"
	OldKey     = "sk-ant-api03-FIXTURE-old-key" // of a Console sign-in
)

// keep follows the login in a fixture: keys of the account, which a wipe removes, and other keys, in a form that no
// JSON library writes back unchanged.
const keep = `"organizationUuid":"66666666-7777-4888-8999-aaaaaaaaaaaa",` +
	`"mcpOAuth":{"notes|0a1b2c":{"serverName":"notes","serverUrl":"https://mcp.example.com/v1",` +
	`"accessToken":"FIXTURE-mcp-access","expiresAt":1999999999999}},` +
	` "futureKey":[1,2.50,1e3]`

// shape is a login in a fixture.
type shape struct {
	access, refresh string
	expires         time.Duration // from now; 0: the time zero
	refreshExpires  time.Duration // from now; 0: no such member
	accepted        service.Login // the tokens that the service accepts
	scopes          string        // the member in JSON; "": those of a sign-in
}

var good = service.Login{Access: OldAccess, Refresh: OldRefresh}

var shapes = map[string]shape{
	"fresh": {access: OldAccess, refresh: OldRefresh, expires: 6 * time.Hour, accepted: good},
	"renewable": {access: OldAccess, refresh: OldRefresh, expires: -time.Hour,
		accepted: service.Login{Refresh: OldRefresh}},
	"expiring": {access: OldAccess, refresh: OldRefresh, expires: 6 * time.Hour, refreshExpires: 47 * time.Hour,
		accepted: good},
	"stale":     {access: OldAccess, refresh: OldRefresh, expires: -time.Hour},
	"dead":      {access: OldAccess, refresh: OldRefresh, expires: 6 * time.Hour},
	"norefresh": {access: OldAccess, expires: -time.Hour},
	"blank":     {},
	"limited": {
		access: OldAccess, refresh: OldRefresh, expires: 6 * time.Hour, accepted: good, scopes: `["user:profile"]`,
	},
	"noscopes": {access: OldAccess, refresh: OldRefresh, expires: 6 * time.Hour, accepted: good, scopes: "null"},
}

// texts are documents without a usable login.
var texts = map[string]string{
	"nologin": `{` + keep + `}`,
	"torn":    `{"claudeAiOauth":`,
	"empty":   ``,
	"array":   `[]`,
	"duplicate": `{"claudeAiOauth":{},"claudeAiOauth":{"accessToken":"` + OldAccess + `","refreshToken":"` + OldRefresh +
		`","expiresAt":1},` + keep + `}`,
}

// Kinds lists the fixtures that Document knows.
func Kinds() []string {
	return slices.Sorted(maps.Keys(shapes))
}

// Document is a credentials document in the state kind. It makes the service accept the tokens that are good there:
//
//	fresh      tokens are good                 stale      access token over, refresh token dead: the reported bug
//	renewable  access token over, the other    dead       access token refused though not over, refresh token dead
//	           good                            norefresh  access token over, no refresh token (2.1.165 after a refusal)
//	expiring   good, ends in 47 hours          blank      emptied (2.1.330 after a refusal)
//	limited    good, but not for the model     noscopes   good, without scopes
//	nologin    no login, other keys            torn, empty, array, duplicate: not a document
func Document(kind string, s *service.Service, now time.Time) ([]byte, error) {
	if text, ok := texts[kind]; ok {
		return []byte(text), nil
	}
	shape, ok := shapes[kind]
	if !ok {
		return nil, fmt.Errorf("no fixture %q", kind)
	}
	if s != nil {
		if err := errors.Join(s.Refuse(OldAccess, OldRefresh), s.Accept(shape.accepted)); err != nil {
			return nil, err
		}
	}
	var expires int64
	if shape.expires != 0 {
		expires = now.Add(shape.expires).UnixMilli()
	}
	ends := ""
	if shape.refreshExpires != 0 {
		ends = `"refreshTokenExpiresAt":` + strconv.FormatInt(now.Add(shape.refreshExpires).UnixMilli(), 10) + `,`
	}
	scopes := cmp.Or(shape.scopes, `["user:inference","user:profile","user:sessions:claude_code"]`)
	return fmt.Appendf(nil, `{"claudeAiOauth":{"accessToken":%q,"refreshToken":%q,"expiresAt":%d,%s`+
		`"scopes":%s,"subscriptionType":"max","rateLimitTier":"default_claude_max_5x"},%s}`,
		shape.access, shape.refresh, expires, ends, scopes, keep), nil
}
