package cache

import "strconv"

// Encoder writes numbers and texts: a number in decimal with a line feed after it, a text as its length and its bytes.
type Encoder struct{ Bytes []byte }

// Numbers adds numbers.
func (e *Encoder) Numbers(list ...int64) {
	for _, n := range list {
		e.Bytes = append(strconv.AppendInt(e.Bytes, n, 10), '\n')
	}
}

// Text adds a text.
func (e *Encoder) Text(s string) {
	e.Numbers(int64(len(s)))
	e.Bytes = append(e.Bytes, s...)
}

// Texts adds a list of texts.
func (e *Encoder) Texts(list []string) {
	e.Numbers(int64(len(list)))
	for _, s := range list {
		e.Text(s)
	}
}

// Stamp adds a stamp.
func (e *Encoder) Stamp(s Stamp) { e.Numbers(int64(s.Inode), s.Size, s.Changed) }

// Decoder reads what an Encoder has written. After an error it is Bad and returns zeros.
type Decoder struct {
	Rest string
	Bad  bool
}

// Check makes the decoder bad unless ok.
func (d *Decoder) Check(ok bool) {
	if !ok {
		d.Bad, d.Rest = true, ""
	}
}

// More reports whether there is more to read.
func (d *Decoder) More() bool { return d.Rest != "" }

// Number reads a number.
func (d *Decoder) Number() int64 {
	end := 0
	for end < len(d.Rest) && d.Rest[end] != '\n' {
		end++
	}
	n, err := strconv.ParseInt(d.Rest[:end], 10, 64)
	if d.Check(err == nil && end < len(d.Rest)); d.Bad {
		return 0
	}
	d.Rest = d.Rest[end+1:]
	return n
}

// Count reads the number of things that follow. Each of them takes at least one byte.
func (d *Decoder) Count() int {
	n := d.Number()
	if d.Check(n >= 0 && n <= int64(len(d.Rest))); d.Bad {
		return 0
	}
	return int(n)
}

// Text reads a text.
func (d *Decoder) Text() string {
	n := d.Count()
	text := d.Rest[:n]
	d.Rest = d.Rest[n:]
	return text
}

// Texts reads a list of texts.
func (d *Decoder) Texts() []string {
	list := make([]string, d.Count())
	for i := range list {
		list[i] = d.Text()
	}
	return list
}

// Stamp reads a stamp.
func (d *Decoder) Stamp() Stamp { return Stamp{uint64(d.Number()), d.Number(), d.Number()} }
