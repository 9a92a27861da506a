// Package harness is what the tests of the whole program share: homes with a saved login in any state, locks held as
// the client holds them, programs on a real terminal, and the search for tokens in whatever a test has left behind.
//
// It is for tests only. The commands that scripts get from it are listed in testscripts/README.md.
package harness
