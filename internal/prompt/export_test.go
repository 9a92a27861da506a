package prompt

import "time"

// ReportOf is what the fast path makes of a document; sure is false for what it leaves to the whole program.
func ReportOf(text []byte, e SeenEntry, oldest int64, now time.Time) (r Report, access, refresh string, sure bool) {
	d, sure := scan(text)
	if !sure {
		return Report{}, "", "", false
	}
	return d.report(e, oldest, now), d.access, d.refresh, true
}

// Locate is locate with the credentials file, the client's directory and ours.
func Locate(env Lookup, file string) (credentials, config, seen, ledger, state string, ok bool) {
	p, ok := locate(env, file)
	return p.credentials, p.config, p.seen(), p.ledger(), p.promptState(), ok
}

// Settings lists the files that are looked at for a credential in the working directory.
func Settings(env Lookup) []string {
	p, _ := locate(env, "")
	return p.settings(false)
}

var (
	ParseSeen = parseSeen
	Winners   = winners
)

// Encode is the text of the file.
func (s *Seen) Encode() []byte { return s.encode() }
