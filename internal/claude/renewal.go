package claude

import "strings"

// DebugFile is the flag that names the file of the client's log. The log has no token (2.1.165, 2.1.330, 2.1.332).
const DebugFile = "--debug-file"

// What the log says when the token endpoint has not renewed a login: the status of the answer or the error of the
// network after renewalFailed, or renewalStatus and the status of an outage (2.1.165, 2.1.330, 2.1.332).
const (
	renewalFailed = "OAuth refresh failed (expected): "
	renewalStatus = "/v1/oauth/token,status="
	withStatus    = "Request failed with status code "
)

// RenewalFailure is why a renewal brought no new tokens, according to the client's log. The zero RenewalFailure means
// that the log says nothing.
type RenewalFailure struct {
	Status string // of the token endpoint's answer, as "401"; "" when there was no answer
	Text   string // for people
	Lost   bool   // the request was sent, and no answer came: the refresh token may be spent
}

// Rejected reports whether the service has rejected the refresh token. A 403 also comes from what stands between the
// client and the service, such as a company's proxy.
func (f RenewalFailure) Rejected() bool { return f.Status == "400" || f.Status == "401" }

// FindRenewalFailure finds the last failure of a renewal in a log of the client.
func FindRenewalFailure(log string) RenewalFailure {
	if i := strings.LastIndex(log, renewalFailed); i >= 0 {
		text, _, _ := strings.Cut(log[i+len(renewalFailed):], "\n")
		if status, answered := strings.CutPrefix(text, withStatus); answered {
			return answeredWith(status)
		}
		return unanswered(strings.TrimSpace(text))
	}
	if i := strings.LastIndex(log, renewalStatus); i >= 0 {
		return answeredWith(log[i+len(renewalStatus):])
	}
	return RenewalFailure{}
}

// unanswered tells an answer that did not come, which the client gives up after 30 s, from a service that could not be
// asked at all (2.1.165, 2.1.330, 2.1.332).
func unanswered(cause string) RenewalFailure {
	for _, lost := range []string{"timeout of ", "socket hang up", "ECONNRESET"} {
		if strings.Contains(cause, lost) {
			return RenewalFailure{Text: "Anthropic did not answer (" + cause + "); the login may be lost", Lost: true}
		}
	}
	return RenewalFailure{Text: "Anthropic could not be reached (" + cause + ")"}
}

// answeredWith takes the digits at the beginning of text for the status of an answer.
func answeredWith(text string) RenewalFailure {
	status := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	return RenewalFailure{Status: status, Text: "Anthropic answered with status " + status}
}
