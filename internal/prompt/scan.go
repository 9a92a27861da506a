package prompt

// document is what the fast path reads of a credentials file. Times are in milliseconds since 1970.
type document struct {
	present         bool // there is a login
	access, refresh string
	expires, ends   moment // expiresAt and refreshTokenExpiresAt
}

// moment is a time that may be missing.
type moment struct {
	ms  int64
	set bool
}

// maxDepth is how deep the scanner follows brackets: one bit each.
const maxDepth = 64

// scan reads a credentials document. It answers only where there is no doubt: a text that JSON.parse refuses, a key
// twice on the way to the login, an escape in a key on the way or in a token, a member of another type than the client
// writes are all left to package credentials, which can say what is wrong.
func scan(text []byte) (d document, sure bool) {
	s := scanner{text: text}
	found := false
	ok := s.object(func(key []byte) bool {
		if string(key) != "claudeAiOauth" {
			return s.skip()
		}
		if found {
			return false
		}
		found = true
		if s.literal("null") {
			return true
		}
		d.present = true
		return s.login(&d)
	})
	s.space()
	return d, ok && s.at == len(text)
}

type scanner struct {
	text []byte
	at   int
}

func (s *scanner) login(d *document) bool {
	var seen [4]bool
	once := func(i int) bool {
		before := seen[i]
		seen[i] = true
		return !before
	}
	return s.object(func(key []byte) bool {
		switch string(key) {
		case "accessToken":
			return once(0) && s.token(&d.access)
		case "refreshToken":
			return once(1) && s.token(&d.refresh)
		case "expiresAt":
			return once(2) && s.moment(&d.expires)
		case "refreshTokenExpiresAt":
			return once(3) && s.moment(&d.ends)
		}
		return s.skip()
	})
}

// object reads an object on the way to the login and calls member for each key, standing before its value.
func (s *scanner) object(member func(key []byte) bool) bool {
	s.space()
	if !s.take('{') {
		return false
	}
	if s.space(); s.take('}') {
		return true
	}
	for {
		s.space()
		key, plain := s.str()
		if s.space(); !plain || !s.take(':') {
			return false
		}
		if s.space(); !member(key) {
			return false
		}
		if s.space(); s.take('}') {
			return true
		}
		if !s.take(',') {
			return false
		}
	}
}

// token reads a string that says itself what it is, or null.
func (s *scanner) token(into *string) bool {
	if s.literal("null") {
		return true
	}
	text, plain := s.str()
	for _, c := range text {
		plain = plain && c < 0x80
	}
	*into = string(text)
	return plain
}

// maxMillis keeps nanoseconds within 64 bits (the year 2255).
const maxMillis = 9_000_000_000_000

// moment reads a whole number of milliseconds, or null. Other forms of numbers are right too, but nobody writes them.
func (s *scanner) moment(into *moment) bool {
	if s.literal("null") {
		return true
	}
	start := s.at
	for ; s.at < len(s.text) && digit(s.text[s.at]); s.at++ {
		if into.ms = 10*into.ms + int64(s.text[s.at]-'0'); into.ms > maxMillis {
			return false
		}
	}
	into.set = true
	digits := s.text[start:s.at]
	return len(digits) == 1 || len(digits) > 1 && digits[0] != '0'
}

// skip reads any value. Open brackets are kept as bits, 1 for an object.
func (s *scanner) skip() bool {
	var open uint64
	depth := 0
	for {
		s.space()
		if s.at == len(s.text) {
			return false
		}
		c := s.text[s.at]
		if c == '{' || c == '[' {
			s.at++
			s.space()
			if !s.take(c + 2) { // '{'+2 is '}', '['+2 is ']'
				if depth++; depth > maxDepth {
					return false
				}
				open = open << 1
				if c == '{' {
					open |= 1
					if !s.key() {
						return false
					}
				}
				continue
			}
		} else if !s.scalar(c) {
			return false
		}
		more, ok := s.close(&open, &depth)
		if !ok || !more {
			return ok
		}
	}
}

// close reads what may follow a value: closing brackets, and then a comma unless the outermost one has closed.
func (s *scanner) close(open *uint64, depth *int) (more, ok bool) {
	for *depth > 0 {
		s.space()
		object := *open&1 == 1
		switch {
		case s.take(','):
			return true, !object || s.key()
		case object && s.take('}'), !object && s.take(']'):
			*open >>= 1
			*depth--
		default:
			return false, false
		}
	}
	return false, true
}

func (s *scanner) key() bool {
	s.space()
	if s.at == len(s.text) || s.text[s.at] != '"' || !s.scalar('"') {
		return false
	}
	s.space()
	return s.take(':')
}

func (s *scanner) scalar(first byte) bool {
	switch first {
	case '"':
		text, _ := s.str()
		return text != nil
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

// str reads a string and returns what stands between its quotes, nil when it is none. plain says that there is no
// escape in it.
func (s *scanner) str() (text []byte, plain bool) {
	if !s.take('"') {
		return nil, false
	}
	start := s.at
	plain = true
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return s.text[start : s.at-1], plain
		case c < ' ':
			return nil, false
		case c == '\\':
			plain = false
			if !s.escape() {
				return nil, false
			}
		default:
			s.at++
		}
	}
	return nil, false
}

func (s *scanner) escape() bool {
	if s.at+1 >= len(s.text) {
		return false
	}
	c := s.text[s.at+1]
	s.at += 2
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		end := s.at + 4
		for ; s.at < end; s.at++ {
			if s.at >= len(s.text) || !hexDigit(s.text[s.at]) {
				return false
			}
		}
		return true
	}
	return false
}

func (s *scanner) number() bool {
	s.take('-')
	if !s.take('0') && !s.digits() {
		return false
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('+') {
			s.take('-')
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.text) && digit(s.text[s.at]) {
		s.at++
	}
	return s.at > start
}

func (s *scanner) literal(word string) bool {
	if len(s.text)-s.at < len(word) || string(s.text[s.at:s.at+len(word)]) != word {
		return false
	}
	s.at += len(word)
	return true
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\n', '\r', '\t':
			s.at++
		default:
			return
		}
	}
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func hexDigit(c byte) bool { return digit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
