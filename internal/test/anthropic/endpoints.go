package anthropic

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/standin/service"
)

// errBody says that the endpoint does not understand the request.
var errBody = errors.New("the request's body is not what the endpoint takes")

// maxBody bounds what is read of a request, in bytes.
const maxBody = 64 << 20

// answer answers every endpoint of every host: their paths differ.
func (srv *Server) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Request-Id", "req_011STANDIN") // without it 2.1.330 does not believe a revocation
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return // the client has gone
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /v1/oauth/token":
		err = srv.token(w, r, body)
	case "POST /v1/oauth/token/revoke":
		err = srv.revoke(w, body)
	case "POST /v1/messages":
		err = srv.messages(w, r, body)
	case "GET /api/oauth/profile":
		if !srv.refused(w, r) {
			err = srv.profile(w, r)
		}
	case "POST /api/oauth/claude_cli/create_api_key":
		err = srv.createKey(w, r)
	case "GET /api/oauth/claude_cli/roles":
		if !srv.refused(w, r) {
			err = srv.roles(w, r)
		}
	case "HEAD /", "GET /api/hello", "GET /v1/oauth/hello":
		w.WriteHeader(http.StatusOK)
	default:
		if !srv.refused(w, r) {
			err = srv.service.Log(service.Request{Kind: r.Method + " " + r.URL.Path, Status: http.StatusNotFound})
			http.NotFound(w, r)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// refused answers a request with a bad token, as every endpoint does. To 2.1.330 any other answer, even a 404, proves
// that the token is good, and it notes that in the credentials file.
func (srv *Server) refused(w http.ResponseWriter, r *http.Request) bool {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if bearer == "" {
		return false
	}
	response, err := srv.service.Account(r.Method+" "+r.URL.Path, bearer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return true
	}
	if response.Status == http.StatusOK {
		return false
	}
	write(w, response)
	return true
}

func (srv *Server) token(w http.ResponseWriter, r *http.Request, body []byte) error {
	var request service.TokenRequest
	if err := decodeToken(r, body, &request); err != nil {
		return err
	}
	response, err := srv.service.Token(request, r.Context().Done())
	switch {
	case errors.Is(err, service.ErrGone):
		return nil
	case err == nil:
		write(w, response)
	}
	return err
}

func (srv *Server) revoke(w http.ResponseWriter, body []byte) error {
	var request struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	response, err := srv.service.RevokeToken(request.Token)
	if err == nil {
		write(w, response)
	}
	return err
}

// decodeToken reads the JSON that the clients send (2.1.165, 2.1.330), or the form that RFC 6749 asks for.
func decodeToken(r *http.Request, body []byte, request *service.TokenRequest) error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if err := json.Unmarshal(body, request); err != nil {
			return fmt.Errorf("%w: %w", errBody, err)
		}
		return nil
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	request.GrantType, request.RefreshToken = r.Form.Get("grant_type"), r.Form.Get("refresh_token")
	request.Code, request.Scope = r.Form.Get("code"), r.Form.Get("scope")
	return nil
}

func write(w http.ResponseWriter, response service.Response) {
	w.Header().Set("Content-Type", response.Type)
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body) // a client that has gone needs no answer
}

// profile says whose login it is, in the form of GET /api/oauth/profile.
func (srv *Server) profile(w http.ResponseWriter, r *http.Request) error {
	person, err := srv.owner(r)
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{
		"account": map[string]any{
			"uuid": person.UUID, "email": person.Email, "display_name": person.Name,
			"full_name": person.Name, "has_claude_max": true, "has_claude_pro": false,
		},
		"organization": map[string]any{
			"uuid": person.OrganizationUUID, "name": person.OrganizationName, "organization_type": "claude_max",
			"rate_limit_tier": "default_claude_max_5x", "billing_type": "stripe_subscription",
		},
	})
	if err == nil {
		write(w, service.Response{Status: http.StatusOK, Type: "application/json", Body: text})
	}
	return err
}

// owner is whose token came with the request.
func (srv *Server) owner(r *http.Request) (service.Person, error) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return srv.service.Owner(bearer)
}

// createKey makes the key of a Console sign-in.
func (srv *Server) createKey(w http.ResponseWriter, r *http.Request) error {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	response, err := srv.service.CreateKey(bearer)
	if err == nil {
		write(w, response)
	}
	return err
}

// roles says what the person may do in the organisation. The client asks for it after a sign-in (2.1.165, 2.1.330,
// 2.1.332).
func (srv *Server) roles(w http.ResponseWriter, r *http.Request) error {
	person, err := srv.owner(r)
	if err != nil {
		return err
	}
	text, err := json.Marshal(map[string]any{
		"organization_role": "developer", "workspace_role": nil, "organization_name": person.OrganizationName,
	})
	if err == nil {
		write(w, service.Response{Status: http.StatusOK, Type: "application/json", Body: text})
	}
	return err
}

func (srv *Server) messages(w http.ResponseWriter, r *http.Request, body []byte) error {
	var request messagesBody
	if err := json.Unmarshal(body, &request); err != nil {
		return fmt.Errorf("%w: %w", errBody, err)
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	answer, err := srv.service.Messages(service.MessagesRequest{
		Bearer: bearer, APIKey: r.Header.Get("X-Api-Key"), Prompt: request.prompt(), Said: request.said(),
	})
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		write(w, answer.Response)
		return nil
	}
	if request.Stream {
		return stream(w, r, request.Model, answer)
	}
	var text strings.Builder
	if err := answer.Each(r.Context().Done(), func(chunk []byte) error { text.Write(chunk); return nil }); err != nil {
		return err
	}
	whole, err := json.Marshal(message(request.Model, []any{map[string]string{"type": "text", "text": text.String()}},
		"end_turn"))
	if err == nil {
		write(w, service.Response{Status: http.StatusOK, Type: "application/json", Body: whole})
	}
	return err
}

func message(model string, content []any, stop any) map[string]any {
	return map[string]any{
		"id": "msg_01STANDIN", "type": "message", "role": "assistant", "model": model, "content": content,
		"stop_reason": stop, "stop_sequence": nil, "usage": map[string]int{"input_tokens": 10, "output_tokens": 5},
	}
}

// stream sends the answer as server-sent events, each chunk as it comes.
func stream(w http.ResponseWriter, r *http.Request, model string, answer service.Answer) error {
	w.Header().Set("Content-Type", answer.Type)
	control := http.NewResponseController(w)
	send := func(kind string, data map[string]any) error {
		data["type"] = kind
		text, err := json.Marshal(data)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", kind, text); err != nil {
			return err
		}
		return control.Flush()
	}
	_ = send("message_start", map[string]any{"message": message(model, []any{}, nil)}) // errors show again below
	_ = send("content_block_start",
		map[string]any{"index": 0, "content_block": map[string]string{"type": "text", "text": ""}})
	var rest []byte // the beginning of a character that the chunk's end has split
	err := answer.Each(r.Context().Done(), func(chunk []byte) error {
		text := append(rest, chunk...)
		whole := len(text) - cut(text)
		rest = append([]byte(nil), text[whole:]...)
		return send("content_block_delta",
			map[string]any{"index": 0, "delta": map[string]string{"type": "text_delta", "text": string(text[:whole])}})
	})
	if err != nil {
		return nil // the client has gone; the status has been sent
	}
	_ = send("content_block_stop", map[string]any{"index": 0})
	_ = send("message_delta", map[string]any{
		"delta": map[string]any{"stop_reason": "end_turn", "stop_sequence": nil}, "usage": map[string]int{"output_tokens": 5},
	})
	_ = send("message_stop", map[string]any{})
	return nil
}

// cut returns how many bytes at the end of text are the beginning of an incomplete character.
func cut(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// messagesBody is what the service reads of a request for an answer.
type messagesBody struct {
	Model    string `json:"model"`
	Stream   bool   `json:"stream"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
}

// prompt is the last text of the person's last message, without what the client adds by itself.
func (b messagesBody) prompt() string {
	for i := len(b.Messages) - 1; i >= 0; i-- {
		if b.Messages[i].Role != "user" {
			continue
		}
		if texts := personTexts(b.Messages[i].Content); len(texts) > 0 {
			return texts[len(texts)-1]
		}
	}
	return ""
}

// said is all that the person has said.
func (b messagesBody) said() []string {
	var said []string
	for _, m := range b.Messages {
		if m.Role != "user" {
			continue
		}
		for _, text := range personTexts(m.Content) {
			said = append(said, strings.TrimSpace(text))
		}
	}
	return said
}

// personTexts are the texts of a message of the person, without those that the client adds by itself.
func personTexts(content json.RawMessage) []string {
	var text string
	if json.Unmarshal(content, &text) == nil {
		return []string{text}
	}
	var blocks []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if json.Unmarshal(content, &blocks) != nil {
		return nil
	}
	var texts []string
	for _, block := range blocks {
		if block.Type == "text" && !strings.HasPrefix(block.Text, "<system-reminder>") {
			texts = append(texts, block.Text)
		}
	}
	return texts
}
