// Package claude holds what this program knows about Claude Code, the client, as data: one file a subject.
//
// Anthropic does not document these facts, and each version may change them. So each fact names the versions on which
// it was seen: "(2.1.165, 2.1.330)" in a comment means measured on these two, on Linux. "Read" means found in the
// client's text and not seen to happen. When versions differ in a way that the program acts on, the entry has a
// Version. Between 2.1.165 and 2.1.330 only what changes.go names was searched for, so what else is "since 2.1.330" may
// have begun earlier. docs/client-notes.md has the same facts in prose, in the order of these files.
//
// The package is initialised at every start, also before each shell prompt. So it has constants, arrays and functions,
// and no maps or regular expressions.
package claude

import (
	"strconv"
	"strings"
)

// Version is a version of the client. An earlier one is less than a later one. 0 is an unknown version.
type Version uint64

// The versions that were measured. 2.1.104 is a script for node, the others are native programs.
const (
	V104 Version = 2<<40 | 1<<20 | 104
	V163 Version = 2<<40 | 1<<20 | 163
	V165 Version = 2<<40 | 1<<20 | 165
	V191 Version = 2<<40 | 1<<20 | 191
	V195 Version = 2<<40 | 1<<20 | 195
	V203 Version = 2<<40 | 1<<20 | 203
	V212 Version = 2<<40 | 1<<20 | 212
	V213 Version = 2<<40 | 1<<20 | 213
	V220 Version = 2<<40 | 1<<20 | 220
	V222 Version = 2<<40 | 1<<20 | 222
	V225 Version = 2<<40 | 1<<20 | 225
	V265 Version = 2<<40 | 1<<20 | 265
	V286 Version = 2<<40 | 1<<20 | 286
	V288 Version = 2<<40 | 1<<20 | 288
	V301 Version = 2<<40 | 1<<20 | 301
	V311 Version = 2<<40 | 1<<20 | 311
	V326 Version = 2<<40 | 1<<20 | 326
	V330 Version = 2<<40 | 1<<20 | 330
	V332 Version = 2<<40 | 1<<20 | 332
)

// Tested lists the versions that the tests install from npm and run, in order: the oldest that this program supports,
// one that many people had for long, and Newest. It is the one place that names them.
//
// 2.1.163 is the oldest for which all facts hold. Before it the client does not mark a refresh token that was rejected
// with 400; until 2.1.161 a session and -p try a 401 again for three minutes; until 2.1.150 a sign-in deletes the whole
// credentials file first, with the MCP logins (measured: 2.1.104, 2.1.136, 2.1.150, 2.1.152 to 2.1.154, 2.1.158,
// 2.1.161 to 2.1.163, 2.1.165).
var Tested = [...]Version{V163, V165, Newest}

// Newest is the newest version that was measured. What a later one does is taken to be the same, until that is
// measured.
const Newest = V332

// ParseVersion reads the version at the beginning of text: `claude --version` prints `2.1.330 (Claude Code)` (2.1.165,
// 2.1.330).
func ParseVersion(text string) (v Version, ok bool) {
	for i := range 3 {
		end := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' })
		if end < 0 {
			end = len(text)
		}
		number, err := strconv.ParseUint(text[:end], 10, 20)
		if err != nil {
			return 0, false
		}
		v = v<<20 | Version(number)
		text = text[end:]
		if i < 2 {
			if text, ok = strings.CutPrefix(text, "."); !ok {
				return 0, false
			}
		}
	}
	return v, true
}

// String is the version as the client writes it.
func (v Version) String() string {
	part := func(shift uint) string { return strconv.FormatUint(uint64(v>>shift)&(1<<20-1), 10) }
	return part(40) + "." + part(20) + "." + part(0)
}

// Range is the versions from Since on, up to but not including Before. A bound of 0 is no limit.
type Range struct{ Since, Before Version }

// Has reports whether v is in the range. An unknown version is in a range that has no Since.
func (r Range) Has(v Version) bool { return v >= r.Since && (r.Before == 0 || v < r.Before) }
