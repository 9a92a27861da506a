package testscripts

import (
	_ "embed"
	"os"
	"path/filepath"
)

// contain is the program that runs another one in a container: see its head.
//
//go:embed contain.sh
var contain []byte

// makeContain puts that program among ours.
func makeContain(dir string) error {
	return os.WriteFile(filepath.Join(dir, "contain"), contain, 0o700)
}
