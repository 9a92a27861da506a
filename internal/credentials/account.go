package credentials

import (
	"bytes"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// WithoutAccount removes the members that belong to the account (claude.AccountKeys) and returns their names. It
// returns d itself when there are none. The error is a *DuplicateKeyError when one of them is there twice.
func (d *Document) WithoutAccount() (without *Document, removed []string, err error) {
	without = d
	for _, key := range d.Keys() {
		if !claude.IsAccountKey(key) {
			continue
		}
		place := Path{{Name: key, Key: true}}
		if _, _, err = d.At(place); err != nil { // so that its line and column are those in d
			return nil, nil, err
		}
		if without, err = without.DeleteAt(place); err != nil {
			return nil, nil, err
		}
		removed = append(removed, key)
	}
	return without, removed, nil
}

// WithoutAll removes all members and returns their names. The bytes before and after the object stay.
func (d *Document) WithoutAll() (without *Document, removed []string, err error) {
	if len(d.members) == 0 {
		return d, nil, nil
	}
	first, last := d.members[0], d.members[len(d.members)-1]
	open := bytes.LastIndexByte(d.data[:first.key.start], '{')
	without, err = d.replace(span{open + 1, skipSpace(d.data, last.value.end)}, nil)
	return without, d.Keys(), err
}
