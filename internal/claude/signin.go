package claude

// SignIn is the client's arguments for signing in (2.1.165, 2.1.330). The client prints a URL, opens $BROWSER, and
// reads a pasted code from standard input meanwhile, which may be closed if the browser calls the client back. It waits
// without a time limit. "Login successful." and status 0 do not prove a login: 2.1.165 and 2.1.330 end so even when
// they could not store it. 2.1.332 fails then.
var SignIn = [...]string{"auth", "login"}

// EnvBrowser names the program that the client opens pages with.
const EnvBrowser = "BROWSER"

// LastSilent is the last measured version whose sign-in ends as if it had succeeded when it could not store the login.
const LastSilent = V330
