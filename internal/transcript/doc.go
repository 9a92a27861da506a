// Package transcript reads the transcripts in which the client records its sessions: it finds the file of a session,
// and in it the last failure to log in.
//
// A transcript is the client's own word. A conversation that quotes an error message has no entry of that kind, so what
// is found here is proof where words on a screen are only a suspicion.
package transcript
