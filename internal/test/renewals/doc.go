// Package renewals cuts renewals off, with the real clients: commands and sessions that are ended while the token
// endpoint waits with its answer, alone and under claude-auth, side by side. Run it when you change the guard, or how a
// client is ended.
//
// A client that is ended alone must lose its login in the same test, or else the test proves nothing. `go test` runs a
// part: each way of ending once. TORTURE=full runs the whole table, with the newest client too, and the run of two
// hundred commands that are ended at random moments. docs/renewals.md has the results.
package renewals
