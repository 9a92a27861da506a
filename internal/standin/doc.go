// Package standin is a stand-in for the client: a program `claude` that signs in, renews its tokens, answers, and fails
// as Claude Code does, each version from the oldest of claude.Tested on, without a network. `claude-auth demo` runs it,
// and tests do.
//
// It says what the real client says, on the same stream, with the same status, and writes the same files. The scripts
// under testscripts/client check that: they run against both, and where the two differ the stand-in is wrong. Only
// between retries it does not pause.
//
// Instead of Anthropic it asks the package service, directly and without a socket. The program that it is part of links
// no network code, so its sign-in listens on a FIFO, and its redirect_uri is a file: URL (see Browser).
//
// Environment, beside the client's own:
//
//	CLAUDE_AUTH_STANDIN_SERVICE  the directory of the service; required where the service is asked
//	STANDIN_VERSION              the version; by default claude.Newest
//	STANDIN_STREAM               not empty: -p text output is written as it comes, as no client does yet
//	STANDIN_MCP_SERVE            not empty: mcp serve does not renew, as no client does yet; see EnvServe
package standin
