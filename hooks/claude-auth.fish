# The hook of claude-auth for fish: claude-auth init fish | source
#
# The head of hooks/hooks.go, in the source, says what a hook does and what `claude-auth init` fills in.
#
# Builtins are called as `builtin NAME`, so that a function of that name does not get in between.

# begin add-path
# The program is found by its name, too.
builtin command --search claude-auth >/dev/null
or set -gx PATH $PATH '@DIR@'
# end add-path

# begin cmd
# ----------------------------------------------------------------------------------------------------------------------
# The function: run the client under watch.

# Runs the client under watch. Arguments before the first `--` are for claude-auth, those after it for the client.
#
# Its variables carry our prefix: fish hides an exported variable of the user's behind a local one of its name, from the
# client too.
function __claude_auth_run --description 'claude-auth: run Claude Code under watch'
    set -l __claude_auth_named
    builtin test -z "$CLAUDE_AUTH_CLIENT"; or set __claude_auth_named $CLAUDE_AUTH_CLIENT
    set -l __claude_auth_args $argv[2..-1]
    if builtin test "$argv[1]" = --client
        set __claude_auth_named $argv[2]
        set __claude_auth_args $argv[4..-1]
    end
    set -l __claude_auth_client $__claude_auth_named
    builtin set -q __claude_auth_client[1]; or set __claude_auth_client claude
    # What only prints costs no process of ours. With relative entries of PATH it does: the program passes them over,
    # the shell does not.
    set -l __claude_auth_exe
    if not builtin contains -- "$__claude_auth_args[1]" @INFO@
        or builtin set -q __claude_auth_args[2]
        or builtin string match -q -v -- '/*' $__claude_auth_named $PATH
        set __claude_auth_exe '@EXE@'
        builtin test -f $__claude_auth_exe -a -x $__claude_auth_exe
        or set __claude_auth_exe (builtin command --search claude-auth)
    end
    if builtin set -q __claude_auth_exe[1]
        command $__claude_auth_exe[1] run $argv
    else
        command $__claude_auth_client $__claude_auth_args
    end
end

# ----------------------------------------------------------------------------------------------------------------------
# Aliases with the function's name.

# In fish an alias is a function, and its description says so. One that runs the client (claude='claude --flag',
# claude=~/.claude/local/claude) is changed to call __claude_auth_run, with its flags as written; nothing of it is
# evaluated here. Returns 0 when the name calls claude-auth, 1 for any other function, 2 when there is none.
#
# Each hook has this parser. One in the program would cost a process at the start of every shell that has such an
# alias, and the client's own installer writes one.
function __claude_auth_lead --description 'claude-auth: keep the alias of the client under watch'
    builtin functions --query __claude_auth_cmd__; or return 2
    set -l about (builtin functions --details --verbose __claude_auth_cmd__)[5]
    builtin string match -q -r -- '^claude-auth: |\\(claude-auth\\)$' "$about"; and return 0
    # Lines: `function NAME …`, one command, `end`; before them fish may say where it comes from.
    set -l text (builtin functions __claude_auth_cmd__ |
        builtin string match -v -r -- '^\s*(#|$)' | builtin string trim)
    if not builtin string match -q -r -- '^alias __claude_auth_cmd__[= ]' "$about"
        or builtin test (builtin count $text) -ne 3
        builtin string match -q -r -- 'claude[-_]auth' $text
        return
    end
    set -l flags (builtin string match -r -- '^command (?:claude|__claude_auth_cmd__)(\s.*)$' $text[2])
    set -l word '[^\s"\'\\\\;&|<>()]*'
    set -l other (builtin string match -r -- \
        '^((?:~?/|"[^"\\\\()]*/|\'[^\'\\\\]*/|\\$HOME/)(?:'$word'/)?claude(?:[-._]'$word')?["\']?)(\s.*)$' $text[2])
    if builtin set -q flags[2]
        set text[2] "    __claude_auth_run --$flags[2]"
    else if builtin set -q other[3]
        set text[2] "    __claude_auth_run --client $other[2] --$other[3]"
    else
        return 1
    end
    builtin string join -- \n $text | builtin source
    builtin functions --description "$about (claude-auth)" __claude_auth_cmd__
end

__claude_auth_lead
# A function of this name that the user wrote stays; the first prompt then says that it is in the way.
if builtin test $status -eq 2
    or builtin string match -q -- 'claude-auth: *' (builtin functions --details --verbose __claude_auth_cmd__)[5]
    function __claude_auth_cmd__ --wraps claude --description 'claude-auth: Claude Code under watch'
        __claude_auth_run -- $argv
    end
end
# end cmd

if builtin status is-interactive
    # `claude-auth doctor`, a child of this shell, reads which hook is loaded, and in which process.
    # begin cmd
    if __claude_auth_lead
        set -gx CLAUDE_AUTH_HOOK fish:$fish_pid
    else
        set -gx CLAUDE_AUTH_HOOK fish:$fish_pid:displaced
    end
    # end cmd
    # begin no-cmd
    set -gx CLAUDE_AUTH_HOOK fish:$fish_pid:no-cmd
    # end no-cmd

    # begin prompt
    # begin cmd
    # ------------------------------------------------------------------------------------------------------------------
    # A warning, once, when something has replaced the function since the hook was loaded.

    set -g __claude_auth_watched
    set -g __claude_auth_warned

    # Called before the first prompt, when the startup files have been read, and when the function changed.
    function __claude_auth_watch --description 'claude-auth: notice what displaced the function'
        __claude_auth_lead
        set -l found $status
        set -g __claude_auth_watched (builtin functions --details --verbose __claude_auth_cmd__)
        if builtin test $found -eq 0
            set -gx CLAUDE_AUTH_HOOK fish:$fish_pid
            return
        end
        set -gx CLAUDE_AUTH_HOOK fish:$fish_pid:displaced
        builtin test "$CLAUDE_AUTH_MODE" != off -a -z "$__claude_auth_warned"; or return
        set -g __claude_auth_warned yes
        builtin printf '%s\n' \
            'claude-auth: __claude_auth_cmd__ is another function in this shell, so a rejected login goes unnoticed' \
            'hint: load the hook after it, or let it call "claude-auth run --"; CLAUDE_AUTH_MODE=off silences this' >&2
    end
    # end cmd

    # ------------------------------------------------------------------------------------------------------------------
    # The prompt: CLAUDE_AUTH_PROMPT, from the state file that the program keeps (docs/prompts.md).

    # __claude_auth_age prints when a file was changed, and how many seconds ago that is. So fish tells the time without
    # another process, from 3.6 on. It is read on its own: before 3.5 `builtin path` is a syntax error of a whole file.
    set -g __claude_auth_clock
    if builtin contains -- path (builtin --names)
        builtin printf '%s\n' 'function __claude_auth_age --description "claude-auth: tell the time"' \
            '    builtin path mtime -- $argv; and builtin path mtime --relative -- $argv' end \
            'set -g __claude_auth_clock (__claude_auth_age / 2>/dev/null)' | builtin source
    end

    # The text of the state file that was accepted last, and its four lines: the second until which it holds, the key,
    # the credentials file, the segment.
    set -g __claude_auth_text
    set -g __claude_auth_line

    # Accepts the text $argv[3] of the state file $argv[2], if it is for the key $argv[1], and the file and its
    # directory are the user's own. A segment has only letters, digits, spaces and `?`, so no escape sequence reaches
    # the terminal.
    function __claude_auth_take --description 'claude-auth: accept what the state file says'
        set -l dir (builtin string replace -r '/[^/]*$' '' -- "$argv[2]")
        set -l line (builtin string split -- \n "$argv[3]")
        builtin set -q dir[1] line[5]
        and builtin test -O "$argv[2]" -a -O "$dir" -a "$line[2]" = "$argv[1]"
        and builtin string match -q -r -- '^\d{10}$' "$line[1]"
        and builtin string match -q -r -- '^[\pL\d ?]*$' "$line[4]"
        or return
        set -g __claude_auth_text $argv[3]
        set -g __claude_auth_line $line
    end

    # Sets CLAUDE_AUTH_PROMPT without another process while the state file holds, else by asking the program, which
    # writes a new one. It reads only a regular file, and at most 4096 characters up to the first NUL.
    #
    # fish itself keeps $status and $pipestatus around event handlers, but not around a call from a function of the
    # user's own.
    function __claude_auth_prompt --on-event fish_prompt --description 'claude-auth: set CLAUDE_AUTH_PROMPT'
        set -l was $status
        # begin cmd
        set -l about (builtin functions --details --verbose __claude_auth_cmd__)
        builtin test "$about" = "$__claude_auth_watched"; or __claude_auth_watch
        # end cmd
        set -l state $HOME/.local/state/claude-auth/prompt
        builtin string match -q -- '/*' "$XDG_STATE_HOME"; and set state $XDG_STATE_HOME/claude-auth/prompt
        # The key is what chose the credentials file as this shell sees it, and a 1 when a credential in the environment
        # overrides the saved login. A trace ($fish_trace) shows the values of arguments, but not what `set` prints.
        set -l key "$HOME|$CLAUDE_AUTH_FILE|$__CONFIG_DIR__|"
        builtin set -q __STORAGE_DIR__; and set key "$key=$__STORAGE_DIR__"
        set key "$key|"
        set -l named
        for name in @OVERRIDES@
            builtin set -q "$name"[1]; and set named $named $name
        end
        builtin set -q named[1]
        and builtin set --show $named | builtin string match -q -r -- '^\$\w+\[1\]: (length=\d+ value=)?\|.+\|'
        and set key "$key"1
        if builtin test -n "$__claude_auth_clock[2]" -a -f "$state" -a -r "$state"
            set -l text
            builtin read --null --nchars 4096 text 2>/dev/null <$state
            set -l age (__claude_auth_age $state)
            if builtin set -q age[2]
                and begin
                    builtin test "$text" = "$__claude_auth_text" -a "$key" = "$__claude_auth_line[2]"
                    or __claude_auth_take "$key" $state "$text"
                end
                set -l now (builtin math $age[1] + $age[2])
                set -l until $__claude_auth_line[1]
                if builtin test $now -lt $until -a $until -le (builtin math $now + 3600) -a -e "$__claude_auth_line[3]"
                    and not builtin test "$__claude_auth_line[3]" -nt $state
                    set -gx CLAUDE_AUTH_PROMPT $__claude_auth_line[4]
                    return $was
                end
            end
        end
        set -l run '@EXE@'
        builtin test -f $run -a -x $run; or set run (builtin command --search claude-auth)
        set -gx CLAUDE_AUTH_PROMPT
        builtin set -q run[1]; and set -gx CLAUDE_AUTH_PROMPT (command $run[1] __prompt "$key" 2>/dev/null </dev/null)
        return $was
    end

    # Exported, because other programs draw prompts too (starship, oh-my-posh).
    set -gx CLAUDE_AUTH_PROMPT
    # end prompt
end
