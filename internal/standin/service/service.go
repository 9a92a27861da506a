// Package service is a pretend Anthropic: it knows which tokens are good, answers the token endpoint and the messages
// endpoint, and plays the page on which a person signs in.
//
// A service is a directory. Each call locks the directory, reads its state, answers, and writes the state back. So
// stand-in clients, fake browsers, an HTTPS server for the real client, and a test script that changes what is answered
// next share one service, without a daemon or a socket. No token is stored: the state and the request log hold hashes.
package service

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// EnvDir names the directory of the service to the stand-in client and to the fake browser.
const EnvDir = "CLAUDE_AUTH_STANDIN_SERVICE"

// Service is a pretend Anthropic in a directory.
type Service struct {
	dir string
	now func() time.Time
}

// Open returns the service in dir, and makes the directory where there is none. now is the service's clock.
func Open(dir string, now func() time.Time) (*Service, error) {
	if dir == "" {
		return nil, errors.New("open the stand-in service: no directory (" + EnvDir + " is not set)")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the stand-in service: %w", err)
	}
	return &Service{dir: dir, now: now}, nil
}

// Dir is the directory of the service.
func (s *Service) Dir() string { return s.dir }

// state is what the service remembers.
type state struct {
	Settings Settings          `json:"settings"`
	Tokens   map[string]*token `json:"tokens"` // by hash
	Serial   int               `json:"serial"` // of the tokens issued so far
}

// token is what the service knows of one token.
type token struct {
	Kind    string    `json:"kind"`            // access, refresh, code or key
	Scope   string    `json:"scope,omitempty"` // of a code; empty: what the client asks for, or Scopes
	Owner   string    `json:"owner,omitempty"` // the name of a Person; empty for the first one
	Expires time.Time `json:"expires,omitzero"`
	Dead    bool      `json:"dead,omitempty"`
}

func (t *token) good(kind string, now time.Time) bool {
	return t != nil && t.Kind == kind && !t.Dead && (t.Expires.IsZero() || now.Before(t.Expires))
}

// hash is the name under which a token is remembered.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func (st *state) find(text string) *token { return st.Tokens[hash(text)] }

func (st *state) add(text string, t token) { st.Tokens[hash(text)] = &t }

// issue makes a token that cannot be mistaken for a real one. prefix is sk-ant-oat01-, sk-ant-ort01- or empty.
func (st *state) issue(prefix string, t token) string {
	random := make([]byte, 24)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	st.Serial++
	text := fmt.Sprintf("%sFIXTURE-%d-%s", prefix, st.Serial, base64.RawURLEncoding.EncodeToString(random))
	st.add(text, t)
	return text
}

// update runs fn on the state under the directory's lock, and stores the changed state unless fn fails.
func (s *Service) update(fn func(*state) error) error {
	lock, err := os.OpenFile(filepath.Join(s.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock the stand-in service: %w", err)
	}
	defer lock.Close() // which unlocks
	if err := flock(lock); err != nil {
		return fmt.Errorf("lock the stand-in service %s: %w", s.dir, err)
	}
	path := filepath.Join(s.dir, "state.json")
	st := state{Settings: Defaults(), Tokens: map[string]*token{}}
	before, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(before, &st)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("read the stand-in service's state %s: %w", path, err)
	}
	if err := fn(&st); err != nil {
		return err
	}
	after, err := json.Marshal(st)
	if err != nil {
		return err
	}
	if string(after) == string(before) {
		return nil
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, after, 0o600); err != nil {
		return fmt.Errorf("write the stand-in service's state: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write the stand-in service's state: %w", err)
	}
	return nil
}

func flock(f *os.File) error {
	for {
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Settings returns how the service is set now.
func (s *Service) Settings() (Settings, error) {
	var settings Settings
	err := s.update(func(st *state) error { settings = st.Settings; return nil })
	return settings, err
}

// Set changes one setting; see Settings for the names and what they take.
func (s *Service) Set(name, value string) error {
	return s.update(func(st *state) error { return st.Settings.set(name, value) })
}

// Login is a login that the service has made.
type Login struct {
	Access, Refresh string
	AccessExpires   time.Time
	RefreshExpires  time.Time // zero: the service names no end
}

// NewLogin makes a login as a sign-in would, for fixtures.
func (s *Service) NewLogin() (Login, error) {
	var login Login
	err := s.update(func(st *state) error { login = st.newLogin(s.now(), token{}); return nil })
	return login, err
}

// newLogin makes a login that is dead and belongs to somebody as the token like says.
func (st *state) newLogin(now time.Time, like token) Login {
	login := Login{AccessExpires: now.Add(st.Settings.AccessLife)}
	if st.Settings.RefreshLife > 0 {
		login.RefreshExpires = now.Add(st.Settings.RefreshLife)
	}
	login.Access = st.issue("sk-ant-oat01-", token{
		Kind: "access", Expires: login.AccessExpires, Dead: like.Dead, Owner: like.Owner,
	})
	login.Refresh = st.issue("sk-ant-ort01-", token{
		Kind: "refresh", Expires: login.RefreshExpires, Dead: like.Dead, Owner: like.Owner,
	})
	return login
}

// Accept makes the service accept these tokens, for fixtures that have their own. Either may be empty.
func (s *Service) Accept(login Login) error {
	return s.update(func(st *state) error {
		if login.Access != "" {
			st.add(login.Access, token{Kind: "access", Expires: login.AccessExpires})
		}
		if login.Refresh != "" {
			st.add(login.Refresh, token{Kind: "refresh", Expires: login.RefreshExpires})
		}
		return nil
	})
}

// Refuse makes the service reject these tokens.
func (s *Service) Refuse(tokens ...string) error {
	return s.update(func(st *state) error {
		for _, text := range tokens {
			if t := st.find(text); t != nil {
				t.Dead = true
			}
		}
		return nil
	})
}

// AcceptKey makes the service accept an API key, or a token from the environment.
func (s *Service) AcceptKey(key string) error {
	return s.update(func(st *state) error { st.add(key, token{Kind: "key"}); return nil })
}

// Revoke makes the service reject every access and refresh token that it has made so far.
func (s *Service) Revoke() error {
	return s.update(func(st *state) error {
		for _, t := range st.Tokens {
			t.Dead = true
		}
		return nil
	})
}

// GoodKey reports whether the service accepts this API key.
func (s *Service) GoodKey(key string) (good bool, err error) {
	err = s.update(func(st *state) error { good = st.find(key).good("key", s.now()); return nil })
	return good, err
}

// Good reports whether the service accepts these tokens; it does not accept an empty one.
func (s *Service) Good(access, refresh string) (accessGood, refreshGood bool, err error) {
	err = s.update(func(st *state) error {
		accessGood = st.find(access).good("access", s.now())
		refreshGood = st.find(refresh).good("refresh", s.now())
		return nil
	})
	return accessGood, refreshGood, err
}
