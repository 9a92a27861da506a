package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/claude-auth/claude-auth/internal/credentials"
)

const (
	completeWithin = 100 * time.Millisecond // for a file that is being written meanwhile
	completeFlat   = 256 << 10              // from this size on in bytes, paths are completed a level at a time
)

// completePath offers the paths of the document that begin with current: those in one container, and as many levels
// below it as can be offered. It offers keys, never a value. It does not ask the keychain, which may ask the person.
func (p *program) completePath(args []string, current string) answer {
	if len(args) > 0 {
		return answer{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), completeWithin)
	defer cancel()
	snapshot, err := credentials.NewFileStore(p.paths.Credentials).Read(ctx)
	if err != nil || snapshot.Doc == nil {
		return answer{}
	}
	list := snapshot.Doc.Complete(current)
	for snapshot.Size < completeFlat {
		next := oneLevelDeeper(snapshot.Doc, list)
		if len(next) == len(list) || len(next) > maxCandidates {
			break
		}
		list = next
	}
	var a answer
	for _, completion := range list {
		about := completion.Kind.String()
		if credentials.SecretPath(completion.Path) {
			about = "secret"
		}
		a.list = append(a.list, candidate{completion.Path, about})
	}
	return a
}

// oneLevelDeeper adds to each container of the list its members, unless they are in the list already.
func oneLevelDeeper(doc *credentials.Document, list []credentials.Completion) (next []credentials.Completion) {
	for i, completion := range list {
		next = append(next, completion)
		inside := completion.Path + "."
		isContainer := completion.Kind == credentials.Object || completion.Kind == credentials.Array
		isListed := i+1 < len(list) && strings.HasPrefix(list[i+1].Path, inside)
		if isContainer && !isListed && len(next) <= maxCandidates {
			next = append(next, doc.Complete(inside)...)
		}
	}
	return next
}
