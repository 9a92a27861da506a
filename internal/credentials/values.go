package credentials

// value is one value of a text, in 32-bit offsets to keep it small: a document of 16 MiB can have 8 million values.
type value struct {
	start, end       int32
	keyStart, keyEnd int32 // with the quotes; both 0 where there is no key
	depth            int32 // how many containers are around it
	index            int32 // among the members or elements of its container
	count            int32 // of members or elements, for a container
	kind             Kind
	inArray          bool
	last             bool // of its container
}

func (v *value) hasKey() bool            { return v.keyEnd > 0 }
func (v *value) key(data []byte) []byte  { return data[v.keyStart:v.keyEnd:v.keyEnd] }
func (v *value) text(data []byte) []byte { return data[v.start:v.end:v.end] }

// values lists the values of a text that has been checked, in its order, a container before its contents. It does not
// call itself, so no depth of the text can overflow the stack.
func values(data []byte) []value {
	var list []value
	var open []int32 // the containers around the cursor, as indexes into list
	last := int32(0) // the value that ended before
	for c := (cursor{data: data}); c.next(); {
		if c.found == end {
			around := open[len(open)-1]
			if list[around].count > 0 {
				list[last].last = true
			}
			list[around].end = int32(c.pos)
			last, open = around, open[:len(open)-1]
			continue
		}
		v := value{
			start: int32(c.value.start), end: int32(c.value.end), depth: int32(c.depth), kind: kindOf(data[c.value.start]),
			keyStart: int32(c.key.start), keyEnd: int32(c.key.end),
		}
		if len(open) > 0 {
			around := &list[open[len(open)-1]]
			v.index, v.inArray = around.count, around.kind == Array
			around.count++
		}
		if last = int32(len(list)); c.found == begin {
			open = append(open, last)
		}
		list = append(list, v)
	}
	list[0].last = true
	return list
}
