package diagnose

import (
	"errors"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// unreadableItem reports an item of the keychain that only the client cannot read. It is written again for that, and
// the login in it works.
func unreadableItem(e Evidence) bool { return errors.As(e.StoreErr, new(*credentials.HexItemError)) }

// tellStoreErr says what is wrong with the keychain, and what helps.
func tellStoreErr(e Evidence) (message, hint string) {
	return e.StoreErr.Error(), ui.HintOf(e.StoreErr)
}
