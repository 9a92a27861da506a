# The hook of claude-auth for nushell, which `claude-auth install` puts into config.nu.
#
# The head of hooks/hooks.go, in the source, says what a hook does and what `claude-auth init` fills in.
#
# nushell evaluates no text but that of its own hooks: this runs before the first prompt, when config.nu and all other
# startup files have been read. nushell reads a text as a whole before it runs any of it, so the function, which is not
# always wanted, is the text of one more such hook.

# begin add-path
# The program is found by its name, too.
if (%which --all claude-auth | where type == external | %is-empty) {
    $env.PATH = ($env.PATH | %append ('@DIR@'))
}
# end add-path

# Returns the program's own path, or the claude-auth on PATH, or nothing.
def __claude_auth_find []: nothing -> string {
    let exe = '@EXE@'
    if ($exe | %path type) in [file symlink] and (%which $exe | %is-not-empty) { return $exe }
    %which --all claude-auth | where type == external | %get path | %append '' | %first
}

# begin cmd
# ----------------------------------------------------------------------------------------------------------------------
# The function: run the client under watch.

# Returns the command that a call of the function runs. The arguments are `--` and those of the client; `--client PATH`
# before them names another client.
def __claude_auth_command [args: list]: nothing -> list {
    let other = $args.0 == '--client'
    let named = if $other { $args.1 | %path expand --no-symlink } else { $env.CLAUDE_AUTH_CLIENT? | %default '' }
    let words = $args | %skip (if $other { 3 } else { 1 })
    # What only prints costs no process of ours. With relative entries of PATH it does: the program passes them over,
    # the shell does not.
    let info = ($words | %length) == 1 and $words.0 in [@INFO@]
    let searched = $env.PATH | %append (if $named == '' { '/' } else { $named })
    let direct = $info and ($searched | %all {|dir| $dir starts-with '/' })
    let run = if $direct { '' } else { __claude_auth_find }
    if $run == '' {
        [(if $named == '' { 'claude' } else { $named }) ...$words]
    } else {
        [$run run ...(if $other { [--client $named] } else { [] }) -- ...$words]
    }
}

# Each of these two is one pipeline, so that what is piped into the function comes to the program as it is.
def --wrapped __claude_auth_call [...words] { ^($words | %first) ...($words | %skip 1) }
def --wrapped __claude_auth_run [...args] { __claude_auth_call ...(__claude_auth_command $args) }

# A script, which has no hooks, gets the function at once.
module __claude_auth_script {
    export def --wrapped __claude_auth_cmd__ [...args] { __claude_auth_run -- ...$args }
}
const __claude_auth_module = if $nu.is-interactive { null } else { '__claude_auth_script' }
use $__claude_auth_module *

# ----------------------------------------------------------------------------------------------------------------------
# What else may have the function's name.

# Returns what has to be defined for a name that now is `text`: nothing when that calls claude-auth already, null when
# it is something else. An alias that runs the client (claude = ^claude --flag, claude = ^~/.claude/local/claude) is
# changed to call __claude_auth_run, with its words; nothing of it is evaluated here.
#
# Each hook has this parser. One in the program would cost a process at the start of every shell that has such an
# alias, and the client's own installer writes one.
def __claude_auth_define [text: string, alias: bool]: nothing -> any {
    if $text =~ '\b__claude_auth_run\b' { return '' }
    if $text == '' {
        return (
            "# Runs Claude Code, under watch of claude-auth.\n" +
            "@complete external\n" + # the user's completion for the client stays
            "def --wrapped __claude_auth_cmd__ [...args] { __claude_auth_run -- ...$args }"
        )
    }
    if not $alias { return null }
    let lead = $text | %parse --regex '(?s)^\^?(?:claude|__claude_auth_cmd__)(?<words>\s.*)?$'
    if ($lead | %is-not-empty) {
        return $"alias __claude_auth_cmd__ = __claude_auth_run --($lead.0.words)"
    }
    let word = r#'[^\s"'\\;&|<>()$`]*'#
    let other = $text | %parse --regex (
        r#'(?s)^\^?(?<client>(?:~?/|"[^"\\()]*/|'[^']*/)(?:WORD/)?claude(?:[-._]WORD)?["']?)(?<words>\s.*)?$'#
        | %str replace --all WORD $word
    )
    if ($other | %is-not-empty) {
        return $"alias __claude_auth_cmd__ = __claude_auth_run --client ($other.0.client) --($other.0.words)"
    }
    null
}

# Called before the first prompt, and before each when the prompt's section is there: defines the function, follows a
# new alias of the client, and says once what has displaced ours.
def --env __claude_auth_watch [] {
    let text = try { %view source __claude_auth_cmd__ } catch { '' }
    let seen = $env.__claude_auth_seen? | %default {text: null, warned: false} # a record is not exported
    if $text == $seen.text { return }
    $env.__claude_auth_seen = ($seen | %upsert text $text)
    let define = __claude_auth_define $text (%scope aliases | %any {|alias| $alias.name == '__claude_auth_cmd__' })
    # `claude-auth doctor`, a child of this shell, reads which hook is loaded, and in which process.
    $env.CLAUDE_AUTH_HOOK = $"nu:($nu.pid)" + (if $define == null { ':displaced' } else { '' })
    if $define not-in [null ''] {
        # It is run before the next line is read. The module goes: the shell would name it where the client is missing.
        let code = (
            $"($define)\nmodule __claude_auth_script {}\n" +
            '$env.config.hooks.pre_execution = (__claude_auth_others $env.config.hooks.pre_execution)'
        )
        $env.config.hooks.pre_execution = (__claude_auth_others $env.config.hooks.pre_execution | %append $code)
    }
    if $define == null and not $seen.warned {
        $env.__claude_auth_seen.warned = true
        if ($env.CLAUDE_AUTH_MODE? | %default '') != off {
            %print --stderr ("claude-auth: __claude_auth_cmd__ is something else in this shell, " +
                "so a rejected login goes unnoticed\n" +
                "hint: remove it, or let it call \"claude-auth run --\"; CLAUDE_AUTH_MODE=off silences this")
        }
    }
}
# end cmd

# begin prompt
# ----------------------------------------------------------------------------------------------------------------------
# The prompt: CLAUDE_AUTH_PROMPT, from the state file that the program keeps (docs/prompts.md).

# Returns what `ls` knows of a file, behind all links.
def __claude_auth_file [path: string]: nothing -> record {
    %ls --long --directory ($path | %path expand) | %first
}

# Returns the segment that the state file says, or null when it does not hold in this shell. A segment has only letters,
# digits, spaces and `?`, so no escape sequence reaches the terminal.
def __claude_auth_read [key: string, state: string]: nothing -> any {
    try {
        let file = __claude_auth_file $state
        let user = %whoami
        if $file.type != file or $file.user != $user { return null }
        if (__claude_auth_file ($state | %path dirname)).user != $user { return null }
        let lines = %open --raw $state | %first 4096 | %decode utf-8 | %split row "\n"
        if ($lines | %length) < 5 or $lines.1 != $key { return null }
        if $lines.0 !~ '^[0-9]{10}$' or $lines.3 !~ '^[\p{L}\p{N} ?]*$' { return null }
        if (__claude_auth_file $lines.2).modified > $file.modified { return null }
        let now = %date now | %format date '%s' | %into int
        let until = $lines.0 | %into int
        if $until <= $now or $until > $now + 3600 { return null }
        $lines.3
    } catch {
        null
    }
}

# Asks the program, which writes a new state file.
def __claude_auth_ask [key: string]: nothing -> string {
    let run = __claude_auth_find
    if $run == '' { return '' }
    let asked = try { null | ^$run __prompt $key | %complete } catch { return '' }
    if $asked.exit_code == 0 { $asked.stdout | %str trim --right --char "\n" } else { '' }
}

# Sets CLAUDE_AUTH_PROMPT. An error that is caught above changes the status of the last command, which is kept.
def --env __claude_auth_prompt [] {
    let was = $env.LAST_EXIT_CODE? | %default 0
    # begin cmd
    if $nu.is-interactive { __claude_auth_watch }
    # end cmd
    # The key is what chose the credentials file as this shell sees it, and a 1 when a credential in the environment
    # overrides the saved login.
    let storage = if '__STORAGE_DIR__' in $env { '=' + $env.__STORAGE_DIR__ } else { '' }
    let override = if ([@OVERRIDES@] | %any {|name| $name in $env and ($env | %get $name) != '' }) { '1' } else { '' }
    let key = [
        ($env.HOME? | %default '') ($env.CLAUDE_AUTH_FILE? | %default '') ($env.__CONFIG_DIR__? | %default '')
        $storage $override
    ] | %str join '|'
    let named = $env.XDG_STATE_HOME? | %default ''
    let home = if ($named starts-with '/') { $named } else { ($env.HOME? | %default '') + '/.local/state' }
    let read = __claude_auth_read $key ($home + '/claude-auth/prompt')
    $env.CLAUDE_AUTH_PROMPT = if $read != null { $read } else { __claude_auth_ask $key }
    $env.LAST_EXIT_CODE = $was
}
# end prompt

# Returns a list of nushell's hooks without those of this hook, of this load or another.
def __claude_auth_others [hooks: any]: nothing -> list {
    [$hooks] | %flatten | where {|hook| ($hook | %describe) != string or $hook !~ '__claude_auth_(prompt|others)\b' }
}

if $nu.is-interactive {
    let was = $env.LAST_EXIT_CODE? | %default 0
    $env.config.hooks.pre_prompt = (__claude_auth_others $env.config.hooks.pre_prompt)
    # begin no-cmd
    $env.CLAUDE_AUTH_HOOK = $"nu:($nu.pid):no-cmd"
    # end no-cmd
    # begin cmd
    __claude_auth_watch
    # end cmd
    # begin prompt
    # Exported, because other programs draw prompts too (starship, oh-my-posh).
    $env.CLAUDE_AUTH_PROMPT = ''
    $env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt | %append __claude_auth_prompt)
    __claude_auth_prompt
    # end prompt
    $env.LAST_EXIT_CODE = $was
}
