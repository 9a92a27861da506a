package cmd

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/claude-auth/claude-auth/internal/diagnose"
	"github.com/claude-auth/claude-auth/internal/ledger"
	"github.com/claude-auth/claude-auth/internal/ui"
)

var _ = register("history", func() command {
	return command{
		group: groupLogin, rank: 90,
		usage: "show the life of each login: signed in, renewed, rejected, removed",
		description: "It shows what claude-auth has seen of this credentials file: each command looks at it. " +
			"Logins are named by\nfingerprints, which do not reveal a token.",
		flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "show the logins of all credentials files"},
			jsonFlag(),
		},
		run:       (*program).history,
		readsOnly: true,
		examples: "claude-auth history   # the life of each login\n" +
			"claude-auth history --json   # the same, for a program",
	}
})

func (p *program) history(c *cli.Context) error {
	repairer, err := p.reader(c)
	if err != nil {
		return err
	}
	snapshot := p.snapshot(c.Context)
	p.tellCutOff(snapshot)
	_, _, replay, err := repairer.History(snapshot) // the saved login is part of the history
	if err != nil {
		return p.historyFailed(err)
	}
	var lives []ledger.Life
	for _, life := range replay.Lives() {
		if c.Bool("all") || life.File == p.paths.Credentials {
			lives = append(lives, life)
		}
	}
	if c.Bool("json") {
		return p.historyJSON(lives, replay.OldestDeath())
	}
	if len(lives) == 0 {
		p.ui.Text("No login on record for " + p.paths.Credentials + "\n")
		return nil
	}
	p.drawLives(lives, c.Bool("all"))
	if oldest := replay.OldestDeath(); oldest > 0 {
		p.ui.Text(fmt.Sprintf("\nLogins here were rejected after up to %s\n", ui.Roughly(oldest)))
	}
	return nil
}

// lifeDocument is one life in --json. Members are only ever added.
type lifeDocument struct {
	File               string             `json:"file"`
	AccessFingerprint  string             `json:"access_fingerprint,omitempty"`
	RefreshFingerprint string             `json:"refresh_fingerprint,omitempty"`
	SignedInAt         time.Time          `json:"signed_in_at,omitzero"`
	FirstSeenAt        time.Time          `json:"first_seen_at,omitzero"`
	OtherAccount       bool               `json:"other_account,omitempty"` // than that of the login before
	Renewals           int                `json:"renewals"`
	Guarded            int                `json:"guarded_renewals"` // of these, made by this program
	RenewedAt          []time.Time        `json:"renewed_at,omitempty"`
	LastRenewedAt      time.Time          `json:"last_renewed_at,omitzero"`
	RefreshExpiresAt   time.Time          `json:"refresh_expires_at,omitzero"`
	EndedAt            time.Time          `json:"ended_at,omitzero"`
	Ended              string             `json:"ended,omitempty"` // rejected, wiped, signed-out or replaced
	AgeSeconds         int64              `json:"age_seconds"`
	AgeExact           bool               `json:"age_exact"` // false: it is at least that old
	Rejection          *rejectionDocument `json:"rejection,omitempty"`
	Interrupted        *interruption      `json:"interrupted,omitempty"` // a renewal of the last tokens
}

// interruption is a renewal that was interrupted before its tokens were stored.
type interruption struct {
	Time time.Time `json:"time"`
	By   string    `json:"by,omitempty"` // what interrupted it; missing where nobody saw it
}

func interruptionOf(e *ledger.Event) *interruption {
	if e == nil {
		return nil
	}
	return &interruption{e.Time.UTC(), e.InterruptedBy()}
}

// String says when it was and, where that is known, what did it.
func (i *interruption) String() string { return "its renewal " + diagnose.Interrupted(i.Time, i.By) }

type rejectionDocument struct {
	Time  time.Time `json:"time"`
	Rule  string    `json:"rule,omitempty"`
	Seen  string    `json:"seen,omitempty"` // the client's words
	Where string    `json:"where,omitempty"`
}

func rejectionOf(e *ledger.Event) *rejectionDocument {
	if e == nil {
		return nil
	}
	return &rejectionDocument{e.Time.UTC(), e.Detail["rule"], e.Detail["phrase"], e.Detail["where"]}
}

func (p *program) historyJSON(lives []ledger.Life, oldest time.Duration) error {
	documents := make([]lifeDocument, 0, len(lives))
	for _, life := range lives {
		age, exact := life.Age(p.now())
		document := lifeDocument{
			File: life.File, AccessFingerprint: life.Login.Access, RefreshFingerprint: life.Login.Refresh,
			SignedInAt: life.SignedIn.UTC(), FirstSeenAt: life.FirstSeen.UTC(),
			OtherAccount: life.OtherAccount,
			Renewals:     life.Renewals, Guarded: life.Guarded, LastRenewedAt: life.LastRenewed.UTC(),
			RefreshExpiresAt: life.RefreshExpiresAt.UTC(),
			EndedAt:          life.Ended.UTC(), Ended: string(life.How), AgeSeconds: int64(age / time.Second), AgeExact: exact,
			Rejection: rejectionOf(life.Rejection), Interrupted: interruptionOf(life.Cut),
		}
		for _, at := range life.RenewedAt {
			document.RenewedAt = append(document.RenewedAt, at.UTC())
		}
		documents = append(documents, document)
	}
	return p.ui.JSON(struct {
		Schema       int            `json:"schema"`
		Lives        []lifeDocument `json:"lives"`
		OldestDeathS int64          `json:"oldest_rejected_age_seconds,omitempty"`
	}{1, documents, int64(oldest / time.Second)})
}
