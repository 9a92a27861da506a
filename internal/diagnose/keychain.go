package diagnose

import (
	"errors"

	"github.com/claude-auth/claude-auth/internal/credentials"
	"github.com/claude-auth/claude-auth/internal/ui"
)

// unreadableItem reports that the keychain has an item that the client cannot read, though its login may work.
func unreadableItem(e Evidence) bool { return errors.As(e.StoreErr, new(*credentials.HexItemError)) }

// tellStoreErr says what is wrong with the keychain, and which command helps.
func tellStoreErr(e Evidence) (message, hint string) {
	return e.StoreErr.Error(), ui.HintOf(e.StoreErr)
}
