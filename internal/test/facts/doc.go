// Package facts says what a version of the client does differently from what this program knows: it runs the tests that
// state facts with that client, and looks for its texts about sign-in. Use it through `make facts` and `make phrases`.
package facts
