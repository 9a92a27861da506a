package claude

// SignIn are the arguments with which the client signs in (2.1.165, 2.1.330). It prints a URL, opens $BROWSER, and
// reads a pasted code on standard input meanwhile; standard input may be closed when the browser comes back by itself.
// It waits without a time limit. "Login successful." and status 0 prove nothing: 2.1.165 and 2.1.330 say so when they
// could not store the login; 2.1.332 fails.
var SignIn = [...]string{"auth", "login"}
