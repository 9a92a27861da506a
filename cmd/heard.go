package cmd

import (
	"time"

	"github.com/claude-auth/claude-auth/internal/ui"
)

// lastFailure is the failure with which the client ended last, and which no answer has followed.
type lastFailure struct {
	Time  time.Time `json:"time"`
	Seen  string    `json:"seen"` // the client's words
	Class string    `json:"class"`
	Dir   string    `json:"dir,omitempty"` // where the client was started
}

// lastFailureOf returns nil when there is none.
func lastFailureOf(r report) *lastFailure {
	f := r.heard.Failure
	if f == nil {
		return nil
	}
	return &lastFailure{f.Time.UTC(), f.Text, string(f.Class), f.Dir}
}

// row is the failure for people.
func (f *lastFailure) row(p *program) []ui.Cell {
	where := ""
	if f.Dir != "" && f.Dir != p.workingDir() {
		where = " in " + f.Dir
	}
	return []ui.Cell{{Text: "last failure"}, {Text: minute(f.Time) + where + ": " + f.Seen, Style: ui.Warn}}
}
