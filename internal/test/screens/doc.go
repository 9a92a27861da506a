// Package screens records what the program shows: each screen at 80 and at 40 columns, as text in docs/screens, and the
// repair as an SVG for the README. The recordings come from real runs of the program, with the stand-in client, on a
// real terminal (tmux).
//
// The test compares: a changed word is a failing test and, after `make screens`, a changed file that a reviewer reads.
// To add a screen, add an entry to table_test.go and run `make screens`.
//
// A recording is the same on every machine and at every time. Each run has a new home, in whose time zone it is 9:41
// when the run begins. Dates are moved so that it is 14 March 2026. What still differs (the seconds, the random part of
// a link) is overwritten with fixed characters of the same width, so that lines break where they broke.
package screens
