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
