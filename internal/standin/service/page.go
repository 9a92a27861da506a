package service

import "time"

// codeLife is how long an authorization code is good.
const codeLife = 10 * time.Minute

// ConsoleHost is the host of the sign-in page for a Console account. The page for a claude.ai account is elsewhere.
const ConsoleHost = "platform.claude.com"

// Authorize plays the sign-in page on that host. It returns a code for the client, or that the person said no (Refused)
// or gave no answer (Ignored, Hung). The client asks for the same scopes on both pages; each gives those of its kind of
// account.
func (s *Service) Authorize(host string) (Page, error) {
	scope := ""
	if host == ConsoleHost {
		scope = ConsoleScopes
	}
	var page Page
	err := s.update(func(st *state) error {
		switch st.Settings.Browser {
		case "refuse":
			page = Page{Kind: Refused}
		case "nothing":
			page = Page{Kind: Ignored}
		case "hang":
			page = Page{Kind: Hung}
		default:
			page = Page{Kind: Allowed, Code: st.issue("", token{
				Kind: "code", Scope: scope, Owner: st.Settings.Account, Expires: s.now().Add(codeLife),
			})}
		}
		return s.log(Request{Kind: "authorize", Status: 302})
	})
	return page, err
}

// ShowCode plays the sign-in page on another machine, where a person signs in and is shown a code to paste. What the
// setting Browser says is about the browser on this machine.
func (s *Service) ShowCode() (code string, err error) {
	err = s.update(func(st *state) error {
		code = st.issue("", token{Kind: "code", Owner: st.Settings.Account, Expires: s.now().Add(codeLife)})
		return s.log(Request{Kind: "authorize", Status: 200})
	})
	return code, err
}

// Page is the result of the sign-in page. Code is set when Kind is Allowed.
type Page struct {
	Kind PageKind
	Code string
}

// PageKind says what the person at the sign-in page did.
type PageKind int

// What the person did.
const (
	Allowed PageKind = iota
	Refused          // said no: error=access_denied
	Ignored          // closed the page
	Hung             // left it open
)
