package diagnose

import (
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/credentials"
)

// Fact says in short what a sign-in would fix, for those who ask whether to sign in. The verdict's message says more.
type Fact struct {
	Line   string // one line, without a full stop
	Title  string // the same for the title of a panel
	Reason string // why, in a sentence below the title; "" for nothing
}

// FactOf returns the fact of a verdict. said is what the client said when it failed, or "".
func FactOf(v Verdict, e Evidence, said string) Fact {
	const stopped = "Your Claude Code login has stopped working"
	said = ShortPhrase(said)
	switch v.Cause {
	case RejectedLogin:
		if e.State == credentials.Expired && !rejected(e) {
			const expired = "Your Claude Code login has expired"
			return Fact{expired, expired, "It cannot renew itself."}
		}
		line, reason := because("Your Claude Code login was rejected", said), because("Anthropic rejected it", said)+"."
		return Fact{line, stopped, reason}
	case RejectedKey:
		return Fact{
			because("The API key of your Console sign-in was rejected", said),
			"The API key of your Console sign-in has stopped working", because("Anthropic rejected it", said) + ".",
		}
	case Scope:
		if e.State == credentials.Limited {
			lacks := "Your Claude Code login lacks the permission " + claude.InferenceScope
			return Fact{lacks, lacks, "Claude Code does not use it."}
		}
		lacks := "Your Claude Code login lacks a permission that Claude Code needs"
		return Fact{lacks, lacks, because("Anthropic rejected it", said) + "."}
	case NoLogin:
		if e.State == credentials.Blank {
			return Fact{"Your Claude Code login was rejected", stopped, "Anthropic rejected it."}
		}
		return Fact{"You are not signed in to Claude Code", "You are not signed in to Claude Code", "No login is saved."}
	case Corrupt:
		return Fact{"The credentials file of Claude Code is damaged", "The credentials file of Claude Code is damaged", ""}
	}
	return Fact{Line: v.Message, Title: stopped, Reason: v.Message}
}

func because(fact, why string) string {
	if why == "" {
		return fact
	}
	return fact + ": " + why
}

// longestPhrase is how much of the client's words a short text has, in characters.
const longestPhrase = 60

// ShortPhrase returns what the client's message says about the reason: "401 Invalid authentication credentials" of
// "Please run /login · API Error: 401 Invalid authentication credentials". It leaves the client's own advice out.
func ShortPhrase(said string) string {
	said = strings.Join(strings.Fields(said), " ")
	if _, reason, ok := strings.Cut(said, "API Error: "); ok {
		said = reason
	}
	said, _, _ = strings.Cut(said, " · ")
	said, _, _ = strings.Cut(said, ". Please ")
	said = strings.TrimRight(said, ".")
	if text := []rune(said); len(text) > longestPhrase {
		said = string(text[:longestPhrase-1]) + "…"
	}
	return said
}
