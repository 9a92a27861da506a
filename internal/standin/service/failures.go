package service

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Response is what an endpoint answers in one piece.
type Response struct {
	Status int
	Type   string // content type
	Body   []byte
}

// Status codes of responses. The program may not link net/http, which has names for them too.
const (
	OK           = 200
	BadRequest   = 400
	Unauthorized = 401
	Forbidden    = 403
	ServerError  = 500
)

const (
	typeJSON = "application/json"
	typeHTML = "text/html"
)

// failure is an error that the messages endpoint answers.
type failure struct {
	name    string // in the settings messages and unauthorized
	status  int
	kind    string // the error's type; empty: an HTML page
	message string
}

// failures are the errors of the messages endpoint for which 2.1.165 or 2.1.330 has different words.
var failures = []failure{
	{"401", 401, "authentication_error", "Invalid authentication credentials"},
	{"401-bearer", 401, "authentication_error", "Invalid bearer token"},
	{"401-expired", 401, "authentication_error",
		"OAuth token has expired. Please obtain a new token or refresh your existing token."},
	{"401-reauthenticate", 401, "authentication_error",
		"OAuth access token has expired. Re-authenticate to continue."},
	{"401-key", 401, "authentication_error", "invalid x-api-key"},
	{"401-html", 401, "", "Authorization Required"},
	{"403-revoked", 403, "permission_error", "OAuth token has been revoked. Please obtain a new token."},
	{"403-scope", 403, "permission_error", "OAuth token does not meet scope requirement user:inference"},
	{"403-organization", 403, "permission_error",
		"OAuth authentication is currently not allowed for this organization."},
	{"403-member", 403, "permission_error", "Account is no longer a member of the organization associated with it."},
	{"403-blocked", 403, "forbidden", "Request not allowed"},
	{"403-html", 403, "", "Forbidden"},
	{"400-disabled", 400, "invalid_request_error", "This organization has been disabled."},
	{"429", 429, "rate_limit_error", "This request would exceed your account's rate limit. Please try again later."},
	{"500", 500, "api_error", "Internal server error"},
	{"502-html", 502, "", "Bad Gateway"},
	{"503", 503, "api_error", "Service Unavailable"},
	{"503-html", 503, "", "Service Unavailable"},
	{"529", 529, "overloaded_error", "Overloaded"},
}

// failureNamed returns the failure of that name, which must be one of Failures.
func failureNamed(name string) failure {
	return failures[slices.IndexFunc(failures, func(f failure) bool { return f.name == name })]
}

// Failures lists the names of the failures that the messages endpoint can answer with.
func Failures() []string {
	names := make([]string, len(failures))
	for i, f := range failures {
		names[i] = f.name
	}
	return names
}

func (f failure) response() Response {
	if f.kind == "" {
		title := strconv.Itoa(f.status) + " " + f.message
		page := "<html>\r\n<head><title>" + title + "</title></head>\r\n" +
			"<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"
		return Response{f.status, typeHTML, []byte(page)}
	}
	return jsonResponse(f.status, map[string]any{
		"type":       "error",
		"error":      map[string]string{"type": f.kind, "message": f.message},
		"request_id": "req_011STANDIN",
	})
}

// Message is the message that the client finds in the body of an error: the JSON error's, or the whole body.
func (r Response) Message() string {
	var body struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(r.Body, &body) == nil && body.Error.Message != "" {
		return body.Error.Message
	}
	return string(r.Body)
}

func jsonResponse(status int, body any) Response {
	text, err := json.Marshal(body)
	if err != nil { // the bodies are maps of strings and numbers
		panic(err)
	}
	return Response{status, typeJSON, text}
}
