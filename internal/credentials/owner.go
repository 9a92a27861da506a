package credentials

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// Owner is whose login is saved: an account in an organisation. What is not known is empty.
type Owner struct {
	Account      string // its UUID
	Email        string
	Organization string // its UUID
	Name         string // of the organisation
}

// Owner returns whose login the snapshot has. The login has the two ids since 2.1.330; the client's global config has
// them too, and the names, but may be about another login: one that a script has stored. Then it says nothing.
func (s Snapshot) Owner(globalConfig string) Owner {
	owner := ReadOwner(globalConfig)
	if login := s.Login(); login != nil && s.Console.IsZero() {
		own := Owner{Account: login.AccountUUID, Organization: login.OrganizationUUID}
		if own.IsOther(owner) {
			return own
		}
		if own.Account != "" {
			owner.Account = own.Account
		}
		if own.Organization != "" {
			owner.Organization = own.Organization
		}
	}
	return owner
}

// ReadOwner returns whose account the client's global config names. It is zero where that names none.
func ReadOwner(globalConfig string) (o Owner) {
	if globalConfig == "" {
		return o
	}
	doc := ReadFile(globalConfig).Doc
	if doc == nil {
		return o
	}
	for _, m := range doc.members { // of two equal keys the last one counts, as for the client
		if !keyEqual(m.key.of(doc.data), claude.GlobalAccountKey) {
			continue
		}
		o = Owner{}
		object := m.value.of(doc.data)
		if kindOf(object[0]) != Object {
			continue
		}
		for c := range children(object) {
			for name, to := range map[string]*string{
				claude.AccountUUIDKey: &o.Account, claude.AccountEmailKey: &o.Email,
				claude.OrganizationKey: &o.Organization, claude.OrganizationNameKey: &o.Name,
			} {
				if keyEqual(c.key.of(object), name) {
					*to = stringOf(c.value.of(object))
				}
			}
		}
	}
	return o
}

// IsZero reports whether nothing is known.
func (o Owner) IsZero() bool { return o == Owner{} }

// IsOther reports whether the two are known to be different accounts, or the same account in different organisations.
func (o Owner) IsOther(than Owner) bool {
	switch {
	case differ(o.Account, than.Account), differ(o.Organization, than.Organization):
		return true
	case o.Account != "" && than.Account != "":
		return false // an account can get another e-mail address
	}
	return differ(strings.ToLower(o.Email), strings.ToLower(than.Email))
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// idShown is how much of an id is shown where there is no name.
const idShown = 8

// String names the account and its organisation for people.
func (o Owner) String() string {
	text := o.Email
	if text == "" {
		text = "an account with an unknown e-mail address"
		if o.Account != "" {
			text = "account " + o.Account[:min(idShown, len(o.Account))]
		}
	}
	switch {
	case o.Name != "":
		text += " (" + o.Name + ")"
	case o.Organization != "":
		text += " (organisation " + o.Organization[:min(idShown, len(o.Organization))] + ")"
	}
	return text
}
