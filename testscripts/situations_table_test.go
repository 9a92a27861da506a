package testscripts

// What is given in many of the situations.
const (
	// refused is the reported bug: the client has met a login that Anthropic rejects, and said so.
	refused = "service token=401\nlogin-fixture stale\nstatus 1 claude -p ping\nstdout 'API Error: 401'\n"
	// died is a login whose access token is refused though it is not over: a client has to find that out.
	died = "service token=401\nlogin-fixture dead\n"
	// emptied is the refusal after which the client empties the tokens.
	emptied = "service token=400\nlogin-fixture stale\nstatus 1 claude -p ping\n"
	// once keeps the real client from trying again for minutes.
	once = "env CLAUDE_CODE_MAX_RETRIES=0\n"
	// auto is the mode in which nobody is asked.
	auto = "env CLAUDE_AUTH_MODE=auto\n"
	// userSettings makes settings.json of the script's archive that of the user.
	userSettings = "cp settings.json $HOME/.claude/settings.json\n"

	recoverYes = "claude-auth recover --yes"
	runPing    = "claude-auth run -- -p ping"
	keyFile    = "-- settings.json --\n{\n  \"env\": {\n    \"ANTHROPIC_API_KEY\": \"sk-bad\"\n  }\n}\n"
)

// situations is the table: file × environment × what the client printed × locks × another session.
var situations = []situation{
	// The login is not at fault.
	{
		name:  "a good login",
		given: "login-fixture fresh",
		says:  []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},
	{
		name:  "a login that renews itself",
		given: "login-fixture renewable",
		says:  []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},
	{
		name:  "a login that ends soon",
		given: "login-fixture expiring",
		says:  []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},
	{
		name:  "a stale login that nobody has seen refused",
		given: "login-fixture stale",
		says:  []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},
	{
		name:  "a good login and an answer",
		given: "login-fixture fresh\nexec claude -p ping",
		says:  []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},
	{
		name:  "a failure that an answer followed",
		given: refused + "login-fixture fresh\nexec claude -p ping\n",
		says:  []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},
	{
		name:  "signed in elsewhere since the failure",
		given: refused + "login-fixture fresh\nexec sleep 0.1\nexec touch $CREDENTIALS\n",
		says:  []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},
	{
		name: "the model quotes a failure", real: true,
		given: "login-fixture fresh\n" +
			"service 'answer=Failed to authenticate. API Error: 401 Invalid authentication credentials'\nexec claude -p ping",
		says: []string{"out:(nothing wrong was found|your login works)"}, after: "unchanged",
	},

	// The login is dead.
	{
		name: "refused with 401", real: true,
		given: refused,
		says:  []string{"your Claude Code login was rejected", "out:Signed in"}, after: "good", logins: 1,
	},
	{name: "refused with 400", real: true, given: emptied, says: []string{"out:Signed in"}, after: "good", logins: 1},
	{
		name:  "refused with 403",
		given: "service token=403\nlogin-fixture stale\nstatus 1 claude -p ping\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name: "a job in another directory met the refusal", real: true,
		given: "service token=401\nlogin-fixture stale\nmkdir $HOME/cron\ncd $HOME/cron\nstatus 1 claude -p ping\n" +
			"cd $HOME/app\n",
		says: []string{"your Claude Code login was rejected", "out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "an access token that is refused though not over",
		given: "service token=401\nlogin-fixture dead\nstatus 1 claude -p ping\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "revoked",
		given: "login-fixture fresh\nservice messages=403-revoked\nstatus 1 claude -p ping\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "without a refresh token",
		given: "login-fixture norefresh",
		says:  []string{"your Claude Code login has expired", "out:Signed in"}, after: "good", logins: 1,
	},
	{
		name: "emptied tokens", real: true,
		given: "login-fixture blank",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "a scope is missing",
		given: "login-fixture fresh\nservice messages=403-scope\nstatus 1 claude -p ping\n",
		says:  []string{"lacks a permission", "out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "refused and recorded by an earlier run",
		given: refused + "status 1 claude-auth run -- -p ping\nexec sh -c 'rm -rf $HOME/.claude/projects'\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},

	// No login is saved.
	{name: "no file", says: []string{"you are not signed in to Claude Code", "out:Signed in"}, after: "good", logins: 1},
	{
		name:  "no login beside other keys",
		given: "login-fixture nologin",
		says:  []string{"you are not signed in to Claude Code", "out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "half a document",
		given: "login-fixture torn",
		says:  []string{"the credentials file of Claude Code is damaged", "out:Signed in"}, after: "good", logins: 1,
	},
	{name: "an empty file", given: "login-fixture empty", says: []string{"out:Signed in"}, after: "good", logins: 1},
	{
		name:  "an array",
		given: "login-fixture array",
		says:  []string{"the credentials file of Claude Code is damaged", "out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "the login twice",
		given: "login-fixture duplicate",
		says:  []string{"the credentials file of Claude Code is damaged", "out:Signed in"}, after: "good", logins: 1,
	},

	// Another credential overrides the login.
	{
		name: "a bad key in the environment", real: true,
		given: refused + "env ANTHROPIC_API_KEY=sk-bad\n", status: 5,
		says:  []string{"ANTHROPIC_API_KEY in the environment overrides", "nothing was changed", "unset ANTHROPIC_API_KEY"},
		after: "unchanged",
	},
	{
		name:  "a bad token in the environment",
		given: refused + "env ANTHROPIC_AUTH_TOKEN=bad\n", status: 5,
		says: []string{"ANTHROPIC_AUTH_TOKEN in the environment overrides"}, after: "unchanged",
	},
	{
		name:  "a setup token in the environment",
		given: refused + "env CLAUDE_CODE_OAUTH_TOKEN=bad\n", status: 5,
		says: []string{"CLAUDE_CODE_OAUTH_TOKEN in the environment overrides"}, after: "unchanged",
	},
	{
		name:  "a cloud provider",
		given: refused + "env CLAUDE_CODE_USE_BEDROCK=1\n", status: 5,
		says: []string{"CLAUDE_CODE_USE_BEDROCK in the environment overrides"}, after: "unchanged",
	},
	{
		name:  "a cloud provider that is switched off",
		given: refused + "env CLAUDE_CODE_USE_BEDROCK=0\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name: "a bad key in the settings of the user", real: true,
		given: refused + userSettings, status: 5,
		says:  []string{`ANTHROPIC_API_KEY in .*/\.claude/settings\.json line 3 overrides`, "nothing was changed"},
		after: "unchanged", files: keyFile,
	},
	{
		name:  "a bad key in the settings of the project",
		given: refused + "mkdir .claude\ncp settings.json .claude/settings.json\n", status: 5,
		says: []string{`ANTHROPIC_API_KEY in .*/app/\.claude/settings\.json line 3`}, after: "unchanged", files: keyFile,
	},
	{
		name:  "a bad key in the local settings",
		given: refused + "mkdir .claude\ncp settings.json .claude/settings.local.json\n", status: 5,
		says: []string{`settings\.local\.json line 3`}, after: "unchanged", files: keyFile,
	},
	{
		name:  "an apiKeyHelper",
		given: refused + userSettings, status: 5,
		says:  []string{`apiKeyHelper in .*/settings\.json line 1`},
		after: "unchanged", files: "-- settings.json --\n{\"apiKeyHelper\": \"echo sk-bad\"}\n",
	},
	{
		name:  "an empty key in the settings hides the one of the environment",
		given: refused + userSettings + "env ANTHROPIC_API_KEY=sk-bad\n",
		says:  []string{"out:Signed in"}, after: "good",
		logins: 1, files: "-- settings.json --\n{\"env\":{\"ANTHROPIC_API_KEY\":\"\"}}\n",
	},
	{
		name:  "settings that are no JSON",
		given: refused + userSettings,
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
		files: "-- settings.json --\n{\"env\":{\"ANTHROPIC_API_KEY\":\"sk-bad\"},}\n",
	},
	{
		name: "-p with a bad key in the environment", real: true,
		given: auto + once + "service token=401\nlogin-fixture stale\nenv ANTHROPIC_API_KEY=sk-bad\n", do: runPing, status: 1,
		says: []string{"out:^Invalid API key", "ANTHROPIC_API_KEY in the environment overrides"}, after: "old",
	},
	{
		name: "-p with a bad key in the settings", real: true,
		given: auto + once + "service token=401\nlogin-fixture stale\n" + userSettings, do: runPing, status: 1,
		says:  []string{"out:^Invalid API key", `ANTHROPIC_API_KEY in .*/\.claude/settings\.json line 3 overrides`},
		after: "old",
		files: keyFile,
	},
	{
		name: "-p with a bad key given by --settings", real: true,
		given: auto + once + "service token=401\nlogin-fixture stale\n",
		do:    "claude-auth run -- -p --settings settings.json ping", status: 1,
		says: []string{`ANTHROPIC_API_KEY in .*/app/settings\.json line 3 overrides`}, after: "old", files: keyFile,
	},

	// The service is down, or always says no.
	{
		name: "an error of the server", real: true,
		given: once + "login-fixture fresh\nservice messages=500\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"Anthropic cannot be reached or has a problem", "try again later"}, after: "unchanged",
	},
	{
		name:  "an overloaded server",
		given: "login-fixture fresh\nservice messages=529\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"Anthropic cannot be reached or has a problem"}, after: "unchanged",
	},
	{
		name:  "an error of a gateway in HTML",
		given: "login-fixture fresh\nservice messages=502-html\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"Anthropic cannot be reached or has a problem"}, after: "unchanged",
	},
	{
		name:  "an HTML page with status 503",
		given: once + "login-fixture fresh\nservice messages=503-html\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"Anthropic cannot be reached or has a problem"}, after: "unchanged",
	},
	{
		name: "-p and an error of the server", real: true,
		given: auto + once + "login-fixture fresh\nservice messages=500\nkeep $CREDENTIALS\n", do: runPing, status: 1,
		says: []string{"out:^API Error: 500", "Anthropic cannot be reached or has a problem"}, after: "old",
	},
	{
		name: "no network", real: true,
		given: "[standin] skip 'it has no network to be without'\n" + once + "login-fixture fresh\n" +
			"env HTTPS_PROXY=http://127.0.0.1:9\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"Anthropic cannot be reached or has a problem", "try again later"}, after: "unchanged",
	},
	{
		name: "the organisation refuses", real: true,
		given: once + "login-fixture fresh\nservice messages=403-organization\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"your organisation does not allow"}, after: "unchanged",
	},

	// What comes from a gateway, or from something in between.
	{
		name: "a gateway refuses", real: true,
		given: once + "service token=401\nlogin-fixture dead\nenv ANTHROPIC_BASE_URL=https://gateway.example\n" +
			"status 1 claude -p ping\n", status: 5,
		says: []string{
			"the gateway set by ANTHROPIC_BASE_URL in the environment rejected the saved login", "nothing was changed",
			"hint: .*the people who run the gateway",
		}, after: "unchanged",
	},
	{
		name: "a gateway in the settings refuses", real: true,
		given: once + "service token=401\nlogin-fixture dead\n" + userSettings + "status 1 claude -p ping\n", status: 5,
		says:  []string{`the gateway set by ANTHROPIC_BASE_URL in .*/\.claude/settings\.json line 3`},
		after: "unchanged",
		files: "-- settings.json --\n{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"https://gateway.example\"\n  }\n}\n",
	},
	{
		name:  "Anthropic's own address",
		given: refused + "env ANTHROPIC_BASE_URL=https://api.anthropic.com\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name: "a page with status 401", real: true,
		given:  once + "service token=401\nlogin-fixture dead\nservice unauthorized=401-html\nstatus 1 claude -p ping\n",
		says:   []string{"Anthropic cannot be reached or has a problem", "Authorization Required"},
		status: 5, after: "unchanged",
	},
	{
		name: "a page with status 403", real: true,
		given: once + "login-fixture fresh\nservice messages=403-html\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"Anthropic cannot be reached or has a problem", "403 Forbidden"}, after: "unchanged",
	},
	{
		name: "a network that is blocked", real: true,
		given: once + "login-fixture fresh\nservice messages=403-blocked\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"the request was blocked because of the network", "hint: try another network"}, after: "unchanged",
	},
	{
		name: "a membership that is gone", real: true,
		given: once + "login-fixture fresh\nservice messages=403-member\nstatus 1 claude -p ping\nservice messages=ok\n",
		says:  []string{"no longer a member", "out:Signed in"}, after: "good", logins: 1,
	},
	{
		name: "an organisation that is disabled", real: true,
		given: once + "login-fixture fresh\nservice messages=400-disabled\nstatus 1 claude -p ping\n", status: 5,
		says: []string{"your organisation does not allow this account"}, after: "unchanged",
	},

	// Another credential that works, and one that the client takes for none.
	{
		name: "a working setup token beside a dead login", real: true,
		given: refused + "service key=a-good-one\nenv CLAUDE_CODE_OAUTH_TOKEN=a-good-one\nexec claude -p ping\n",
		says: []string{
			"out:Claude Code uses CLAUDE_CODE_OAUTH_TOKEN in the environment instead of the saved login",
			"out:no failure is known", "out:lasts a year",
		}, after: "unchanged",
	},
	{
		name:  "a key of white space",
		given: refused + "env 'ANTHROPIC_API_KEY= '\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "a key that is the word false",
		given: refused + "env ANTHROPIC_API_KEY=false\n", status: 5,
		says: []string{"ANTHROPIC_API_KEY in the environment overrides"}, after: "unchanged",
	},

	// The sign-in fails: the old login is back, byte for byte.
	{
		name: "an outage that begins between wipe and sign-in", real: true,
		given: refused + "service grant=500\n", status: 1,
		says: []string{"the sign-in was not completed", "your old login was restored"}, after: "same", logins: 1,
	},
	{
		name:  "an outage in HTML that begins between wipe and sign-in",
		given: refused + "service grant=html\n", status: 1,
		says: []string{"your old login was restored"}, after: "same", logins: 1,
	},
	{
		name:  "the sign-in is refused",
		given: refused + "service grant=400\n", status: 1,
		says: []string{"your old login was restored"}, after: "same", logins: 1,
	},
	{
		name: "the person refuses", real: true,
		given: refused + "service browser=refuse\n", status: 1,
		says: []string{"your old login was restored"}, after: "same", logins: 1,
	},
	{
		name: "nobody completes the sign-in", real: true,
		given: refused + "service browser=nothing\nenv LIMIT=10s\n" +
			"[real] env LIMIT=20s # it may take seconds to open the browser\n", do: recoverYes + " --timeout $LIMIT", status: 1,
		says: []string{"nobody finished signing in within", "your old login was restored"}, after: "same", logins: 1,
	},
	{
		name:  "half a document and the sign-in is refused",
		given: "login-fixture torn\nservice browser=refuse\n", status: 1,
		says: []string{"your old file was restored"}, after: "same", logins: 1,
	},
	{
		name: "-p and an outage that begins between wipe and sign-in", real: true,
		given: auto + died + "service grant=503\n", do: runPing, status: 1,
		says: []string{"out:^Failed to authenticate", "your old login was restored"}, after: "same", logins: 1,
	},
	{
		name: "-p once more after a sign-in that failed",
		given: auto + refused + "service browser=refuse\nstatus 1 claude-auth run -- -p ping\n" +
			"stderr 'your old login was restored'\n", do: runPing, status: 1,
		says: []string{"the last sign-in did not work", "claude-auth recover"}, after: "old",
		logins: 1,
	},
	{
		name:  "asked for once more after a sign-in that failed",
		given: auto + refused + "service browser=refuse\nstatus 1 claude-auth run -- -p ping\nservice browser=ok\n",
		says:  []string{"out:Signed in"}, after: "good", logins: 2,
	},
	{
		name:  "a login that is worthless at once",
		given: auto + refused + "service grant=dead\n", do: runPing, status: 1,
		says:   []string{"out:Failed to authenticate", "rejected that login at once: another sign-in would not help"},
		logins: 1,
	},
	{
		name: "a login that was worthless at once and is met again", real: true,
		given: auto + refused + "service grant=dead\nstatus 1 claude-auth run -- -p ping\n", do: runPing, status: 1,
		says: []string{"another sign-in would not help"}, logins: 1,
	},

	// Another session was faster, or the file was just being written.
	{
		name:  "-p and somebody signs in meanwhile",
		given: auto + "service token=401\nlogin-fixture dead\nexec chmod +x beaten\n",
		do:    "claude-auth run --client $WORK/home/app/beaten -- -p ping", status: 0,
		says: []string{"out:^You said: ping"}, after: "good", logins: 1, files: beaten,
	},
	{
		name:  "-p and the client meets a file that is half written",
		given: auto + "login-fixture fresh\nexec chmod +x torn\n",
		do:    "claude-auth run --client $WORK/home/app/torn -- -p ping", status: 0,
		says: []string{"out:^You said: ping"}, after: "unchanged", files: tornRead,
	},
	{
		name:  "-p and a client that never finds the login",
		given: auto + "login-fixture fresh\nexec chmod +x blind\n",
		do:    "claude-auth run --client $WORK/home/app/blind -- -p ping", status: 1,
		says: []string{"out:^Not logged in", "still fails with the saved login"}, after: "unchanged", files: blind,
	},

	// Nobody can be asked, or nothing be started.
	{
		name: "nobody to ask", real: true,
		given: refused, do: "claude-auth recover", status: 4,
		says: []string{"a sign-in is needed", "in a terminal"}, after: "unchanged",
	},
	{
		name:  "nobody to ask in CI",
		given: refused + "env CI=true\n", do: "claude-auth recover", status: 4,
		says: []string{"setup-token"}, after: "unchanged",
	},
	{
		name:  "no browser and no terminal",
		given: refused + "env BROWSER=\n", status: 4,
		says: []string{"a sign-in is needed"}, after: "unchanged",
	},
	{
		name:  "-p with nobody to ask",
		given: "service token=401\nlogin-fixture dead\n", do: runPing, status: 1,
		says: []string{"out:^Failed to authenticate", "a sign-in is needed"}, after: "unchanged",
	},
	{
		name:  "inside the client",
		given: refused + "env CLAUDECODE=1\n", status: 4,
		says: []string{"in your terminal"}, after: "unchanged",
	},
	{
		name:  "no client",
		given: refused + "env CLAUDE_AUTH_CLIENT=/nowhere/claude\n", status: 127,
		says: []string{"cannot find Claude Code"}, after: "unchanged",
	},
	{
		name: "a hook of the user says no",
		given: refused + "mkdir $HOME/.config/claude-auth/hooks\ncp no $HOME/.config/claude-auth/hooks/pre-wipe\n" +
			"exec chmod +x $HOME/.config/claude-auth/hooks/pre-wipe\n", status: 1,
		says: []string{"stopped the removal"}, after: "unchanged",
		files: "-- no --\n#!/bin/sh\nexit 1\n",
	},

	// A new login could not be stored, or the old one cannot be read.
	{
		name:  "another process holds the refresh lock",
		given: refused + "hold refresh\n", status: 75,
		says: []string{`/\.claude is locked by another process`, "nothing was changed"}, after: "unchanged",
	},
	{
		name:  "another process holds the write lock",
		given: refused + "hold storage\n", status: 75,
		says: []string{`/\.claude is locked by another process`}, after: "unchanged",
	},
	{
		name: "a lock that was left",
		given: refused + "mkdir $HOME/.claude/.storage-write.lock\n" +
			"exec touch -d '-10 minutes' $HOME/.claude/.storage-write.lock\n",
		says: []string{"out:Signed in"}, after: "good", logins: 1,
	},
	{
		name:  "a file in the place of a lock",
		given: refused + "cp $CREDENTIALS $HOME/.claude/.storage-write.lock\n",
		do:    recoverYes + "\nexec rm $HOME/.claude/.storage-write.lock", status: 5, after: "unchanged",
	},
	{
		name:  "a directory that cannot be written",
		given: refused + "exec chmod 500 $HOME/.claude\nexec chmod +x mounted\n",
		do:    "./mounted ro\nexec chmod 700 $HOME/.claude", status: 5, after: "unchanged", files: mounted,
	},
	{
		name:  "a full disk",
		given: "[!root] skip 'only root can make a disk for itself'\n" + refused + "exec chmod +x full\n", do: "./full",
		status: 5, after: "unchanged",
		says: []string{"the disk of .* is full"}, files: full,
	},
	{name: "a directory in the place of the file", given: "mkdir $CREDENTIALS", status: 5, says: []string{"regular file"}},
	{
		name:  "a FIFO in the place of the file",
		given: "exec mkfifo $CREDENTIALS", do: recoverYes + "\nexec rm $CREDENTIALS", status: 5,
	},
}

// beaten is a client in whose first run another process signs in.
const beaten = `-- beaten --
#!/bin/sh
claude "$@"
status=$?
if [ ! -e was-here ]; then
	>was-here
	claude auth login >/dev/null 2>&1
fi
exit $status
`

// tornRead is a client that reads the file in the instant in which it is half written.
const tornRead = `-- torn --
#!/bin/sh
if [ ! -e was-here ]; then
	>was-here
	echo 'Not logged in · Please run /login'
	exit 1
fi
exec claude "$@"
`

// blind is a client that does not look where the login is.
const blind = `-- blind --
#!/bin/sh
cat >/dev/null
echo 'Not logged in · Please run /login'
exit 1
`

// mounted runs the recovery where the directory cannot be written, for root too: in a mount namespace of its own.
const mounted = `-- mounted --
#!/bin/sh
if [ "$(id -u)" != 0 ]; then exec claude-auth recover --yes; fi
exec unshare -m sh -c 'mount --bind "$HOME/.claude" "$HOME/.claude" &&
	mount -o remount,ro,bind "$HOME/.claude" && exec claude-auth recover --yes'
`

// full runs the recovery on a disk of its own without any room.
const full = `-- full --
#!/bin/sh
exec unshare -m sh -c 'cp -a "$HOME/.claude" "$HOME/copy" &&
	mount -t tmpfs -o size=256k,mode=700 tmpfs "$HOME/.claude" &&
	cp -a "$HOME/copy/." "$HOME/.claude" && rm -r "$HOME/copy" &&
	{ head -c 1000000 /dev/zero >"$HOME/.claude/fill" 2>/dev/null || true; } &&
	exec claude-auth recover --yes'
`
