package credentials

// Node is one value of a document on a walk through it.
type Node struct {
	Kind    Kind
	Depth   int    // 0 for the value the walk begins with
	Key     string // decoded; "" in an array
	Index   int    // among the members or elements of its container
	InArray bool
	Last    bool   // of its container
	Count   int    // of members or elements, for a container
	Raw     []byte // as it is written
}

// Walk visits every value of the document in its order, a container before what is in it, until visit returns false.
// It takes linear time and no call stack, however deep the document is.
func (d *Document) Walk(visit func(Node) bool) {
	walk(d.data, visit)
}

// spot is a Node as offsets: small, because a document of 16 MiB can have as many values.
type spot struct {
	start, end       int32
	keyStart, keyEnd int32 // both 0 where there is no key
	depth            int32
	index            int32
	count            int32
	kind             Kind
	last, inArray    bool
}

func walk(data []byte, visit func(Node) bool) {
	for _, s := range spots(data) {
		n := Node{
			Kind: s.kind, Depth: int(s.depth), Index: int(s.index), InArray: s.inArray, Last: s.last, Count: int(s.count),
			Raw: data[s.start:s.end:s.end],
		}
		if s.keyEnd > 0 {
			n.Key = decodeString(data[s.keyStart:s.keyEnd])
		}
		if !visit(n) {
			return
		}
	}
}

// spots lists the values of a text that has been checked.
func spots(data []byte) []spot {
	var list []spot
	var open []int32 // the containers around the reader, as indexes into list
	last := int32(-1)
	key := span{}
	close := func(end int) {
		last = open[len(open)-1]
		open = open[:len(open)-1]
		list[last].end = int32(end)
	}
	for i := skipSpace(data, 0); i < len(data); i = skipSpace(data, i) {
		switch c := data[i]; c {
		case '}', ']':
			if last >= 0 && list[open[len(open)-1]].count > 0 {
				list[last].last = true
			}
			i++
			close(i)
			continue
		case ',':
			i++
			continue
		case '"':
			if len(open) > 0 && key == (span{}) && list[open[len(open)-1]].kind == Object {
				key = span{i, skipString(data, i)}
				i = skipSpace(data, key.end) + 1 // the colon
				continue
			}
		}
		s := spot{start: int32(i), keyStart: int32(key.start), keyEnd: int32(key.end), depth: int32(len(open)), kind: kindOf(data[i])}
		if len(open) > 0 {
			parent := &list[open[len(open)-1]]
			s.index, s.inArray = parent.count, parent.kind == Array
			parent.count++
		} else {
			s.last = true
		}
		key, last = span{}, int32(len(list))
		switch s.kind {
		case Object, Array:
			open = append(open, last)
			i++
		case String:
			i = skipString(data, i)
			s.end = int32(i)
		default:
			i = skipScalar(data, i)
			s.end = int32(i)
		}
		list = append(list, s)
	}
	return list
}
