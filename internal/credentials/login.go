package credentials

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/secret"
)

// Login is the saved login, `claudeAiOauth`.
type Login struct {
	AccessToken           secret.Secret
	RefreshToken          secret.Secret
	ExpiresAt             time.Time // of the access token; zero when none is stored
	RefreshTokenExpiresAt time.Time // the end of the login itself; zero when none is stored (2.1.165 stores none)
	Scopes                []string
	SubscriptionType      string
	AccountUUID           string // whose login it is (2.1.330 and later)
	OrganizationUUID      string // and in which organisation
	LoginEnded            string // "time_limit" when 2.1.330 emptied the tokens for that reason (read)

	// RefreshEmptied says that refreshToken is "". The client empties it once the service has rejected the login (2.1.165
	// and 2.1.330, measured). A login that never had one stores null or nothing.
	RefreshEmptied bool

	Problems  []Problem          // members that are missing or of another type than the client writes; it tolerates them
	Duplicate *DuplicateKeyError // a key on the way to the login that is there twice: the last one counts
}

// Problem is a member of the login that is not as the client writes it.
type Problem struct {
	Member  string // its path
	Msg     string
	Missing bool // it is not there, or null
}

func (p Problem) String() string { return p.Member + " " + p.Msg }

// Login reads the saved login as the client reads it: the last of two equal keys, and of an ill-typed member what
// JavaScript makes of it. It returns false when there is no claudeAiOauth object; Problems may then say what is there.
func (d *Document) Login() (Login, bool) {
	var l Login
	var at span
	found := 0
	for _, m := range d.members {
		if keyEqual(m.key.of(d.data), claude.LoginKey) {
			if at, found = m.value, found+1; found > 1 {
				l.Duplicate = d.duplicate(m)
			}
		}
	}
	if found == 0 {
		return l, false
	}
	if kind := kindOf(d.data[at.start]); kind != Object {
		if kind != Null {
			msg := "is " + kind.oneOf() + ", not " + Object.oneOf()
			l.Problems = append(l.Problems, Problem{Member: claude.LoginKey, Msg: msg})
		}
		return l, l.Duplicate != nil
	}
	l.read(d, at)
	return l, true
}

// The members of the login that the program looks at. The state of a login depends on those before deciding.
const (
	accessToken = iota
	refreshToken
	expiresAt
	refreshTokenExpiresAt
	scopes
	subscriptionType
	loginEnded
	rateLimitTier
	accountUUID
	organizationUUID

	deciding = subscriptionType
)

// loginMembers lists them, and behind them those of which only the kind is checked.
var loginMembers = [...]struct {
	name     string
	kind     Kind
	required bool
}{
	accessToken:           {claude.AccessTokenKey, String, true},
	refreshToken:          {claude.RefreshTokenKey, String, true},
	expiresAt:             {claude.ExpiresAtKey, Number, true},
	refreshTokenExpiresAt: {claude.RefreshExpiresKey, Number, false},
	scopes:                {claude.ScopesKey, Array, true},
	subscriptionType:      {claude.SubscriptionKey, String, false},
	loginEnded:            {claude.LoginEndedKey, String, false},
	rateLimitTier:         {claude.RateLimitTierKey, String, false},
	accountUUID:           {claude.AccountUUIDKey, String, false},
	organizationUUID:      {claude.OrganizationKey, String, false},
	{claude.ClientIDKey, String, false},
}

// read takes the members of the object at, the last of two equal ones.
func (l *Login) read(d *Document, at span) {
	var stored [len(loginMembers)][]byte // as they are written; nil for one that is missing
	object := at.of(d.data)
	for m := range children(object) {
		for i, known := range loginMembers {
			if !keyEqual(m.key.of(object), known.name) {
				continue
			}
			if stored[i] != nil && l.Duplicate == nil && i < deciding {
				l.Duplicate = d.duplicate(member{key: span{at.start + m.key.start, at.start + m.key.end}})
			}
			stored[i] = m.value.of(object)
		}
	}
	for i, known := range loginMembers {
		kind := Null
		if stored[i] != nil {
			kind = kindOf(stored[i][0])
		}
		switch {
		case kind != Null && kind != known.kind:
			l.problem(i, "is "+kind.oneOf()+", not "+known.kind.oneOf())
		case kind == Null && known.required:
			l.problem(i, "is missing")
			l.Problems[len(l.Problems)-1].Missing = true
		}
	}
	l.AccessToken = secret.New(stringOf(stored[accessToken]))
	l.RefreshToken = secret.New(stringOf(stored[refreshToken]))
	l.RefreshEmptied = string(stored[refreshToken]) == `""`
	l.ExpiresAt = l.moment(expiresAt, stored[expiresAt])
	l.RefreshTokenExpiresAt = l.moment(refreshTokenExpiresAt, stored[refreshTokenExpiresAt])
	l.SubscriptionType = stringOf(stored[subscriptionType])
	l.LoginEnded = stringOf(stored[loginEnded])
	l.AccountUUID = stringOf(stored[accountUUID])
	l.OrganizationUUID = stringOf(stored[organizationUUID])
	l.readScopes(stored[scopes])
}

func (l *Login) problem(i int, msg string) {
	l.Problems = append(l.Problems, Problem{Member: claude.LoginKey + "." + loginMembers[i].name, Msg: msg})
}

func (l *Login) readScopes(array []byte) {
	if array == nil || kindOf(array[0]) != Array {
		l.Scopes = strings.Fields(stringOf(array)) // the client asks a string, too, what it includes (read)
		return
	}
	for element := range children(array) {
		raw := element.value.of(array)
		if kind := kindOf(raw[0]); kind != String {
			l.problem(scopes, "has "+kind.oneOf()+" among its strings")
			continue
		}
		l.Scopes = append(l.Scopes, decodeString(raw))
	}
}

// stringOf is a JSON string's text, and "" for everything else.
func stringOf(raw []byte) string {
	if raw == nil || kindOf(raw[0]) != String {
		return ""
	}
	return decodeString(raw)
}

// millis reads a time in milliseconds. The client compares with `Date.now()+300000 >= expiresAt` (2.1.165, read): a
// string of digits counts as its number, and what is not a number never expires, as if there were none.
//
// A time before the year 1 or after 9999 counts as the first or last that can be printed (RFC 3339). For the client
// such a token has expired, or never expires. It is the same here.
func millis(raw []byte) time.Time {
	digits := string(raw)
	if raw != nil && kindOf(raw[0]) == String {
		digits = strings.TrimSpace(decodeString(raw))
	}
	ms, err := strconv.ParseFloat(digits, 64)
	if math.IsNaN(ms) || err != nil && !math.IsInf(ms, 0) {
		return time.Time{}
	}
	return time.UnixMilli(int64(max(firstMilli, min(lastMilli, ms)))).UTC()
}

// The times that can be printed, in milliseconds since 1970; the first is not Go's zero time, which means none.
const (
	firstMilli = -62135596800000 + 1
	lastMilli  = 253402300799999
)

// soonestMilli is in 1973: the client never wrote a smaller time, and times in seconds are below it until 5138.
const soonestMilli = 1e11

// moment reads the member i as a time, and notes one that the client did not write. 0 is what it writes for none.
func (l *Login) moment(i int, raw []byte) time.Time {
	t := millis(raw)
	switch ms := t.UnixMilli(); {
	case t.IsZero() || ms == 0:
	case ms == firstMilli || ms == lastMilli:
		l.problem(i, "is not a date: it is too far away")
	case ms < 0:
		l.problem(i, "is before 1970")
	case ms < soonestMilli:
		l.problem(i, "is too small: it looks like seconds, and Claude Code counts in milliseconds")
	}
	return t
}
