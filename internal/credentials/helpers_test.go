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
