package transcript

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
)

// entries gives the entries of the conversation in the transcript at path, the newest first. Only the end of the file
// is read, at most maxBack bytes of it. A missing file has none. The file is open while the loop runs.
func entries(path string) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		f, info, err := atomicfile.OpenRegular(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(entry{}, fmt.Errorf("reading the transcript: %w", err))
			return
		}
		defer f.Close() // read only: nothing can be lost
		for e, err := range newBackward(f, info.Size()).entries() {
			if err != nil {
				err = fmt.Errorf("reading the transcript %s: %w", path, err)
			}
			if !yield(e, err) {
				return
			}
		}
	}
}
