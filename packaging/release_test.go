package packaging

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// dist is the directory with the packages of `make dist`, or "" for `make test`, which has no goreleaser.
var dist = os.Getenv("CLAUDE_AUTH_DIST")

var platform = runtime.GOOS + "_" + runtime.GOARCH

// packedDir is where packed has made its directory, or "".
var packedDir string

// packed makes the archive of `make test`, once.
var packed = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "claude-auth-packed-"); err != nil {
		return "", err
	}
	packedDir = dir
	name := "claude-auth_0.0.0_" + platform
	const pack = `set -eu
		cd ..
		go build -tags urfave_cli_no_docs -trimpath -ldflags '-s -w' -o "$1/$2/bin/claude-auth" ./cmd/claude-auth
		go run ./packaging/stage "$1/stage"
		mv "$1/stage/bin/claude-auth-wrapper" "$1/$2/bin/"
		mv "$1/stage/share" "$1/$2/share"
		cp install.sh "$1/$2/"
		tar -czf "$1/$2.tar.gz" -C "$1" "$2"
		cd "$1" && sha256sum "$2.tar.gz" >checksums.txt`
	command := exec.Command("sh", "-c", pack, "sh", dir, name)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "SOURCE_DATE_EPOCH=1700000000")
	out, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("pack: %w\n%s", err, out)
	}
	return dir, err
})

func TestMain(m *testing.M) {
	status := m.Run()
	if packedDir != "" {
		os.RemoveAll(packedDir) // a temporary directory, whatever happens to it
	}
	os.Exit(status)
}

// release is the directory with the archive and the checksums.
func release(t *testing.T) string {
	t.Helper()
	if dist != "" {
		return dist
	}
	dir, err := packed()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// one returns the only file of the release that matches.
func one(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(release(t), pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: found %v (%v)", pattern, found, err)
	}
	return found[0]
}

// serve is a page of releases on this machine. It returns its address.
func serve(t *testing.T, dir string) string {
	t.Helper()
	mux := http.NewServeMux()
	files := http.FileServer(http.Dir(dir))
	mux.Handle("/latest/download/", http.StripPrefix("/latest/download/", files))
	mux.Handle("/download/v0.0.0/", http.StripPrefix("/download/v0.0.0/", files))
	mux.HandleFunc("/install.sh", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join("..", "install.sh"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}
