package credentials

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// KeychainView is what a keychain, and the file beside it, have of the client's logins. It has no secret.
type KeychainView struct {
	Item     string // the service of the client's item
	Account  string
	Exists   bool
	Err      error // why the item cannot be read, by the client or at all
	Partial  bool  // Snapshot.Partial
	Sealed   bool  // a part of the document is in a second item
	File     string
	InFile   bool // the file has a login too
	SameFile bool // and the same one
	Uses     bool // the client uses the item

	Copies   int      // how many items have this service and account: more than one are in several keychains
	Accounts []string // other accounts that have an item of this service
	Services []string // services of the client's items for other directories
}

// Inspect looks at the keychain and the file for doctor.
func (k *KeychainStore) Inspect(ctx context.Context) KeychainView {
	it, err := k.readItem(ctx)
	v := KeychainView{
		Item: k.Service, Account: k.Account, Exists: it.Exists, Err: err, Partial: it.Partial,
		Sealed: len(it.sealed) > 0, File: k.File.Path, Uses: it.counts,
	}
	if err == nil {
		v.Err = it.Err
	}
	if file, err := k.File.Read(ctx); err == nil && file.Doc != nil && file.Doc.HoldsLogin() {
		v.InFile = true
		ours, theirs := it.Login(), file.Login()
		v.SameFile = ours != nil && theirs != nil && ours.AccessToken.Equal(theirs.AccessToken)
	}
	k.list(ctx, &v)
	return v
}

// attribute is a line of what `security dump-keychain` prints of an item.
var attribute = regexp.MustCompile(`(?m)^ +"(acct|svce)"<blob>="(.*)"$`)

// list notes which other items there are. It reads no secret; without an answer there are none.
func (k *KeychainStore) list(ctx context.Context, v *KeychainView) {
	out, status, err := k.security(ctx, nil, "dump-keychain")
	if err != nil || status != 0 {
		return
	}
	for _, block := range strings.Split(string(out), "keychain: ") {
		var account, service string
		for _, m := range attribute.FindAllStringSubmatch(block, -1) {
			if m[1] == "acct" {
				account = m[2]
			} else {
				service = m[2]
			}
		}
		switch {
		case !strings.HasPrefix(service, claude.KeychainService), strings.Contains(service, claude.KeychainOverflow):
		case service != k.Service:
			v.Services = append(v.Services, service)
		case account == k.Account:
			v.Copies++
		default:
			v.Accounts = append(v.Accounts, account)
		}
	}
	slices.Sort(v.Accounts)
	slices.Sort(v.Services)
}

// IsHex reports whether only the client cannot read the item: KeychainStore.Repair helps.
func (v KeychainView) IsHex() bool { return errors.As(v.Err, new(*HexItemError)) }
