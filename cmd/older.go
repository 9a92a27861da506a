package cmd

import (
	"fmt"
	"time"

	"github.com/claude-auth/claude-auth/internal/running"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// maxOlder is how many clients the text of status lists. doctor lists all.
const maxOlder = 4

// olderRows says which clients began before the sign-in. It lists those that need something, and counts the others
// where they are many.
func (r report) olderRows() (rows [][]ui.Cell) {
	console := !r.snapshot.Console.IsZero()
	var noticing, needy []running.Client
	for _, client := range r.older {
		if client.Needs(console) == running.Nothing {
			noticing = append(noticing, client)
		} else {
			needy = append(needy, client)
		}
	}
	name := "running"
	add := func(text string, style ui.Style) {
		rows = append(rows, []ui.Cell{{Text: name}, {Text: text, Style: style}})
		name = ""
	}
	for _, client := range needy[:min(len(needy), maxOlder)] {
		add(client.Place()+" began before this login: "+client.Advice(console), ui.Warn)
	}
	if more := len(needy) - maxOlder; more > 0 {
		add(fmt.Sprintf("and %d more: run 'claude-auth doctor'", more), ui.Warn)
	}
	if len(noticing) > 1 {
		add(fmt.Sprintf("%d Claude Code processes began before this login; each uses it from its next request",
			len(noticing)), ui.Plain)
	} else if len(noticing) == 1 {
		add(noticing[0].Place()+" "+noticing[0].Advice(console), ui.Plain)
	}
	return rows
}

// olderClient is a client that began before the sign-in.
type olderClient struct {
	PID       int           `json:"pid"`
	Kind      running.Kind  `json:"kind"`
	Dir       string        `json:"dir,omitempty"`
	SessionID string        `json:"session_id,omitempty"`
	Job       string        `json:"job,omitempty"` // the name of a background session
	StartedAt time.Time     `json:"started_at"`
	Needs     running.Helps `json:"needs"`
	Advice    string        `json:"advice"`
}

func olderClients(r report) (clients []olderClient) {
	console := !r.snapshot.Console.IsZero()
	for _, c := range r.older {
		clients = append(clients, olderClient{
			c.PID, c.Kind, c.Dir, c.SessionID, c.Job, c.Started.UTC().Truncate(time.Second), c.Needs(console), c.Advice(console),
		})
	}
	return clients
}
