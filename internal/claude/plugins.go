package claude

// SkillsDir is the directory in the client's own whose subdirectories are plugins where they have a PluginManifest.
// The client loads them at each start, without a setting and without a marketplace, unless --setting-sources leaves
// out "user", or the command line has --bare. A plugin of the same name in --plugin-dir is used instead (2.1.163,
// 2.1.165, 2.1.330, 2.1.332).
const SkillsDir = "skills"

// The files of a plugin (2.1.163, 2.1.165, 2.1.332).
const (
	PluginManifest = ".claude-plugin/plugin.json"
	PluginHooks    = "hooks/hooks.json"
	PluginDirFlag  = "--plugin-dir" // of the command line: the directory of one more plugin
)

// PluginData is where the client makes a directory for each plugin whose hooks have run, in its own directory: the
// name of the plugin, a dash, and where it was loaded from (2.1.163, 2.1.165, 2.1.332).
const (
	PluginData   = "plugins/data"
	FromSkills   = "-skills-dir"
	FromCommands = "-inline" // PluginDirFlag
)

// The hooks that this program uses (2.1.163, 2.1.165, 2.1.330, 2.1.332). The client waits for SessionStart, and shows
// what it prints as {"systemMessage":…}. It does not wait for StopFailure: see EndsHooks. The end of -p sends such a
// hook and its process group SIGTERM at once, and about a second later SIGKILL (2.1.330, 2.1.332); in 2.1.165 it goes
// on. All hooks run in a session of their own.
const (
	SessionStart = "SessionStart"
	StopFailure  = "StopFailure"
)

// Variables of a hook. EnvPID is the process id of the client that runs it (2.1.330, 2.1.332; not in 2.1.165),
// EnvEntrypoint the kind of the client: EntryTerminal on a terminal (2.1.163, 2.1.165, 2.1.332).
const (
	EnvPID        = "CLAUDE_PID"
	EnvEntrypoint = "CLAUDE_CODE_ENTRYPOINT"
	EnvPluginRoot = "CLAUDE_PLUGIN_ROOT" // the plugin's directory
	EnvProjectDir = "CLAUDE_PROJECT_DIR"
)
