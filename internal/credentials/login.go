package credentials

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

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
	Duplicate *DuplicateKeyError // a key on the way to the login that stands twice; the login is then the last one's
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
		if keyEqual(m.key.of(d.data), LoginKey) {
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
			l.Problems = append(l.Problems, Problem{LoginKey, "is a " + kind.String() + ", not an object"})
		}
		return l, l.Duplicate != nil
	}
	l.read(d, at)
	return l, true
}

// read takes the members of the object at, of two equal ones the last.
func (l *Login) read(d *Document, at span) {
	values := map[string][]byte{}
	eachMember(d.data, at.start, func(m member) bool {
		key := decodeString(m.key.of(d.data))
		if _, twice := values[key]; twice && l.Duplicate == nil && isLoginMember(key) {
			l.Duplicate = d.duplicate(m)
		}
		values[key] = m.value.of(d.data)
		return true
	})
	l.AccessToken = secret.New(l.text(values, "accessToken"))
	l.RefreshToken = secret.New(l.text(values, "refreshToken"))
	l.RefreshEmptied = bytes.Equal(values["refreshToken"], []byte(`""`))
	l.ExpiresAt = l.millis(values, "expiresAt")
	l.RefreshTokenExpiresAt = l.millis(values, "refreshTokenExpiresAt")
	l.SubscriptionType = l.text(values, "subscriptionType")
	l.RateLimitTier = l.text(values, "rateLimitTier")
	l.AccountUUID = l.text(values, "accountUuid")
	l.OrganizationUUID = l.text(values, "organizationUuid")
	l.ClientID = l.text(values, "clientId")
	l.LoginEnded = l.text(values, "loginEnded")
	l.Scopes = l.texts(values, "scopes")
	for _, name := range []string{"accessToken", "refreshToken", "expiresAt", "scopes"} {
		if raw := values[name]; raw == nil || KindOf(raw) == Null {
			l.problem(name, "is missing")
		}
	}
}

// isLoginMember reports whether the state of a login depends on its member key.
func isLoginMember(key string) bool {
	switch key {
	case "accessToken", "refreshToken", "expiresAt", "refreshTokenExpiresAt":
		return true
	}
	return false
}

func (l *Login) problem(name, msg string) {
	l.Problems = append(l.Problems, Problem{LoginKey + "." + name, msg})
}

func (l *Login) text(values map[string][]byte, name string) string {
	raw := values[name]
	if raw == nil {
		return ""
	}
	switch kind := KindOf(raw); kind {
	case String:
		return decodeString(raw)
	case Null:
	default:
		l.problem(name, "is a "+kind.String()+", not a string")
	}
	return ""
}

func (l *Login) texts(values map[string][]byte, name string) []string {
	raw := values[name]
	if raw == nil || KindOf(raw) == Null {
		return nil
	}
	if kind := KindOf(raw); kind != Array {
		l.problem(name, "is a "+kind.String()+", not an array")
		return nil
	}
	var list []string
	eachElement(raw, 0, func(value span) bool {
		if element := value.of(raw); KindOf(element) == String {
			list = append(list, decodeString(element))
		} else {
			l.problem(name, fmt.Sprintf("has a %s among its strings", KindOf(element)))
		}
		return true
	})
	return list
}

// millis reads a time in milliseconds. The client compares with `Date.now()+300000 >= expiresAt` (2.1.165, read): a
// string of digits counts as its number, and what is no number is never past, as if there were none.
func (l *Login) millis(values map[string][]byte, name string) time.Time {
	raw := values[name]
	if raw == nil {
		return time.Time{}
	}
	switch kind := KindOf(raw); kind {
	case Number:
		return fromMillis(string(raw))
	case String:
		l.problem(name, "is a string, not a number")
		return fromMillis(strings.TrimSpace(decodeString(raw)))
	case Null:
	default:
		l.problem(name, "is a "+kind.String()+", not a number")
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
