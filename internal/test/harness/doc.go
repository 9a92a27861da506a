// Package harness has what tests of the whole program share: homes with a saved login in any state, locks held as the
// client holds them, programs on a real terminal, and the search for tokens in what a test has left behind. Use it when
// a test runs the built program.
//
// The commands that scripts get from it are listed in testscripts/README.md.
package harness
