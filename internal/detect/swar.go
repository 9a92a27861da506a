package detect

import (
	"encoding/binary"
	"math/bits"
)

// nextControl returns the index of the first byte below 0x20 in p at or after i, or len(p). It looks at eight bytes
// at a time.
func nextControl(p []byte, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(p); i += 8 {
		v := binary.LittleEndian.Uint64(p[i:])
		// The lowest bit set marks the first byte below 0x20. Borrows can set wrong bits, but only above it.
		if m := (v - 0x20*ones) & ^v & high; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for ; i < len(p); i++ {
		if p[i] < 0x20 {
			break
		}
	}
	return i
}

// commonPrefix returns the length of the longest common prefix of a and b.
func commonPrefix(a string, b []byte) int {
	n := min(len(a), len(b))
	i := 0
	for ; i+8 <= n; i += 8 {
		if x := load64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); x != 0 {
			return i + bits.TrailingZeros64(x)>>3
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// load64 returns the first eight bytes of s. The compiler turns it into one load.
func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
