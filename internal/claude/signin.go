package claude

// SignIn is the client's arguments for signing in (2.1.165, 2.1.330). The client prints a URL, opens $BROWSER, and
// reads a pasted code from standard input meanwhile, which may be closed if the browser calls the client back. It waits
// without a time limit. "Login successful." and status 0 do not prove a login: 2.1.165 and 2.1.330 end so even when
// they could not store it. 2.1.332 fails then.
var SignIn = [...]string{"auth", "login"}

// EnvBrowser names the program that the client opens pages with. Its whole value is the program's name: with an
// argument behind it, nothing is opened (2.1.165, 2.1.332).
const EnvBrowser = "BROWSER"

// Openers are the programs that the client opens pages with where EnvBrowser is not set. It starts no other: in WSL it
// does not look for wslview (2.1.165 and 2.1.332, with the kernel's version and the variables of WSL). On macOS, read.
const (
	Opener      = "xdg-open"
	OpenerOnMac = "open"
)

// LastSilent is the last measured version whose sign-in ends as if it had succeeded when it could not store the login.
const LastSilent = V330

// SignInPrompt is what the client prints in front of the code that a person pastes. It comes with every sign-in,
// whether a browser was opened or not (2.1.163, 2.1.165, 2.1.332).
const SignInPrompt = "Paste code here if prompted >"

// SignInSays is what else the client prints while a sign-in goes well, beside the link: whole lines. 2.1.332 has
// "Signing in…" after a code that was pasted; the older ones do not.
var SignInSays = [...]string{
	"Opening browser to sign in…", "If the browser didn't open, visit:", "Signing in…", "Login successful.",
}

// SaysIncomplete is what the client says about a code that is not whole: without the # in the middle, for example. It
// waits for another one then. With a code that is whole and wrong it ends, with status 1 (2.1.165, 2.1.330, 2.1.332).
var SaysIncomplete = [...]string{
	"Invalid code. Please make sure the full code was copied.",                             // 2.1.165
	"That doesn't look like the full code. Copy all of it, including the # in the middle.", // 2.1.330, 2.1.332
}
