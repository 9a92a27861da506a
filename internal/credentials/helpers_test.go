package credentials

import (
	"context"
	"io/fs"
)

// failing is a store that asks for a change and then cannot write it.
type failing struct{ *FileStore }

func (f failing) Replace(ctx context.Context, change func(Snapshot) ([]byte, error)) error {
	s, err := f.Read(ctx)
	if err != nil {
		return err
	}
	if _, err := change(s); err != nil {
		return err
	}
	return fs.ErrPermission
}

// Set is SetAt for a path as a person types it.
func (d *Document) Set(path string, rawJSON []byte) (*Document, error) {
	p, err := ParsePath(path)
	if err != nil {
		return nil, err
	}
	return d.SetAt(p, rawJSON)
}

// Delete is DeleteAt for a path as a person types it.
func (d *Document) Delete(path string) (*Document, error) {
	p, err := ParsePath(path)
	if err != nil {
		return nil, err
	}
	return d.DeleteAt(p)
}

// Member is a member of the outermost object.
type Member struct {
	Key string // decoded
	Raw []byte // the value as it is written
}

// Members lists the members of the outermost object in their order, with equal keys as often as they stand there.
func (d *Document) Members() []Member {
	list := make([]Member, len(d.members))
	for i, m := range d.members {
		list[i] = Member{Key: decodeString(m.key.of(d.data)), Raw: m.value.of(d.data)}
	}
	return list
}
