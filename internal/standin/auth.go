package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/standin/service"
)

const authHelp = `Usage: claude auth [options] [command]

Manage authentication

Options:
  -h, --help        Display help for command

Commands:
  help [command]    display help for command
  login [options]   Sign in to your Anthropic account
  logout            Log out from your Anthropic account
  status [options]  Show authentication status`

func (c *client) auth(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fail("%s", authHelp)
	}
	if args[0] == "login" || args[0] == "status" && c.dialect.renewsMore {
		if err := c.renewExpired(ctx); err != nil {
			return err
		}
	}
	switch args[0] {
	case "login":
		return c.signIn(ctx, slices.Contains(args[1:], claude.ConsoleFlag))
	case "logout":
		return c.logout()
	case "status":
		return c.status(args[1:])
	case "help", "-h", "--help":
		_, err := fmt.Fprintln(c.Stdout, authHelp)
		return err
	}
	return fail("error: unknown command '%s'", args[0])
}

// renewExpired renews a login whose access token has expired. The client does that in the background with most commands
// (claude.Commands), so a rejected refresh token empties the login with each of them. In 2.1.165 a short command may
// end before that; here it never does.
func (c *client) renewExpired(ctx context.Context) error {
	saved, _ := savedLogin(c.credentials())
	given := claude.Override{}.IsSet(c.variable(sourceOAuth), c.dialect.version) // no other credential stops a renewal
	if given || saved.refresh == "" || !saved.expired(c.Now()) {
		return nil
	}
	_, err := c.refresh(ctx, saved)
	return err
}

// logout revokes the login and deletes the whole file, with the MCP logins in it, without taking a lock (2.1.165,
// 2.1.330).
func (c *client) logout() error {
	if saved, _ := savedLogin(c.credentials()); saved.refresh != "" {
		if _, err := c.service.RevokeToken(saved.refresh); err != nil {
			return err
		}
	}
	// A mount point stays, with the login in it, and nothing is said of it (2.1.165, 2.1.330, 2.1.332).
	err := c.removeLogin()
	if err != nil && !errors.Is(err, unix.EBUSY) {
		return fail("Failed to log out.")
	}
	err = c.changeGlobal(func(config *object) {
		config.drop(claude.PrimaryKey)
		config.drop(claude.GlobalAccountKey)
	})
	if err != nil {
		return fail("Failed to log out.")
	}
	_, err = fmt.Fprintln(c.Stdout, "Successfully logged out from your Anthropic account.")
	return err
}

// status says who is logged in. It does not matter whether the saved tokens work (2.1.165, 2.1.330).
func (c *client) status(args []string) error {
	source, _ := c.credential()
	saved, _ := savedLogin(c.credentials())
	if !c.dialect.namesKey && c.Env.Get(sourceOAuth) != "" {
		source = sourceOAuth
	}
	key := c.consoleKey(saved)
	loggedIn, method := true, "none"
	switch {
	case source == sourceKey:
		method = "api_key"
	case source == sourceHelper:
		method = "api_key_helper"
	case source != sourceSaved:
		method = "oauth_token"
	case key != "" && c.dialect.namesKey:
		method = "api_key"
	case key != "", saved.access != "":
		method = "claude.ai"
	default:
		loggedIn = false
	}
	if len(args) > 0 && args[0] == "--text" {
		return c.statusText(loggedIn)
	}
	o := newObject("loggedIn", loggedIn, "authMethod", method, "apiProvider", "firstParty")
	if c.helperKey() != "" {
		o.set("apiKeySource", sourceHelper)
	} else if source == sourceKey {
		o.set("apiKeySource", sourceKey)
	} else if get[string](c.globalConfig(), claude.PrimaryKey) != "" {
		o.set("apiKeySource", sourceConsole)
	}
	if method == "claude.ai" {
		member := get[*object](c.credentials(), claude.LoginKey)
		account := get[*object](c.globalConfig(), claude.GlobalAccountKey)
		o.add("email", get[any](account, "emailAddress"), "orgId", get[any](account, "organizationUuid"),
			"orgName", get[any](account, "organizationName"), "subscriptionType", get[any](member, "subscriptionType"))
	}
	if c.dialect.storedFacts {
		c.addFacts(o, method)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, stringify(o), "", "  "); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.Stdout, indented.String()); err != nil {
		return err
	}
	if !loggedIn {
		return errFailed
	}
	return nil
}

// addFacts adds the members that 2.1.330 has and 2.1.165 does not.
func (c *client) addFacts(o *object, method string) {
	rest := newObject()
	for _, key := range []string{"email", "orgId", "orgName", "subscriptionType"} {
		if value, there := o.values[key]; there {
			rest.set(key, value)
			o.drop(key)
		}
	}
	var ends any
	member := get[*object](c.credentials(), claude.LoginKey)
	if ms, ok := milliseconds(get[any](member, "refreshTokenExpiresAt")); ok && method == "claude.ai" {
		ends = time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
	}
	o.add("analyticsDisabled", false, "projectsDirectory", filepath.Join(c.paths.ConfigDir, "projects"),
		"configDirectory", c.paths.ConfigDir, "loginExpiresAt", ends)
	for _, key := range rest.keys {
		o.set(key, rest.values[key])
	}
	if method == "claude.ai" {
		o.set("storedClaudeAiLogin", true)
	}
}

func (c *client) statusText(loggedIn bool) error {
	if !loggedIn {
		if _, err := fmt.Fprintln(c.Stdout, "Not logged in. Run claude auth login to authenticate."); err != nil {
			return err
		}
		return errFailed
	}
	_, err := fmt.Fprintln(c.Stdout, "Login method: Claude Max account")
	return err
}

func (c *client) globalConfig() *object {
	return readObject(c.paths.GlobalConfig)
}

// storeLogin stores a new login: the account's keys go, the new login comes last, and everything else stays.
func (c *client) storeLogin(ctx context.Context, answer service.TokenAnswer) error {
	now := c.Now()
	member := newObject("accessToken", answer.AccessToken, "refreshToken", answer.RefreshToken,
		"expiresAt", number(now.Add(time.Duration(answer.ExpiresIn)*time.Second).UnixMilli()))
	if c.dialect.storedEnd {
		life := time.Duration(answer.RefreshTokenExpiresIn) * time.Second
		if life == 0 {
			life = 30 * 24 * time.Hour
		}
		member.set("refreshTokenExpiresAt", number(now.Add(life).UnixMilli()))
	}
	member.set("scopes", list(sortedFields(answer.Scope)))
	member.set("subscriptionType", "max")
	if c.dialect.storedFacts {
		member.set("subscriptionTypeSource", "profile")
	}
	member.set("rateLimitTier", "default_claude_max_5x")
	if c.dialect.storedFacts {
		member.set("accountUuid", answer.Account.UUID)
		member.set("organizationUuid", answer.Organization.UUID)
	}
	if !c.dialect.storedFacts { // the account first (2.1.163, 2.1.165); 2.1.332 stores the login first
		if err := c.storeOwner(answer); err != nil {
			return err
		}
	}
	stored := false
	err := c.store(ctx, func(doc *object) {
		for _, key := range c.dialect.version.AccountKeys() {
			doc.drop(key)
		}
		doc.set(claude.LoginKey, member)
		stored = true
	})
	if err == nil && !stored && c.dialect.saysBlocked {
		err = fail("Couldn't save your login. %s is blocking the save (ELOCKED). Try again in a minute.",
			c.storageLock().path)
	}
	if err != nil || !c.dialect.storedFacts {
		return err
	}
	return c.storeOwner(answer)
}

// storeOwner notes whose login it is.
func (c *client) storeOwner(answer service.TokenAnswer) error {
	return c.changeGlobal(func(config *object) {
		config.drop(claude.PrimaryKey)
		config.set(claude.GlobalAccountKey, answerAccount(answer))
	})
}

// storeKey stores what a Console sign-in gets. The client drops the login and the old key first, and gets the new key
// after that (2.1.165, 2.1.330, 2.1.332).
func (c *client) storeKey(ctx context.Context, answer service.TokenAnswer) error {
	err := c.store(ctx, func(doc *object) {
		for _, key := range c.dialect.version.AccountKeys() {
			doc.drop(key)
		}
	})
	if err != nil {
		return err
	}
	err = c.changeGlobal(func(config *object) {
		config.drop(claude.PrimaryKey)
		config.set(claude.GlobalAccountKey, answerAccount(answer))
	})
	if err != nil {
		return err
	}
	response, err := c.service.CreateKey(answer.AccessToken)
	if err != nil {
		return err
	}
	if response.Status != service.OK {
		return fail("Request failed with status code %d", response.Status)
	}
	var made service.KeyAnswer
	if err := json.Unmarshal(response.Body, &made); err != nil {
		return err
	}
	c.sessionKey = made.RawKey
	return c.changeGlobal(func(config *object) {
		approvals := get[*object](config, claude.APIKeyApprovals)
		if approvals == nil {
			approvals = newObject("rejected", []any{})
		}
		tail := made.RawKey[max(0, len(made.RawKey)-claude.ApprovalLength):]
		approvals.set("approved", append(get[[]any](approvals, "approved"), tail))
		config.set(claude.APIKeyApprovals, approvals)
		config.set(claude.PrimaryKey, made.RawKey)
	})
}

func answerAccount(answer service.TokenAnswer) *object {
	return newObject("accountUuid", answer.Account.UUID, "emailAddress", answer.Account.Email,
		"organizationUuid", answer.Organization.UUID, "organizationName", answer.Organization.Name)
}

// changeGlobal writes the global config, through a link where it is one.
func (c *client) changeGlobal(change func(*object)) error {
	config := c.globalConfig()
	change(config)
	path := c.paths.GlobalConfig
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return replaceFile(path, stringify(config))
}
