package credentials

import (
	"bytes"
	"slices"
)

// LoginKey is the member that holds the login.
const LoginKey = "claudeAiOauth"

// AccountKeys are the members that belong to the signed-in account: those the client itself drops or replaces at a
// sign-in (measured; designOauth by 2.1.330 alone). Everything else outlives a login.
func AccountKeys() []string {
	return []string{LoginKey, "organizationUuid", "trustedDeviceToken", "enterpriseGateway", "designOauth"}
}

// WithoutAccount takes the account's members out and names those that were there. The document itself is returned when
// there were none. The error is a *DuplicateKeyError when one of them stands twice.
func (d *Document) WithoutAccount() (without *Document, removed []string, err error) {
	return d.without(AccountKeys())
}

// WithoutAll takes every member out: the document of `wipe --all`. What surrounds the object stays.
func (d *Document) WithoutAll() (without *Document, removed []string, err error) {
	if len(d.members) == 0 {
		return d, nil, nil
	}
	removed = d.Keys()
	last := d.members[len(d.members)-1].value.end
	start := d.data[:skipSpace(d.data, 0)+1]
	without, err = d.apply(edit{span: span{len(start), skipSpace(d.data, last)}})
	return without, removed, err
}

// without takes members of the outermost object out in one pass: what is kept keeps the comma and the space before it.
func (d *Document) without(keys []string) (*Document, []string, error) {
	goes := make([]bool, len(d.members))
	var removed []string
	for i, m := range d.members {
		for _, key := range keys {
			if !keyEqual(m.key.of(d.data), key) {
				continue
			}
			if slices.Contains(removed, key) {
				return nil, nil, d.duplicate(m)
			}
			goes[i], removed = true, append(removed, key)
		}
	}
	switch len(removed) {
	case 0:
		return d, nil, nil
	case len(d.members):
		return d.WithoutAll()
	}
	data := append(make([]byte, 0, len(d.data)), d.data[:d.members[0].key.start]...)
	var kept []member
	for i, m := range d.members {
		switch {
		case goes[i]:
			continue
		case len(kept) == 0:
			data = append(data, d.data[m.key.start:m.value.end]...)
		default:
			data = append(data, d.data[d.members[i-1].value.end:m.value.end]...)
		}
		kept = append(kept, m)
	}
	data = append(data, d.data[d.members[len(d.members)-1].value.end:]...)
	edited, err := Parse(data)
	if err != nil {
		return nil, nil, err
	}
	if !sameMembers(d, kept, edited) {
		return nil, nil, errChanged
	}
	return edited, removed, nil
}

// sameMembers reports whether edited has the kept members of d and no others, byte for byte.
func sameMembers(d *Document, kept []member, edited *Document) bool {
	return slices.EqualFunc(kept, edited.members, func(a, b member) bool {
		return bytes.Equal(d.data[a.key.start:a.value.end], edited.data[b.key.start:b.value.end])
	})
}
