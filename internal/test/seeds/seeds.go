// Package seeds collects seeds for fuzzers from the scripts, the fixtures and the recordings of the client. A new
// script is a new seed. Use it when you write a fuzzer.
package seeds

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/claude-auth/claude-auth/internal/test/harness"
)

// Largest is the size of the largest seeds, in bytes: a fuzzer spends its time on shortening longer ones.
const Largest = 16 << 10

// Script is one script: what it does, and the files that it brings.
type Script struct {
	Name     string
	Commands [][]string // the words of each line that runs something, without their quotes
	Files    [][]byte
}

// Scripts are all scripts below testscripts.
func Scripts(t testing.TB) []Script {
	t.Helper()
	var scripts []Script
	for _, path := range glob(t, "testscripts/*.txtar", "testscripts/*/*.txtar") {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := Script{Name: strings.TrimSuffix(filepath.Base(path), ".txtar")}
		for line := range strings.Lines(string(archive.Comment)) {
			if words := split(strings.TrimSpace(line)); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
				s.Commands = append(s.Commands, words)
			}
		}
		for _, file := range archive.Files {
			s.Files = append(s.Files, file.Data)
		}
		scripts = append(scripts, s)
	}
	return scripts
}

// Texts are the files of all scripts and the words of their commands, without duplicates.
func Texts(t testing.TB) [][]byte {
	t.Helper()
	var texts [][]byte
	for _, s := range Scripts(t) {
		texts = append(texts, s.Files...)
		for _, words := range s.Commands {
			for _, word := range words {
				texts = append(texts, []byte(word))
			}
		}
	}
	return once(texts)
}

// Arguments are the arguments of each `claude-auth NAME` in the scripts.
func Arguments(t testing.TB, name string) [][]string {
	t.Helper()
	var all [][]string
	for _, s := range Scripts(t) {
		for _, words := range s.Commands {
			if at := slices.Index(words, "claude-auth"); at >= 0 && at+1 < len(words) && words[at+1] == name {
				all = append(all, words[at+2:])
			}
		}
	}
	if len(all) == 0 {
		t.Fatalf("no script runs claude-auth %s", name)
	}
	return all
}

// Documents are the fixtures of credentials, and the texts in scripts that look like one.
func Documents(t testing.TB) [][]byte {
	t.Helper()
	var documents [][]byte
	for _, kind := range append(harness.Kinds(), "nologin", "torn", "empty", "array", "duplicate") {
		document, err := harness.Document(kind, nil, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, document)
	}
	for _, text := range Texts(t) {
		if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
			documents = append(documents, text)
		}
	}
	return once(documents)
}

// Recordings are the outputs of the real client, in pieces of at most Largest.
func Recordings(t testing.TB) [][]byte {
	t.Helper()
	var pieces [][]byte
	for _, path := range glob(t, "internal/detect/testdata/captures/*.raw", "internal/detect/testdata/client/*.json",
		"internal/transcript/testdata/*.jsonl") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pieces = slices.AppendSeq(pieces, slices.Chunk(text, Largest))
	}
	return once(pieces)
}

func once(texts [][]byte) [][]byte {
	texts = slices.DeleteFunc(texts, func(text []byte) bool { return len(text) > Largest })
	slices.SortFunc(texts, bytes.Compare)
	return slices.CompactFunc(texts, bytes.Equal)
}

// glob finds files below the module's directory. It fails the test when there are none: they have moved.
func glob(t testing.TB, patterns ...string) []string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	var paths []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// split divides a line into words as testscript does: within single quotes everything is literal, and two quotes are
// one.
func split(line string) []string {
	var words []string
	var word strings.Builder
	inWord, quoted := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\'' && quoted && i+1 < len(line) && line[i+1] == '\'':
			word.WriteByte(c)
			i++
		case c == '\'':
			quoted, inWord = !quoted, true
		case !quoted && (c == ' ' || c == '\t'):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}
