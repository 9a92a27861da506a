//go:build !linux

package runner

// live carries the live input.
func (f *feed) live() { f.readAhead() }
