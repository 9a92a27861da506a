package atomicfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inPlace is Write for a mount point, for a file that need not be one.
func inPlace(path string, data []byte, before func() error) error {
	p, err := openPlace(path, false)
	if err != nil {
		return err
	}
	defer p.close()
	return p.writeInPlace(data, Options{Mode: 0o600, Before: before})
}

// pages is one of two JSON documents of many pages, the second one longer.
func pages(i int) []byte {
	return []byte(`{"a":"` + strings.Repeat(string(rune('x'+i%2)), (1+i%2)<<20) + `"}`)
}

func TestInPlace(t *testing.T) {
	for name, was := range map[string]string{
		"shorter": `{}`, "longer": `{"a":"` + strings.Repeat("x", 9000) + `"}`, "as long": `{"a":"xyz"}`, "empty": "",
	} {
		path := filepath.Join(newDir(t), "file")
		put(t, path, was, 0o644)
		before, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := inPlace(path, []byte(`{"a":"new"}`), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want(t, path, `{"a":"new"}`, 0o600)
		wantNames(t, filepath.Dir(path), "file")
		if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s: another file is there: %v", name, err)
		}
	}
}

// The kernel cuts a large write between two pages when its process is killed.
func TestInPlaceIsKilled(t *testing.T) {
	path := filepath.Join(newDir(t), "file")
	put(t, path, string(pages(0)), 0o600)
	torn := 0
	for round := 0; round < 200 && (torn < 3 || round < 20); round++ {
		killWhileWriting(t, path)
		if data := bytes.TrimRight(read(t, path), " "); !bytes.Equal(data, pages(0)) && !bytes.Equal(data, pages(1)) {
			torn++
		}
		if err := Finish(path); err != nil {
			t.Fatal(err)
		}
		Clean(path, time.Now()) // a journal that was not written yet
		if data := read(t, path); !bytes.Equal(data, pages(0)) && !bytes.Equal(data, pages(1)) {
			t.Fatalf("%d bytes beginning %.10q", len(data), data)
		}
		wantNames(t, filepath.Dir(path), "file")
	}
	if t.Logf("%d writes were cut", torn); torn == 0 {
		t.Error("no kill cut a write: this test has shown nothing about completing one")
	}
}

// killWhileWriting kills a process when it has begun to write the file. It sees that in the memory of the file: a read
// might wait for the end of the write.
func killWhileWriting(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	page, err := unix.Mmap(int(file.Fd()), 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Munmap(page); err != nil {
			t.Error(err)
		}
	}()
	cmd := helper("rewrite in place for ever", path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed
		close(ended)
	}()
	begin := (*uint32)(unsafe.Pointer(&page[4])) // `:"xx` or `:"yy`
	for was := atomic.LoadUint32(begin); atomic.LoadUint32(begin) == was; {
		select {
		case <-ended:
			t.Fatal("the helper has ended by itself")
		default:
			runtime.Gosched()
		}
	}
	_ = cmd.Process.Kill()
	<-ended
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What a write that was interrupted may leave, and what others may have made of it since.
func TestFinish(t *testing.T) {
	const old, data = `{"login":"one","rest":[1,2,3]}`, `{"login":"other and longer","rest":[1,2,3]}`
	padded := old + strings.Repeat(" ", len(data)-len(old))
	for name, c := range map[string]struct{ old, new, is, becomes string }{
		"not begun":           {old, data, old, old},
		"blanks are added":    {old, data, padded, data},
		"a part of them":      {old, data, padded[:len(old)+3], data},
		"half written":        {old, data, data[:12] + padded[12:], data},
		"a block is lost":     {old, data, data[:12] + strings.Repeat("\x00", 8) + padded[20:], data},
		"written":             {old, data, data, data},
		"shorter, half":       {data, old, padded[:12] + data[12:], old},
		"shorter, not cut":    {data, old, padded, old},
		"somebody's own":      {old, data, `{"login":"new"}`, `{"login":"new"}`},
		"somebody's, as long": {old, data, `{"login":"two","rest":[4,5,6]}`, `{"login":"two","rest":[4,5,6]}`},
		"no file before":      {"", data, "", ""},
	} {
		path := filepath.Join(newDir(t), "file")
		put(t, path, c.is, 0o600)
		putJournal(t, path, c.old, c.new)
		if !Unfinished(path) {
			t.Fatal(name)
		}
		if err := Finish(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want(t, path, c.becomes, 0o600)
		wantNames(t, filepath.Dir(path), "file")
	}
}

func putJournal(t *testing.T, path, old, data string) {
	t.Helper()
	text, err := json.Marshal(journal{Old: []byte(old), New: []byte(data)})
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(filepath.Dir(path), journalName(filepath.Base(path))), string(text), 0o600)
}

// The journal is where the file is, not where a link to it is.
func TestFinishThroughALink(t *testing.T) {
	dir := newDir(t)
	path := filepath.Join(mkdir(t, filepath.Join(dir, "real")), "file")
	put(t, path, `{"a":1} `, 0o600)
	putJournal(t, path, `{"a":1}`, `{"a":22}`)
	link(t, "real/file", filepath.Join(dir, "link"))
	if err := Finish(filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	want(t, path, `{"a":22}`, 0o600)
	wantNames(t, filepath.Dir(path), "file")
}

// A journal that is damaged, a link, or somebody else's is not believed, and stops nothing.
func TestFinishWithAnotherJournal(t *testing.T) {
	for name, make := range map[string]func(t *testing.T, journal string){
		"damaged": func(t *testing.T, journal string) { put(t, journal, `{"old":`, 0o600) },
		"a link": func(t *testing.T, journal string) {
			kept := filepath.Join(newDir(t), "kept")
			if err := os.Rename(journal, kept); err != nil {
				t.Fatal(err)
			}
			link(t, kept, journal)
		},
		"a named pipe": func(t *testing.T, journal string) {
			if err := errors.Join(os.Remove(journal), unix.Mkfifo(journal, 0o600)); err != nil {
				t.Fatal(err)
			}
		},
		"somebody else's": func(t *testing.T, journal string) {
			if os.Geteuid() != 0 {
				t.Skip("only root can make a file of another owner")
			}
			if err := os.Chown(journal, 12345, 12345); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(newDir(t), "file")
			put(t, path, `{} `, 0o600)
			putJournal(t, path, `{}`, `{"a":1}`)
			make(t, filepath.Join(filepath.Dir(path), journalName("file")))
			if err := Finish(path); err != nil {
				t.Error(err)
			}
			want(t, path, `{} `, 0o600)
		})
	}
}

func TestInPlaceBeforeMayRefuse(t *testing.T) {
	path := filepath.Join(newDir(t), "file")
	put(t, path, "old", 0o644)
	old, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	refusal := errors.New("the lock was lost")
	err = inPlace(path, []byte("new"), func() error {
		if !Unfinished(path) {
			t.Error("no copy is kept yet")
		}
		return refusal
	})
	if !errors.Is(err, refusal) {
		t.Errorf("%v", err)
	}
	want(t, path, "old", 0o644)
	if now, err := os.Stat(path); err != nil || !now.ModTime().Equal(old.ModTime()) {
		t.Errorf("%v, %v", now, err)
	}
	wantNames(t, filepath.Dir(path), "file")
}

// A file that may only be read stays as it is.
func TestInPlaceOfAReadOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write it")
	}
	path := filepath.Join(newDir(t), "file")
	put(t, path, "old", 0o400)
	if err := inPlace(path, []byte("new"), nil); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
	want(t, path, "old", 0o400)
}
