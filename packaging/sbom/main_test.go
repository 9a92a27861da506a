package main

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// The list of this very test: it is a Go program too.
func TestListOfAProgram(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var texts [2]string
	for i := range texts {
		to := filepath.Join(t.TempDir(), "list.json")
		if err := run(program, to, "1.2.3"); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	if texts[0] != texts[1] {
		t.Error("two lists of one program differ")
	}
	var doc document
	if err := json.Unmarshal([]byte(texts[0]), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Format != "CycloneDX" || doc.Metadata.Component.Version != "1.2.3" || len(doc.Components) == 0 ||
		doc.Components[0].Name != "std" {
		t.Errorf("the list is %s", texts[0])
	}
}

func TestModules(t *testing.T) {
	info := debug.BuildInfo{GoVersion: "go1.26.0", Deps: []*debug.Module{
		{Path: "example.com/one", Version: "v1.0.0", Sum: "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
	}}
	info.Main.Path = "example.com/program"
	doc, err := describe(&info, [sha256.Size]byte{}, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	one := doc.Components[1]
	if one.PURL != "pkg:golang/example.com/one@v1.0.0" ||
		one.Hashes[0].Content != "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" {
		t.Errorf("the module is listed as %+v", one)
	}
	info.Deps[0].Sum = ""
	_, err = describe(&info, [sha256.Size]byte{}, "1.2.3")
	if err == nil || !strings.Contains(err.Error(), "no checksum") {
		t.Errorf("a module without a checksum is listed: %v", err)
	}
}
