package prompt

import (
	"strconv"
	"syscall"
)

// Seen is what the ledger leaves ready for `status`: the standing of the login in each credentials file, good for as
// long as the ledger's file is the very one it was made from. It is derived, never the only copy of anything.
//
// The fast path has to know whether the tokens in a file are those that the standing is of, without waiting for
// crypto/sha256 to be initialised. So beside the fingerprints there is a mark of each token, keyed with a random key that
// this file holds. As with the fingerprints, nobody without the key learns anything from a mark; and who can read
// this file (0600) can read the credentials.
type Seen struct {
	Ledger      Stamp
	Key         SeenKey
	OldestDeath int64 // milliseconds; the oldest age at which a login was refused, 0 for none
	Entries     []SeenEntry
}

// SeenEntry is the standing of one login.
type SeenEntry struct {
	File                string
	Access, Refresh     uint64 // marks; 0 for no token
	AccessID, RefreshID string // fingerprints; "" for no token
	Rejected            bool
	Born                int64 // the sign-in, milliseconds since 1970; 0 when not known
	BornExact           bool  // false: Born is the first sight of it
}

// Stamp tells one content of the ledger from the next: it grows with each event, and a compaction makes a new file. The
// zero Stamp is no ledger.
type Stamp struct {
	Inode uint64
	Size  int64
	Mtime int64 // nanoseconds since 1970
}

// StampOf returns the stamp of the file path, zero when there is none.
func StampOf(path string) Stamp {
	var st syscall.Stat_t
	if err := retry(func() error { return syscall.Stat(path, &st) }); err != nil {
		return Stamp{}
	}
	return Stamp{Inode: uint64(st.Ino), Size: st.Size, Mtime: mtime(&st)}
}

const (
	seenMagic   = "claude-auth-seen 1"
	maxSeenSize = 64 << 10
)

// Add adds an entry. A path with a control character in it has no place in a line of text and is left out.
func (s *Seen) Add(e SeenEntry) {
	for i := range len(e.File) {
		if e.File[i] < ' ' {
			return
		}
	}
	s.Entries = append(s.Entries, e)
}

// ReadSeen reads the file path; ok is false when it is missing or is no Seen of this version.
func ReadSeen(path string) (s Seen, ok bool) {
	text, _, err := ReadSmall(path, maxSeenSize)
	if err != nil {
		return Seen{}, false
	}
	return parseSeen(string(text))
}

// Write replaces the file path.
func (s *Seen) Write(path string) error { return replace(path, s.encode(), nil) }

func (s *Seen) encode() []byte {
	b := []byte(seenMagic + "\n")
	for _, c := range s.Key {
		b = append(b, hexDigits[c>>4], hexDigits[c&15])
	}
	for _, n := range []int64{int64(s.Ledger.Inode), s.Ledger.Size, s.Ledger.Mtime, s.OldestDeath} {
		b = strconv.AppendInt(append(b, ' '), n, 10)
	}
	b = append(b, '\n')
	for _, e := range s.Entries {
		b = strconv.AppendUint(b, e.Access, 16)
		b = strconv.AppendUint(append(b, ' '), e.Refresh, 16)
		b = append(b, " "+orDash(e.AccessID)+" "+orDash(e.RefreshID)+" "...)
		b = append(b, flag(e.Rejected, 'r'), flag(e.BornExact, 'x'), ' ')
		b = strconv.AppendInt(b, e.Born, 10)
		b = append(b, " "+e.File+"\n"...)
	}
	return b
}

const hexDigits = "0123456789abcdef"

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func flag(set bool, letter byte) byte {
	if set {
		return letter
	}
	return '-'
}

// parseSeen is strict: whatever this version would not have written is no Seen, and is written anew.
func parseSeen(text string) (s Seen, ok bool) {
	p := fields{text: text}
	if p.line() != seenMagic {
		return s, false
	}
	head := fields{text: p.line()}
	p.check(head.hexKey(&s.Key))
	s.Ledger.Inode = uint64(head.integer())
	s.Ledger.Size, s.Ledger.Mtime, s.OldestDeath = head.integer(), head.integer(), head.integer()
	p.check(!head.bad && head.text == "")
	for p.text != "" && !p.bad {
		l := fields{text: p.line()}
		e := SeenEntry{Access: l.mark(), Refresh: l.mark(), AccessID: l.id(), RefreshID: l.id()}
		flags := l.word()
		e.Rejected, e.BornExact = flags == "r-" || flags == "rx", flags == "-x" || flags == "rx"
		l.check(e.Rejected || e.BornExact || flags == "--")
		e.Born = l.integer()
		e.File = l.text
		p.check(!l.bad && e.File != "")
		s.Entries = append(s.Entries, e)
	}
	return s, !p.bad
}

// fields takes a text apart from the left; bad says that something did not fit.
type fields struct {
	text string
	bad  bool
}

func (f *fields) check(ok bool) {
	if !ok {
		f.bad = true
	}
}

// cut takes what stands before the next sep, which has to be there unless last.
func (f *fields) cut(sep byte, last bool) string {
	for i := range len(f.text) {
		if f.text[i] == sep {
			part := f.text[:i]
			f.text = f.text[i+1:]
			return part
		}
	}
	f.check(last)
	part := f.text
	f.text = ""
	return part
}

func (f *fields) line() string { return f.cut('\n', false) }
func (f *fields) word() string { return f.cut(' ', true) }

func (f *fields) integer() int64 {
	n, err := strconv.ParseInt(f.word(), 10, 64)
	f.check(err == nil)
	return n
}

func (f *fields) mark() uint64 {
	n, err := strconv.ParseUint(f.word(), 16, 64)
	f.check(err == nil)
	return n
}

func (f *fields) id() string {
	id := f.word()
	f.check(id != "")
	if id == "-" {
		return ""
	}
	return id
}

func (f *fields) hexKey(key *SeenKey) bool {
	word := f.word()
	if len(word) != 2*len(key) {
		return false
	}
	for i := range key {
		n, err := strconv.ParseUint(word[2*i:2*i+2], 16, 8)
		if err != nil {
			return false
		}
		key[i] = byte(n)
	}
	return true
}
