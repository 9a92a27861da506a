# The hook of claude-auth for zsh: eval "$(claude-auth init zsh)"
#
# The head of hooks/hooks.go, in the source, says what a hook does and what `claude-auth init` fills in.
#
# zsh parses all of this before it runs any of it, with the user's own options and aliases. Builtins are therefore
# called as `\builtin NAME`, and what depends on options is in functions that begin with `emulate -L zsh`.

# begin add-path
# The program is found by its name, too.
if ! \builtin whence -p claude-auth >/dev/null; then
  PATH="${PATH:+$PATH:}"'@DIR@'
fi
# end add-path

# begin cmd
# ----------------------------------------------------------------------------------------------------------------------
# The function: run the client under watch.

# A function of this name that the user wrote stays; the first prompt then says that it is in the way.
if [[ ${+functions[__claude_auth_cmd__]} == 0 || "${functions[__claude_auth_cmd__]-}" == *__claude_auth_client* ]]; then
  # The keyword `function` and the quotes keep an alias of this name from being expanded here. The function needs no
  # variable of the shell: the client's shell tool copies functions and aliases into its own shell, but no variables
  # (2.1.165, 2.1.330).
  function '__claude_auth_cmd__' {
    \builtin local __claude_auth_via="${__claude_auth_client-}" __claude_auth_run='@EXE@'
    \builtin unset __claude_auth_client # or the client and all that it starts would inherit it
    # What only prints costs no process of ours. With relative entries of PATH it does: the program passes them over,
    # the shell does not.
    if [[ "$#" == 1 && ":${__claude_auth_via:-${CLAUDE_AUTH_CLIENT:-/}}:${PATH-}:" != *:[^/]* ]]; then
      case "$1" in (@INFO@) __claude_auth_run= ;; esac
    fi
    if [[ -n "$__claude_auth_run" && (! -x "$__claude_auth_run" || -d "$__claude_auth_run") ]]; then
      __claude_auth_run=claude-auth
      \builtin whence -p claude-auth >/dev/null || __claude_auth_run=
    fi
    if [[ -z "$__claude_auth_run" ]]; then
      # No `--`: zsh 5.3 and older take it for the command's name.
      \command "${__claude_auth_via:-${CLAUDE_AUTH_CLIENT:-claude}}" "$@"
    elif [[ -n "$__claude_auth_via" ]]; then
      \command "$__claude_auth_run" run --client "$__claude_auth_via" -- "$@"
    else
      \command "$__claude_auth_run" run -- "$@"
    fi
  }
fi
# end cmd

if [[ -o interactive ]]; then
  # begin cmd
  # --------------------------------------------------------------------------------------------------------------------
  # Aliases with the function's name.

  # An alias that calls the function stays as it is (claude='claude --flag'). One that names another client
  # (claude=~/.claude/local/claude) is changed to call the function: its first word becomes an assignment, the rest
  # stays as written, and nothing is evaluated here. Returns 1 for any other alias.
  #
  # Each hook has this parser. One in the program would cost a process at the start of every shell that has such an
  # alias, and the client's own installer writes one.
  function __claude_auth_alias {
    \builtin emulate -L zsh
    \builtin local text="${aliases[__claude_auth_cmd__]-}" before='' word=''
    case "$text" in
      # No alias, one that was changed before, or one like 'cd ~/x && claude'.
      ('' | *__claude_auth_client=*) \builtin return 0 ;;
      (*[';&|({']__claude_auth_cmd__* | *[';&|({']" __claude_auth_cmd__"*) \builtin return 0 ;;
    esac
    while \builtin true; do # assignments and modifiers in front stay in front
      text="${text#"${text%%[![:space:]]*}"}"
      word="${text%%[[:space:]]*}"
      case "$word" in
        (noglob | nocorrect) before+="$word " ;;
        ([^A-Za-z_]* | *[^A-Za-z0-9_@%+:,./~=-]*) \builtin break ;;
        (*=*) before+="$word " ;;
        (*) \builtin break ;;
      esac
      text="${text#"$word"}"
    done
    case "$text" in
      (\"*) word="${text#\"}"; word="\"${word%%\"*}\"" ;;
      (\'*) word="${text#\'}"; word="'${word%%\'*}'" ;;
      (*) [[ "$word" != *[\'\"\;\&\|\<\>\(\)]* ]] || \builtin return 1 ;;
    esac
    text="${text#"$word"}"
    # Returns 1 when the word goes on, or when its quote has no end.
    [[ "$word" != *[\\\`]* && "$text" != [^[:space:]]* ]] || \builtin return 1
    case "${word%[\"\']}" in
      ('__claude_auth_cmd__') \builtin return 0 ;;
      (*/claude | */claude[-._]*) ;;
      (*) \builtin return 1 ;;
    esac
    \builtin alias -- "__claude_auth_cmd__=${before}__claude_auth_client=${word} __claude_auth_cmd__${text}"
  }

  # `claude-auth doctor`, a child of this shell, reads which hook is loaded, and in which process.
  \builtin export CLAUDE_AUTH_HOOK="zsh:$$"
  if ! __claude_auth_alias || [[ "${functions[__claude_auth_cmd__]-}" != *claude[-_]auth* ]]; then
    CLAUDE_AUTH_HOOK="zsh:$$:displaced"
  fi
  # end cmd
  # begin no-cmd
  \builtin export CLAUDE_AUTH_HOOK="zsh:$$:no-cmd"
  # end no-cmd

  # begin prompt
  # begin cmd
  # --------------------------------------------------------------------------------------------------------------------
  # A warning, once, when something has replaced the function since the hook was loaded.

  # Called before the first prompt, when the startup files have been read, and when the function or its alias changed.
  function __claude_auth_watch {
    \builtin emulate -L zsh
    \builtin export CLAUDE_AUTH_HOOK="zsh:$$"
    \builtin local what=
    if ! __claude_auth_alias; then
      what='an alias'
    elif (( ! ${+functions[__claude_auth_cmd__]} )); then
      what='no longer a function'
    elif [[ "${functions[__claude_auth_cmd__]}" != *claude[-_]auth* ]]; then
      what='another function'
    else
      \builtin return 0
    fi
    CLAUDE_AUTH_HOOK="zsh:$$:displaced"
    [[ "${CLAUDE_AUTH_MODE-}" != off && -z "${__claude_auth_warned-}" ]] || \builtin return 0
    \builtin typeset -g __claude_auth_warned=yes
    \builtin print -rlu2 -- \
      "claude-auth: __claude_auth_cmd__ is $what in this shell, so a rejected login goes unnoticed" \
      'hint: load the hook after it, or let it call "claude-auth run --"; CLAUDE_AUTH_MODE=off silences this'
  }
  # end cmd

  # --------------------------------------------------------------------------------------------------------------------
  # The prompt: CLAUDE_AUTH_PROMPT, from the state file that the program keeps (docs/prompts.md).

  # Comes before the state file's path, so that no file is found: until the first prompt has done what is done once,
  # and always where zsh lacks the modules for the clock or for reading. There each prompt asks the program.
  \builtin typeset -g __claude_auth_unready=/unready __claude_auth_once= __claude_auth_kept= __claude_auth_kept_key= \
    __claude_auth_warned= __claude_auth_seen=

  # Sets CLAUDE_AUTH_PROMPT from $1, the text of the state file. It has four lines: the second until which it holds, the
  # key, the credentials file, the segment. Returns 1 when the text does not hold in this shell, or when the file or its
  # directory is not the user's own.
  #
  # A segment has only letters, digits, spaces and `?`, so no escape sequence reaches the terminal. Seconds have ten
  # digits until 2286, so they compare as text; arithmetic would evaluate what the file says.
  function __claude_auth_take {
    \builtin emulate -L zsh
    \builtin local -a line
    line=("${(@f)1}")
    [[ "$__claude_auth_state" == /* && -O "$__claude_auth_state" && -O "${__claude_auth_state:h}" &&
      "$1" == *$'\n' && "${line[2]-}" == "$__claude_auth_key" &&
      "$line[1]" > "$EPOCHSECONDS" && ! "$line[1]" > "$((EPOCHSECONDS + 3600))." &&
      -e "${line[3]-}" && ! "$line[3]" -nt "$__claude_auth_state" && "${line[4]-}" != *[^[:alnum:]\ ?]* ]] ||
      \builtin return 1
    \builtin typeset -g __claude_auth_kept="$1" __claude_auth_kept_key="$__claude_auth_key" \
      __claude_auth_until="$line[1]" __claude_auth_file="$line[3]" __claude_auth_segment="${line[4]-}" \
      __claude_auth_since="$EPOCHSECONDS" CLAUDE_AUTH_PROMPT="${line[4]-}"
  }

  # Remembers what has the function's name, so that the prompts notice when that changes.
  function __claude_auth_see {
    \builtin emulate -L zsh
    # begin cmd
    __claude_auth_watch || \builtin true
    # end cmd
    \builtin typeset -g __claude_auth_seen="${functions[__claude_auth_cmd__]-}:${aliases[__claude_auth_cmd__]-}"
  }

  # Sets CLAUDE_AUTH_PROMPT from $1, the text of the state file if that is new to this shell, or else by asking the
  # program, which writes a new one. $2 is the status to return. Before the first prompt it does what is done once.
  function __claude_auth_renew {
    \builtin emulate -L zsh
    \builtin local run='@EXE@'
    if [[ -z "${__claude_auth_once-}" ]]; then
      __claude_auth_once=yes
      __claude_auth_see
      if \builtin zmodload -F zsh/datetime +p:EPOCHSECONDS 2>/dev/null &&
        \builtin zmodload -F zsh/system +b:sysread 2>/dev/null; then
        __claude_auth_unready=
        __claude_auth_prompt
        \builtin return "$2"
      fi
    fi
    if [[ "${functions[__claude_auth_cmd__]-}:${aliases[__claude_auth_cmd__]-}" != "${__claude_auth_seen-}" ]]; then
      __claude_auth_see
    fi
    if [[ -n "$1" ]] && __claude_auth_take "$1"; then
      \builtin return "$2"
    fi
    if [[ ! -x "$run" || -d "$run" ]]; then
      run=claude-auth
      \builtin whence -p claude-auth >/dev/null || run=
    fi
    if [[ -z "$run" ]] ||
      ! CLAUDE_AUTH_PROMPT="$(\command "$run" __prompt "$__claude_auth_key" 2>/dev/null </dev/null)"; then
      CLAUDE_AUTH_PROMPT=
    fi
    \builtin return "$2"
  }

  # Keeps CLAUDE_AUTH_PROMPT, without a fork, while the state file says what it said when it was accepted. It reads
  # only a regular file, and at most 4096 bytes.
  #
  # It is written to be fast: each command costs, and so do `emulate` and local parameters; and no option changes what
  # is here. zsh itself keeps the status around precmd functions, but not around a call from a function of the user's.
  # The key is what chose the credentials file as this shell sees it, and a 1 for each credential in the environment
  # that overrides the saved login: `:+1`, so that a trace shows none.
  function __claude_auth_prompt {
    \builtin typeset -g __claude_auth_status="$?" \
      __claude_auth_state="${__claude_auth_unready-}${XDG_STATE_HOME:-${HOME-}/.local/state}/claude-auth/prompt" \
      __claude_auth_key="${HOME-}|${CLAUDE_AUTH_FILE-}|${__CONFIG_DIR__-}|"\
"${__STORAGE_DIR__+=$__STORAGE_DIR__}|"\
"@OVERRIDES@"
    # $1 becomes the text: any other parameter would have to be local, or some option would warn of it.
    [[ -f $__claude_auth_state && -r $__claude_auth_state ]] &&
      \builtin sysread -s 4096 1 <"$__claude_auth_state" &&
      [[ $1 == "${__claude_auth_kept-}" && $__claude_auth_key == "${__claude_auth_kept_key-}" &&
        $__claude_auth_until > $EPOCHSECONDS && ! $EPOCHSECONDS < $__claude_auth_since &&
        -e $__claude_auth_file && ! $__claude_auth_file -nt $__claude_auth_state &&
        ${CLAUDE_AUTH_PROMPT-} == "$__claude_auth_segment" &&
        ${functions[__claude_auth_cmd__]-}:${aliases[__claude_auth_cmd__]-} == "$__claude_auth_seen" ]] ||
      __claude_auth_renew "${1-}" "$__claude_auth_status"
    \builtin return "$__claude_auth_status"
  }

  # Exported, because other programs draw prompts too (starship, oh-my-posh).
  \builtin export CLAUDE_AUTH_PROMPT=''
  # First, so that a theme that builds its prompt in a precmd function finds this prompt's value.
  function __claude_auth_load {
    \builtin emulate -L zsh
    \builtin typeset -ga precmd_functions
    precmd_functions=(__claude_auth_prompt "${(@)precmd_functions:#__claude_auth_prompt}")
  }
  __claude_auth_load
  \builtin unfunction __claude_auth_load
  # end prompt
fi
\builtin true # a hook that has loaded leaves no failed test behind as its status
