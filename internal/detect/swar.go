package detect

import (
	"encoding/binary"
	"math/bits"
)

// nextControl returns the index of the first byte below 0x20 in p at or after
// i, or len(p). It looks at eight bytes at a time.
func nextControl(p []byte, i int) int {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(p); i += 8 {
		v := binary.LittleEndian.Uint64(p[i:])
		// The lowest bit set marks the first byte below 0x20; borrows can
		// only set wrong ones above it.
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
