package standin

import (
	"bytes"
	"os"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// recall shows what was said before in a resumed session.
func (v *conversation) recall() {
	text, err := os.ReadFile(v.session.path)
	if err != nil {
		return // a new session
	}
	for line := range bytes.Lines(text) {
		entry, err := parse(line)
		if err != nil {
			continue // not complete
		}
		message := get[*object](entry, "message")
		switch get[string](entry, "type") {
		case "user":
			v.last = get[string](message, "content")
			v.screen.said = append(v.screen.said, said{"❯", colorPerson, v.last})
		case "assistant":
			color := colorModel
			if get[bool](entry, claude.APIErrorKey) {
				color = colorFailure
			}
			for _, block := range get[[]any](message, "content") {
				content, _ := block.(*object)
				v.screen.said = append(v.screen.said, said{"●", color, get[string](content, "text")})
			}
		}
	}
	for _, message := range v.screen.said {
		v.screen.message(message)
	}
}
