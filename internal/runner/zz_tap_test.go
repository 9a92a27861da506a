package runner

import "os"

var sinkSum uint32

func tapCost(p []byte) {
	// about 2.5 ns a byte
	h := sinkSum
	for _, c := range p {
		h = (h ^ uint32(c)) * 16777619
		h ^= h >> 15
		h *= 0x2c1b3c6d
	}
	sinkSum = h
}

func init() {
	if os.Getenv("RUNNER_TAP") == "sync" {
		testTap = tapCost
	}
	if os.Getenv("RUNNER_TAP") == "async" {
		ch := make(chan []byte, 6)
		free := make(chan []byte, 8)
		for i := 0; i < 8; i++ {
			free <- make([]byte, 32<<10)
		}
		go func() {
			for b := range ch {
				tapCost(b)
				free <- b[:cap(b)]
			}
		}()
		testTap = func(p []byte) { b := <-free; ch <- b[:copy(b, p)] }
	}
}

func BenchTap(b *testingB) {}
type testingB struct{}
