package prompt

import "math/bits"

// SeenKey keys the marks of one Seen.
type SeenKey [16]byte

// Mark is SipHash-2-4 of token under key, never 0; the mark of no token is 0.
//
// It stands here because crypto/sha256 would have to be initialised before the fast path could ask it anything. It is
// Aumasson and Bernstein's reference algorithm, which was made for keyed marks of short texts.
func Mark(key SeenKey, token string) uint64 {
	if token == "" {
		return 0
	}
	k0, k1 := little(string(key[:8])), little(string(key[8:]))
	s := sip{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573}
	rest := token
	for ; len(rest) >= 8; rest = rest[8:] {
		s.absorb(little(rest[:8]))
	}
	s.absorb(little(rest) | uint64(len(token))<<56)
	s.v2 ^= 0xff
	for range 4 {
		s.round()
	}
	return max(1, s.v0^s.v1^s.v2^s.v3)
}

// little reads up to 8 bytes, the first one lowest.
func little(s string) (n uint64) {
	for i := len(s) - 1; i >= 0; i-- {
		n = n<<8 | uint64(s[i])
	}
	return n
}

type sip struct{ v0, v1, v2, v3 uint64 }

func (s *sip) absorb(m uint64) {
	s.v3 ^= m
	s.round()
	s.round()
	s.v0 ^= m
}

func (s *sip) round() {
	s.v0 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 13) ^ s.v0
	s.v0 = bits.RotateLeft64(s.v0, 32)
	s.v2 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 16) ^ s.v2
	s.v0 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 21) ^ s.v0
	s.v2 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 17) ^ s.v2
	s.v2 = bits.RotateLeft64(s.v2, 32)
}
