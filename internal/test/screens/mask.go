package screens

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// clock is what every recording shows as the time of its beginning.
var clock = time.Date(2026, time.March, 14, 9, 41, 0, 0, time.UTC)

// zoneAt is the time zone, in seconds ahead of UTC, in which it is the clock's time of day at now, and how many days
// that day is before the clock's. A zone that made it the clock's day too would be no valid one for most programs.
func zoneAt(now time.Time) (ahead, days int) {
	const day = 24 * 60 * 60
	ahead = int((clock.Unix()-now.Unix())%day+day) % day
	if ahead > day/2 {
		ahead -= day
	}
	return ahead, int(clock.Unix()-now.Unix()-int64(ahead)) / day
}

// masks are what differs from run to run, in text without white space, and what is shown in its place: characters of
// the same number. A shorter text stands for as many of its first characters.
var masks = []struct {
	differs *regexp.Regexp // its group 1
	shown   string
}{
	{regexp.MustCompile(`(09:4\d)`), "09:41"},
	{regexp.MustCompile(`(09:4\d:\d\d)`), "09:41:07"},
	{regexp.MustCompile(`(15:4\d)`), "15:41"}, // six hours later
	{regexp.MustCompile(`(4:\d\d)left`), "4:52"},
	{regexp.MustCompile(`authorize\?z-([A-Z2-7]{26})`), "5H3GYQ6EIKKIH5YYDXEXSOM6HO"},
	{regexp.MustCompile(`(?:state|code_challenge)=([\w-]{43})`), "x7Qm2vKd9RtYh4Wz1NbLs8Jf6PcGa3Ue5XoTi0Vy-kE"},
	{regexp.MustCompile(`(?:[Ss]ession:?|--resume)([0-9a-f]{8}-[0-9a-f-]{27})`), "431dab9d-390e-4e9a-9022-e79254b4905a"},
	{regexp.MustCompile(`(\d{8}-\d{6}-[0-9a-f]{6})`), "20260314-094107-1eb7a9"}, // a backup
	{regexp.MustCompile(`(\d{5})days`), "20526"},                                // since the year 1970
	{regexp.MustCompile(`/screens-(\d{7}-\d{3})/`), "1234567-001"},              // where a home is shown
}

// date is a date in text.
var date = regexp.MustCompile(`20\d\d-\d\d-\d\d`)

// replace puts one text in the place of another, of which it may have another width, in each line.
func (s screen) replace(old, new string) {
	for i, line := range s {
		before, after, found := strings.Cut(s[i:i+1].text(), old)
		if !found {
			continue
		}
		at := len([]rune(before))
		changed := slices.Clone(line[:at])
		for _, char := range new {
			changed = append(changed, cell{char, line[at].style})
		}
		s[i] = append(changed, line[len(line)-len([]rune(after))+1:]...) // after ends with the line's end
	}
}

// mask overwrites what differs from run to run, wherever its lines break. Dates move by so many days.
func (s screen) mask(days int) {
	var chars []rune
	var places []*cell
	for _, line := range s {
		for i := range line {
			if !unicode.IsSpace(line[i].char) {
				chars, places = append(chars, line[i].char), append(places, &line[i])
			}
		}
	}
	text := string(chars)
	overwrite := func(from, to int, shown string) {
		at := len([]rune(text[:from]))
		for i, char := range []rune(shown)[:len([]rune(text[from:to]))] {
			places[at+i].char = char
		}
	}
	for _, found := range date.FindAllStringIndex(text, -1) {
		if then, err := time.Parse(time.DateOnly, text[found[0]:found[1]]); err == nil {
			overwrite(found[0], found[1], then.AddDate(0, 0, days).Format(time.DateOnly))
		}
	}
	for _, m := range masks {
		for _, found := range m.differs.FindAllStringSubmatchIndex(text, -1) {
			overwrite(found[2], found[3], m.shown)
		}
	}
}
