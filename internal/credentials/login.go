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
	RateLimitTier         string
	AccountUUID           string
	OrganizationUUID      string
	ClientID              string
	LoginEnded            string // "time_limit" when 2.1.330 emptied the tokens for that reason (read)

	// RefreshEmptied says that refreshToken is there and is "": what the client makes of it once the service has refused
	// the grant (2.1.165 and 2.1.330, measured). A login that never had one stores null or nothing.
	RefreshEmptied bool

	Problems  []Problem          // members that are missing or of another type than the client writes; it tolerates them
	Duplicate *DuplicateKeyError // a key on the way to the login that is there twice: the last one counts
}

// Problem is a member of the login that is not as the client writes it.
type Problem struct {
	Member string // its path
	Msg    string
}

func (p Problem) String() string { return p.Member + " " + p.Msg }

// Login reads the saved login as the client reads it: of two equal keys the last, and of an ill-typed member what
// JavaScript makes of it. It is false when there is no claudeAiOauth object; Problems then may say what is there.
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
			l.Problems = append(l.Problems, Problem{claude.LoginKey, "is " + kind.oneOf() + ", not " + Object.oneOf()})
		}
		return l, l.Duplicate != nil
	}
	l.read(d, at)
	return l, true
}

// read takes the members of the object at, of two equal ones the last.
func (l *Login) read(d *Document, at span) {
	var list loginMembers
	object := at.of(d.data)
	for m := range children(object) {
		for i, name := range loginNames {
			if !keyEqual(m.key.of(object), name) {
				continue
			}
			if list[i] != nil && l.Duplicate == nil && i < deciding {
				l.Duplicate = d.duplicate(member{key: span{at.start + m.key.start, at.start + m.key.end}})
			}
			list[i] = m.value.of(object)
		}
	}
	l.AccessToken = secret.New(l.text(&list, accessToken))
	l.RefreshToken = secret.New(l.text(&list, refreshToken))
	l.RefreshEmptied = string(list[refreshToken]) == `""`
	l.ExpiresAt = l.millis(&list, expiresAt)
	l.RefreshTokenExpiresAt = l.millis(&list, refreshTokenExpiresAt)
	l.SubscriptionType = l.text(&list, subscriptionType)
	l.RateLimitTier = l.text(&list, rateLimitTier)
	l.AccountUUID = l.text(&list, accountUUID)
	l.OrganizationUUID = l.text(&list, organizationUUID)
	l.ClientID = l.text(&list, clientID)
	l.LoginEnded = l.text(&list, loginEnded)
	l.Scopes = l.texts(&list, scopes)
	for _, i := range [...]int{accessToken, refreshToken, expiresAt, scopes} {
		if raw := list[i]; raw == nil || kindOf(raw[0]) == Null {
			l.problem(i, "is missing")
		}
	}
}

// The members of the login that are read. The state of a login depends on those before deciding.
const (
	accessToken = iota
	refreshToken
	expiresAt
	refreshTokenExpiresAt
	scopes
	subscriptionType
	rateLimitTier
	accountUUID
	organizationUUID
	clientID
	loginEnded

	deciding = scopes
)

var loginNames = [...]string{
	claude.AccessTokenKey, claude.RefreshTokenKey, claude.ExpiresAtKey, claude.RefreshExpiresKey, claude.ScopesKey,
	claude.SubscriptionKey, claude.RateLimitTierKey, claude.AccountUUIDKey, claude.OrganizationKey, claude.ClientIDKey,
	claude.LoginEndedKey,
}

// loginMembers are their values as they are written, nil for one that is missing.
type loginMembers [len(loginNames)][]byte

func (l *Login) problem(i int, msg string) {
	l.Problems = append(l.Problems, Problem{claude.LoginKey + "." + loginNames[i], msg})
}

// is reports whether the member i is of a kind, and notes a problem when it is of another one.
func (l *Login) is(kind Kind, list *loginMembers, i int) bool {
	if list[i] == nil {
		return false
	}
	switch got := kindOf(list[i][0]); got {
	case kind:
		return true
	case Null:
	default:
		l.problem(i, "is "+got.oneOf()+", not "+kind.oneOf())
	}
	return false
}

func (l *Login) text(list *loginMembers, i int) string {
	if !l.is(String, list, i) {
		return ""
	}
	return decodeString(list[i])
}

func (l *Login) texts(list *loginMembers, i int) (texts []string) {
	if !l.is(Array, list, i) {
		return nil
	}
	for element := range children(list[i]) {
		if raw := element.value.of(list[i]); kindOf(raw[0]) == String {
			texts = append(texts, decodeString(raw))
		} else {
			l.problem(i, "has "+kindOf(raw[0]).oneOf()+" among its strings")
		}
	}
	return texts
}

// millis reads a time in milliseconds. The client compares with `Date.now()+300000 >= expiresAt` (2.1.165, read): a
// string of digits counts as its number, and what is not a number is never past, as if there were none.
func (l *Login) millis(list *loginMembers, i int) time.Time {
	if l.is(Number, list, i) {
		return fromMillis(string(list[i]))
	}
	if list[i] != nil && kindOf(list[i][0]) == String {
		return fromMillis(strings.TrimSpace(decodeString(list[i])))
	}
	return time.Time{}
}

func fromMillis(text string) time.Time {
	ms, err := strconv.ParseFloat(text, 64)
	if math.IsNaN(ms) || err != nil && !math.IsInf(ms, 0) {
		return time.Time{}
	}
	const limit = 8.64e15 // of ECMAScript's time values
	return time.UnixMilli(int64(max(-limit, min(limit, ms)))).UTC()
}
