package credentials

import (
	"bytes"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// WithoutAccount removes the members that belong to the account (claude.AccountKeys) and names those that were there. The document itself is returned when
// there were none. The error is a *DuplicateKeyError when one of them is there twice.
func (d *Document) WithoutAccount() (without *Document, removed []string, err error) {
	without = d
	for _, key := range d.Keys() {
		if !claude.IsAccountKey(key) {
			continue
		}
		place := Path{{Name: key, Key: true}}
		if _, _, err = d.At(place); err != nil { // with its line and column here
			return nil, nil, err
		}
		if without, err = without.DeleteAt(place); err != nil {
			return nil, nil, err
		}
		removed = append(removed, key)
	}
	return without, removed, nil
}

// WithoutAll removes every member: the document of `wipe --all`. What surrounds the object stays.
func (d *Document) WithoutAll() (without *Document, removed []string, err error) {
	if len(d.members) == 0 {
		return d, nil, nil
	}
	first, last := d.members[0], d.members[len(d.members)-1]
	open := bytes.LastIndexByte(d.data[:first.key.start], '{')
	without, err = d.apply(edit{span: span{open + 1, skipSpace(d.data, last.value.end)}})
	return without, d.Keys(), err
}
