package runner

import (
	"os"
	"testing"
)

func BenchmarkModes(b *testing.B) {
	p, err := os.ReadFile("/tmp/m4.bin")
	if err != nil {
		b.Skip()
	}
	b.SetBytes(int64(len(p)))
	m := newModes()
	for b.Loop() {
		v := m.version
		for q := p; len(q) > 0; {
			n := min(4095, len(q))
			m.Write(q[:n])
			q = q[n:]
		}
		if b.N < 2 {
			b.Log(m.version - v)
		}
	}
}
