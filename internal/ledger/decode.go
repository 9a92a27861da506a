package ledger

import (
	"bytes"
	"encoding/json"
	"time"
)

// decodeAll reads every event of a ledger and passes over lines that are none.
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
		if expires, err := time.Parse(time.RFC3339Nano, l.RefreshExpiresAt); err == nil {
			e.RefreshExpiresAt = expires
		}
	}
	return e, true
}

// decodePlain reads a line that is just as encode writes it and has no escapes in it, which is nearly every line, at a
// tenth of encoding/json's cost; plain is false for every other one.
func decodePlain(text []byte) (l line, plain bool) {
	p := plainReader{rest: bytes.TrimSuffix(text, []byte("\n"))}
	p.expect("{")
	p.member(`"time":`, &l.Time)
	p.expect(",")
	var kind string
	p.member(`"kind":`, &kind)
	l.Kind = Kind(kind)
	for _, m := range []struct {
		name string
		into *string
	}{
		{`,"access":`, &l.Access}, {`,"refresh":`, &l.Refresh}, {`,"file":`, &l.File},
		{`,"refresh_expires_at":`, &l.RefreshExpiresAt},
	} {
		if bytes.HasPrefix(p.rest, []byte(m.name)) {
			p.member(m.name, m.into)
		}
	}
	if bytes.HasPrefix(p.rest, []byte(`,"detail":{"`)) {
		l.Detail = p.detail()
	}
	p.expect("}")
	return l, !p.bad && len(p.rest) == 0
}

type plainReader struct {
	rest []byte
	bad  bool
}

func (p *plainReader) expect(text string) {
	if rest, ok := bytes.CutPrefix(p.rest, []byte(text)); ok {
		p.rest = rest
		return
	}
	p.bad = true
}

func (p *plainReader) member(name string, into *string) {
	p.expect(name)
	*into = p.str()
}

// str reads a string of printable ASCII without escapes.
func (p *plainReader) str() string {
	p.expect(`"`)
	for i, c := range p.rest {
		switch {
		case c == '"':
			text := string(p.rest[:i])
			p.rest = p.rest[i+1:]
			return text
		case c < ' ' || c > '~' || c == '\\':
			p.bad = true
			return ""
		}
	}
	p.bad = true
	return ""
}

func (p *plainReader) detail() map[string]string {
	detail := map[string]string{}
	p.expect(`,"detail":{`)
	for !p.bad {
		name := p.str()
		p.expect(":")
		detail[name] = p.str()
		if bytes.HasPrefix(p.rest, []byte("}")) {
			break
		}
		p.expect(",")
	}
	p.expect("}")
	return detail
}
