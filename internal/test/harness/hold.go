package harness

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// touchEvery is how often a held lock is touched: a client takes a lock over after 10 s at the earliest.
const touchEvery = 2 * time.Second

// Hold makes the lock directory path and keeps it fresh, as a client does. release removes it; it may be called more
// than once.
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
				_ = os.Chtimes(path, now, now) // an error means that the test has removed the lock
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-ended
		_ = os.Remove(path) // it is gone when a test has taken it over
	}), nil
}
