package standin

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// EnvSecurity is the program `security` of a stand-in that keeps its login in a keychain, as the client does on macOS.
// Everything here is read in the client's text (package claude, keychain.go): it was never compared with a client.
const EnvSecurity = "STANDIN_SECURITY"

// keychain is the client's keychain; its tool is "" where there is none.
func (c *client) keychain() (tool, service, account string) {
	tool, service, account = c.Env.Get(EnvSecurity), claude.KeychainService, c.Env.Get("USER")
	dir, named := c.Env.Lookup(claude.EnvStorageDir)
	if !named {
		dir = c.Env.Get(claude.EnvConfigDir)
	}
	if dir != "" {
		service += fmt.Sprintf("-%x", sha256.Sum256(norm.NFC.Bytes([]byte(dir))))[:1+claude.KeychainSuffix]
	}
	if !regexp.MustCompile(`^[a-zA-Z0-9._-]+$`).MatchString(account) {
		account = claude.KeychainAccount
	}
	return tool, service, account
}

// security runs the tool, and returns its output without white space around it.
func (c *client) security(stdin string, args ...string) (out []byte, status int) {
	tool, _, _ := c.keychain()
	command := exec.Command(tool, args...)
	command.Env, command.Stdin = c.Env.Environ(), strings.NewReader(stdin)
	out, err := command.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return nil, exit.ExitCode()
	case err != nil:
		return nil, -1
	}
	return bytes.TrimSpace(out), 0
}

// readItem reads the item. It is nil when there is none, or none that the client understands; failed says that a write
// is not to be tried.
func (c *client) readItem() (item *object, failed bool) {
	_, service, account := c.keychain()
	out, status := c.security("", "find-generic-password", "-a", account, "-w", "-s", service)
	switch status {
	case 0:
		if o, err := parse(out); err == nil {
			return o, false
		}
		return nil, false
	case claude.KeychainNoItem, claude.KeychainLocked:
		return nil, false
	}
	return nil, true
}

// storeInKeychain writes the document into the item, or where that fails into the file. What it was read from decides
// which of the two is removed.
func (c *client) storeInKeychain(doc *object, hadItem bool) error {
	_, service, account := c.keychain()
	text := stringify(doc)
	if c.dialect.version >= claude.KeychainASCII {
		text = escapeAll(text)
	}
	line := fmt.Sprintf("add-generic-password -U -a %q -s %q -X \"%x\"\n", account, service, text)
	status := 0
	if len(line) <= claude.KeychainLine {
		_, status = c.security(line, "-i")
	} else {
		_, status = c.security("", "add-generic-password", "-U", "-a", account, "-s", service, "-X", fmt.Sprintf("%x", text))
	}
	if status == 0 {
		if !hadItem {
			return removeFile(c.paths.Credentials)
		}
		return nil
	}
	if err := replaceFile(c.paths.Credentials, stringify(doc)); err != nil {
		return err
	}
	if hadItem {
		c.security("", "delete-generic-password", "-a", account, "-s", service)
	}
	return nil
}

// escapeAll writes what is not printable ASCII as \uXXXX.
func escapeAll(text []byte) []byte {
	var out []byte
	for _, r := range string(text) {
		switch {
		case r >= ' ' && r <= '~':
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// removeLogin deletes the document, for `auth logout`: the item and the file.
func (c *client) removeLogin() error {
	if tool, service, account := c.keychain(); tool != "" {
		c.security("", "delete-generic-password", "-a", account, "-s", service)
	}
	return removeFile(c.paths.Credentials)
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
