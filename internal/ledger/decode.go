package ledger

import (
	"bytes"
	"encoding/json"
	"time"
)

// decodeAll reads the events of a ledger and skips the lines that are not events.
func decodeAll(text []byte) []Event {
	events := make([]Event, 0, 1+len(text)/128)
	for raw := range bytes.Lines(text) {
		if e, ok := decode(raw); ok {
			events = append(events, e)
		}
	}
	return events
}

// decode reads one line. ok is false for what is not an event: a torn line, or text that is not ours.
func decode(text []byte) (e Event, ok bool) {
	l, plain := decodePlain(text)
	if !plain {
		l = line{}
		if json.Unmarshal(text, &l) != nil {
			return Event{}, false
		}
	}
	at, err := time.Parse(time.RFC3339Nano, l.Time)
	if err != nil || l.Kind == "" {
		return Event{}, false
	}
	e = Event{Time: at, Kind: l.Kind, Login: LoginID{Access: l.Access, Refresh: l.Refresh}, File: l.File, Detail: l.Detail}
	if l.RefreshExpiresAt != "" {
		e.RefreshExpiresAt, _ = time.Parse(time.RFC3339Nano, l.RefreshExpiresAt) // zero where it is not a time
	}
	return e, true
}

// decodePlain reads a line without escapes, spaces and unknown members, which is nearly every line, at a tenth of
// encoding/json's cost. plain is false for every other line.
func decodePlain(text []byte) (l line, plain bool) {
	p := plainReader{rest: bytes.TrimSuffix(text, []byte("\n"))}
	p.expect('{')
	for more := true; more; more = p.more() {
		switch string(p.name()) {
		case "time":
			l.Time = p.text()
		case "kind":
			l.Kind = Kind(p.text())
		case "access":
			l.Access = p.text()
		case "refresh":
			l.Refresh = p.text()
		case "file":
			l.File = p.text()
		case "refresh_expires_at":
			l.RefreshExpiresAt = p.text()
		case "detail":
			l.Detail = map[string]string{}
			p.expect('{')
			for more := true; more; more = p.more() {
				l.Detail[string(p.name())] = p.text()
			}
		default:
			p.bad = true
		}
	}
	return l, !p.bad && len(p.rest) == 0
}

// plainReader reads JSON objects of plain strings. It is bad once it meets anything else.
type plainReader struct {
	rest []byte
	bad  bool
}

// more reads a comma or the end of the object, and reports whether another member follows.
func (p *plainReader) more() bool {
	if bytes.HasPrefix(p.rest, []byte(",")) {
		p.rest = p.rest[1:]
		return !p.bad
	}
	p.expect('}')
	return false
}

// name reads the name of a member and the colon.
func (p *plainReader) name() []byte {
	name := p.str()
	p.expect(':')
	return name
}

func (p *plainReader) expect(c byte) {
	if p.bad = p.bad || len(p.rest) == 0 || p.rest[0] != c; !p.bad {
		p.rest = p.rest[1:]
	}
}

// str reads a string of printable ASCII without escapes.
func (p *plainReader) str() []byte {
	p.expect('"')
	for i, c := range p.rest {
		if c == '"' {
			text := p.rest[:i]
			p.rest = p.rest[i+1:]
			return text
		}
		if c < ' ' || c > '~' || c == '\\' {
			break
		}
	}
	p.bad = true
	return nil
}

func (p *plainReader) text() string { return string(p.str()) }
