// Package keychain is a stand-in for macOS's program `security`, and for the keychain behind it, as far as Claude Code
// and claude-auth use them: find-, add- and delete-generic-password, show-keychain-info, unlock-keychain, and -i.
// Reach for it when a test runs the code for macOS.
//
// It does what Apple's published text of the program does (SecurityTool/macOS: security.c, keychain_find.c,
// keychain_add.c). It has never been compared with the real one. A directory is the keychain: each item is a file, so
// that a test can write and read it. What else is in the directory makes it fail:
//
//	.locked   the keychain is locked: what needs a secret ends with status 36
//	.status   every call ends with the status in it
//	.hang     every call hangs, as with a dialog that nobody answers
//	.fault    what happens to one call: see Fault
//	.second   another keychain, for dump-keychain alone
//	.calls    a byte for each call so far, but for those of a client (a process named claude, on Linux)
package keychain

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Environment variables of the tests.
const (
	EnvDir  = "HARNESS_KEYCHAIN" // the keychain's directory
	EnvTool = "HARNESS_SECURITY" // the stand-in for security, for a claude-auth and a stand-in client of the tests
)

// The exit statuses: the last byte of the OSStatus.
const (
	usageStatus = 2
	locked      = 36
	noItem      = 44
	duplicate   = 45
)

// ItemPath is the file of an item in the keychain.
func ItemPath(dir, service, account string) string {
	return filepath.Join(dir, url.QueryEscape(service), url.QueryEscape(account))
}

// Security is one run of the stand-in.
type Security struct {
	Dir    string // the keychain
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// Main runs `security` with the arguments, without the program's name, and returns its exit status.
func (s Security) Main(args []string) int {
	after, status, done := s.disturb()
	if done {
		return status
	}
	defer after()
	if len(args) == 1 && args[0] == "-i" {
		return s.interactive()
	}
	return s.command(args)
}

// maxLine is how many bytes of a line -i reads at once: its buffer has 4096, the last for a zero.
const maxLine = 4095

// interactive runs the lines of standard input. What does not fit into the buffer is the next line.
func (s Security) interactive() (status int) {
	in := bufio.NewReader(s.Stdin)
	for {
		var line []byte
		for len(line) < maxLine {
			b, err := in.ReadByte()
			if err != nil || b == '\n' {
				break
			}
			line = append(line, b)
		}
		if len(line) == 0 {
			if _, err := in.Peek(1); err != nil {
				return status
			}
			continue
		}
		status = s.command(split(line))
	}
}

// split splits a line as split_line does: quotes of both kinds, and a backslash before a character that is meant
// literally, also between quotes.
func split(line []byte) (args []string) {
	var arg []byte
	var quote byte
	in := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && i+1 < len(line):
			i++
			arg, in = append(arg, line[i]), true
		case quote != 0 && c == quote:
			args, arg, quote, in = append(args, string(arg)), nil, 0, false
		case quote == 0 && !in && (c == '"' || c == '\''):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if in {
				args, arg, in = append(args, string(arg)), nil, false
			}
		default:
			arg, in = append(arg, c), true
		}
	}
	if in {
		args = append(args, string(arg))
	}
	return args
}

// options are the flags of a command.
type options struct {
	account, service string
	data             []byte
	hasData          bool
	update, print    bool
}

func (s Security) command(args []string) int {
	if len(args) == 0 {
		return 0
	}
	switch args[0] {
	case "find-generic-password":
		return s.with(args, "a:s:w", s.find)
	case "add-generic-password":
		return s.with(args, "a:s:w:X:U", s.add)
	case "delete-generic-password":
		return s.with(args, "a:s:", s.remove)
	case "dump-keychain":
		return s.dump()
	case "show-keychain-info":
		return s.say(s.isLocked(), locked)
	case "unlock-keychain":
		return s.say(os.Remove(s.file(".locked")) != nil, 0)
	}
	fmt.Fprintf(s.Stderr, "security: unknown command %q\n", args[0])
	return 1
}

func (s Security) fail(status int, text string) int {
	fmt.Fprintln(s.Stderr, "security:", text)
	return status
}

func (s Security) say(failed bool, status int) int {
	if failed {
		return status
	}
	return 0
}

func (s Security) with(args []string, flags string, run func(options) int) int {
	var o options
	for i := 1; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "-")
		at := strings.Index(flags, name)
		if !isFlag || len(name) != 1 || at < 0 {
			if !isFlag && i == len(args)-1 {
				break // the keychain
			}
			return usageStatus
		}
		value := ""
		if strings.HasPrefix(flags[at+1:], ":") {
			if i++; i == len(args) {
				return usageStatus
			}
			value = args[i]
		}
		switch name {
		case "a":
			o.account = value
		case "s":
			o.service = value
		case "U":
			o.update = true
		case "w":
			o.print, o.data, o.hasData = true, []byte(value), true
		case "X":
			data, err := hex.DecodeString(value)
			if err != nil {
				return usageStatus
			}
			o.data, o.hasData = data, true
		}
	}
	return run(o)
}

func (s Security) file(name string) string { return filepath.Join(s.Dir, name) }

func (s Security) isLocked() bool {
	_, err := os.Lstat(s.file(".locked"))
	return err == nil
}

// item is the file of the item that is meant; without an account the first one of the service.
func (s Security) item(o options) (string, bool) {
	path := ItemPath(s.Dir, o.service, o.account)
	if o.account == "" {
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")) // the pattern is valid
		if len(found) > 0 {
			path = found[0]
		}
	}
	info, err := os.Stat(path)
	return path, err == nil && info.Mode().IsRegular()
}

func (s Security) find(o options) int {
	path, there := s.item(o)
	switch {
	case !there:
		return s.fail(noItem, "The specified item could not be found in the keychain.")
	case !o.print:
		return s.attributes(o, path)
	case s.isLocked():
		return s.fail(locked, "User interaction is not allowed.")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return 1
	}
	if bytes.ContainsFunc(data, func(r rune) bool { return r < ' ' || r > '~' }) {
		fmt.Fprintf(s.Stdout, "%x\n", data)
	} else {
		fmt.Fprintf(s.Stdout, "%s\n", data)
	}
	return 0
}

// attributes prints what needs no secret.
func (s Security) attributes(o options, path string) int {
	info, err := os.Stat(path)
	if err != nil {
		return noItem
	}
	at := info.ModTime().UTC().Format("20060102150405") + "Z"
	fmt.Fprintf(s.Stdout, "keychain: \"/Users/pat/Library/Keychains/login.keychain-db\"\nversion: 512\n"+
		"class: \"genp\"\nattributes:\n    \"acct\"<blob>=\"%s\"\n    \"mdat\"<timedate>=0x%x00  \"%s\\000\"\n"+
		"    \"svce\"<blob>=\"%s\"\n", o.account, at, at, o.service)
	return 0
}

// dump prints the attributes of all items; .second is another keychain, which nothing else reads.
func (s Security) dump() int {
	for _, dir := range []string{s.Dir, s.file(".second")} {
		found, _ := filepath.Glob(filepath.Join(dir, "[^.]*", "*")) // the pattern is valid
		for _, path := range found {
			service, _ := url.QueryUnescape(filepath.Base(filepath.Dir(path)))
			account, _ := url.QueryUnescape(filepath.Base(path))
			s.attributes(options{service: service, account: account}, path)
		}
	}
	return 0
}

func (s Security) add(o options) int {
	path, there := s.item(o)
	switch {
	case o.account == "" || !o.hasData:
		return usageStatus
	case s.isLocked():
		return s.fail(locked, "User interaction is not allowed.")
	case there && !o.update:
		return s.fail(duplicate, "The specified item already exists in the keychain.")
	}
	if err := replace(path, o.data); err != nil {
		fmt.Fprintln(s.Stderr, "security:", err)
		return 1
	}
	return 0
}

// replace stores an item whole or not at all, as the keychain does.
func replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(dir), ".new-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close(), os.Rename(f.Name(), path))
}

func (s Security) remove(o options) int {
	path, there := s.item(o)
	switch {
	case !there:
		return s.fail(noItem, "The specified item could not be found in the keychain.")
	case s.isLocked():
		return locked
	case os.Remove(path) != nil:
		return 1
	}
	return 0
}

// Fault is what happens to one call, in the file .fault as "N WHAT": N counts the calls from 1.
type Fault struct {
	Call int
	What string
}

// Faults are the kinds of faults. A number is an exit status.
var Faults = []string{
	"36", "45", "24", "29", "37", "50", "51", "128", "1",
	"lost",         // status 0, and nothing is done
	"killed",       // it is killed before it does anything
	"killed-after", // and after that
	"orphan",       // the program that called it is killed before that
	"orphan-after", // and after that
}

// Set makes a fault happen in the keychain, from now on. Calls counts from here.
func (f Fault) Set(dir string) error {
	return errors.Join(os.WriteFile(filepath.Join(dir, ".fault"), fmt.Appendf(nil, "%d %s", f.Call, f.What), 0o600),
		Clear(dir, ".calls"))
}

// Clear removes a file that makes the keychain fail.
func Clear(dir, name string) error {
	err := os.Remove(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Calls is how many calls there were.
func Calls(dir string) int {
	info, err := os.Stat(filepath.Join(dir, ".calls"))
	if err != nil {
		return 0
	}
	return int(info.Size())
}

// disturb does what the files in the keychain say. done ends the call with the status; after is to be called otherwise.
func (s Security) disturb() (after func(), status int, done bool) {
	nothing := func() {}
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", os.Getppid())); err == nil && string(name) == "claude\n" {
		return nothing, 0, false // a client
	}
	if f, err := os.OpenFile(s.file(".calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
		_, _ = f.Write([]byte{'.'}) // a call that is not counted makes the test fail
		_ = f.Close()
	}
	if _, err := os.Lstat(s.file(".hang")); err == nil {
		time.Sleep(time.Minute)
	}
	if text, err := os.ReadFile(s.file(".status")); err == nil {
		status, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return nothing, status, true
	}
	text, err := os.ReadFile(s.file(".fault"))
	number, what, _ := strings.Cut(string(text), " ")
	call, _ := strconv.Atoi(number)
	if err != nil || call != Calls(s.Dir) {
		return nothing, 0, false
	}
	kill := func(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }
	switch what {
	case "lost":
		return nothing, 0, true
	case "killed":
		kill(os.Getpid())
	case "killed-after":
		return func() { kill(os.Getpid()) }, 0, false
	case "orphan":
		kill(os.Getppid())
		return nothing, 0, true
	case "orphan-after":
		return func() { kill(os.Getppid()) }, 0, false
	}
	status, _ = strconv.Atoi(what)
	return nothing, status, true
}
