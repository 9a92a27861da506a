package harness

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// touchEvery is how often a held lock is kept fresh: the shortest time after which a client takes one over is 10 s.
const touchEvery = 2 * time.Second

// Hold makes the lock directory path and keeps it fresh, as a client that is at work does. release removes it; it may
// be called more than once.
func Hold(path string) (release func(), err error) {
	if err := os.Mkdir(path, 0o755); err != nil {
		return nil, fmt.Errorf("hold a lock: %w", err)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(touchEvery)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case now := <-ticker.C:
				_ = os.Chtimes(path, now, now) // a test that takes the lock away sees what it did
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-ended
		_ = os.Remove(path) // gone already when a test took it over
	}), nil
}
