package claude

import "strings"

// DebugFileFlag, before the subcommand, has the client write its debug log to the file that follows, mode 0644 less the
// umask. The log has no token (2.1.165, 2.1.330, 2.1.332).
const DebugFileFlag = "--debug-file"

// renewalFailed is how a line of the debug log goes on after its time and `[ERROR] ` when a renewal has failed with one
// of the statuses in refusals, or without a network: then no status follows. After a 500 the line is another (2.1.165,
// 2.1.330, 2.1.332).
const renewalFailed = "OAuth refresh failed (expected): Request failed with status code "

// refusals are the answers of the token endpoint that say that a login is rejected.
var refusals = [...]string{"400", "401", "403"}

// RenewalRefused looks in the client's debug log for a renewal that the service has rejected, and returns its status.
// What the log has of an outage does not count: a 500, or no network.
func RenewalRefused(log string) (status string, refused bool) {
	for line := range strings.Lines(log) {
		_, rest, found := strings.Cut(line, renewalFailed)
		if !found {
			continue
		}
		for _, status := range refusals {
			if strings.TrimSpace(rest) == status {
				return status, true
			}
		}
	}
	return "", false
}
