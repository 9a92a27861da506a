//go:build race

package emulator

// RaceEnabled says that the race detector runs, which needs time and memory.
const RaceEnabled = true
