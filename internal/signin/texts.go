package signin

import (
	"fmt"
	"time"
)

// These are all the words of the sign-in screen. The rows of a screen at 80 columns:
//
//	Sign in with your browser. On another machine? Open this link there, and paste
//	the code here.
//	https://claude.ai/oauth/authorize?…
//	The link is on your clipboard, if your terminal allows that.
//
//	Waiting for you to finish signing in…  4:52 left
//	Ctrl-C  cancel and keep the old login     Tab  show a QR code
//	Code:
const (
	sayHere      = "Sign in with your browser. On another machine? Open this link there, and paste the code here."
	sayElsewhere = "Open this link in the browser of your own machine, and paste the code here."
	sayClipboard = "The link is on your clipboard, if your terminal allows that."
	sayWaiting   = "Waiting for you to finish signing in…"
	SayChecking  = "Claude Code is checking the code…"
	sayEnding    = "Ending the sign-in…"
	sayCode      = "Code: "

	doesCancel = "cancel"
	doesKeep   = "cancel and keep the " // and Request.Keeps
	doesQR     = "show a QR code"
	doesHideQR = "hide the QR code"
	doesHide   = "hide this line" // of sayNoRoom
)

// sayLeft says how much time is left, by the second.
func sayLeft(left time.Duration) string {
	seconds := int(max(left+time.Second-1, 0) / time.Second)
	return fmt.Sprintf("%d:%02d left", seconds/60, seconds%60)
}

// sayNoRoom says that the window is too small for the QR code.
func sayNoRoom(columns, rows int) string {
	return fmt.Sprintf("The QR code needs a window of %d columns and %d rows.", columns, rows)
}
