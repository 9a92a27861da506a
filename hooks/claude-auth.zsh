# The hook of claude-auth for zsh: eval "$(claude-auth init zsh)"
#
# `claude-auth init` puts the program's path in place of @EXE@ and the function's name in place of __claude_auth_cmd__,
# and leaves out the parts that --no-cmd and --no-prompt take away. zsh parses all of this before it runs any of it, with
# the person's own options and aliases: so builtins are called as `\builtin NAME`, and what depends on options stands in
# functions that begin with `emulate -L zsh`.

# begin cmd
# A function of the person's own by this name is not ours to overwrite: the prompt says once that it is in the way.
if [[ ${+functions[__claude_auth_cmd__]} == 0 || "${functions[__claude_auth_cmd__]-}" == *__claude_auth_client* ]]; then
  # The keyword `function` and the quotes keep an alias of this name from being expanded here. The function needs nothing but itself:
  # the client's shell tool carries functions and aliases into its own shell, but no variables (read in 2.1.165, 2.1.330).
  function '__claude_auth_cmd__' {
    \builtin local __claude_auth_via="${__claude_auth_client-}" __claude_auth_run='@EXE@'
    \builtin unset __claude_auth_client # else the client and all that it starts would inherit it
    if [[ ! -x "$__claude_auth_run" || -d "$__claude_auth_run" ]]; then
      __claude_auth_run=claude-auth
      \builtin whence -p claude-auth >/dev/null || __claude_auth_run=
    fi
    if [[ -z "$__claude_auth_run" ]]; then
      \command -- "${__claude_auth_via:-${CLAUDE_AUTH_CLIENT:-claude}}" "$@"
    elif [[ -n "$__claude_auth_via" ]]; then
      \command -- "$__claude_auth_run" run --client "$__claude_auth_via" -- "$@"
    else
      \command -- "$__claude_auth_run" run -- "$@"
    fi
  }
fi
# end cmd

if [[ -o interactive ]]; then
  # begin cmd
  # Sees to an alias named like the function. One that comes to the function stays as it is (claude='claude --flag'). One
  # that names another client (claude=~/.claude/local/claude) is led through the function: its first word becomes an
  # assignment, the rest stays as written, nothing is evaluated here. Returns 1 for any other.
  function __claude_auth_alias {
    \builtin emulate -L zsh
    \builtin local text="${aliases[__claude_auth_cmd__]-}" before='' word=''
    case "$text" in
      # none, one led here before, or one like 'cd ~/x && claude'
      ('' | *__claude_auth_client=* | *[';&|({']__claude_auth_cmd__* | *[';&|({']" __claude_auth_cmd__"*) \builtin return 0 ;;
    esac
    while \builtin true; do # the assignments and modifiers in front, which may stay in front
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
    [[ "$word" != *[\\\`]* && "$text" != [^[:space:]]* ]] || \builtin return 1 # the word goes on, or its quote has no end
    case "${word%[\"\']}" in
      ('__claude_auth_cmd__') \builtin return 0 ;;
      (*/claude | */claude[-._]*) ;;
      (*) \builtin return 1 ;;
    esac
    \builtin alias -- "__claude_auth_cmd__=${before}__claude_auth_client=${word} __claude_auth_cmd__${text}"
  }

  # For `claude-auth doctor`, a child of this shell: which hook, in which process.
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
  # Notices what was put in place of the function after the hook was loaded, and says so once: before the first prompt, when
  # the startup files have been read.
  function __claude_auth_watch {
    \builtin emulate -L zsh
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
    \builtin export CLAUDE_AUTH_HOOK="zsh:$$:displaced"
    [[ "${CLAUDE_AUTH_MODE-}" != off ]] || \builtin return 0
    \builtin print -ru2 -- "claude-auth: __claude_auth_cmd__ is $what here, so a dead login goes unnoticed"
    \builtin print -ru2 -- 'hint: let it call "claude-auth run --", or load the hook after it; CLAUDE_AUTH_MODE=off silences this'
  }
  # end cmd

  # Stands before the path of the state file, so that there is none, until the first prompt has seen to what is to be done once;
  # and for good where the shell lacks the module that has the clock.
  \builtin typeset -g __claude_auth_unready=/unready __claude_auth_once=

  # Sets CLAUDE_AUTH_PROMPT, by asking the program if need be, which renews the state file. $1 is the key, $2 the
  # status to return. At the first prompt it does first what is to be done once.
  function __claude_auth_renew {
    \builtin emulate -L zsh
    \builtin local run='@EXE@'
    if [[ -z "${__claude_auth_once-}" ]]; then
      __claude_auth_once=yes
      # begin cmd
      __claude_auth_watch || \builtin true
      # end cmd
      if \builtin zmodload -F zsh/datetime +p:EPOCHSECONDS 2>/dev/null; then
        __claude_auth_unready=
        __claude_auth_prompt
        \builtin return "$2"
      fi
    fi
    if [[ ! -x "$run" || -d "$run" ]]; then
      run=claude-auth
      \builtin whence -p claude-auth >/dev/null || run=
    fi
    if [[ -z "$run" ]] || ! CLAUDE_AUTH_PROMPT="$(\command -- "$run" __prompt "$1" 2>/dev/null </dev/null)"; then
      CLAUDE_AUTH_PROMPT=
    fi
    \builtin return "$2"
  }

  # Sets CLAUDE_AUTH_PROMPT from the state file that the program keeps (docs/prompts.md), without a fork while that holds. Made to
  # be fast: each command costs, and `emulate` and local parameters do, so it has few, and nothing that an option changes.
  # zsh itself keeps the status around precmd functions, but not in a function of the person's own. The key is what in this
  # shell's view chose the credentials file, and a 1 for each credential in the environment that wins over it: `:+1`, so that a
  # trace shows none.
  function __claude_auth_prompt {
    \builtin typeset -g __claude_auth_status="$?" __claude_auth_state="${__claude_auth_unready-}${XDG_STATE_HOME:-${HOME-}/.local/state}/claude-auth/prompt" __claude_auth_key="${HOME-}|${CLAUDE_AUTH_FILE-}|${CLAUDE_CONFIG_DIR-}|${CLAUDE_SECURESTORAGE_CONFIG_DIR+=$CLAUDE_SECURESTORAGE_CONFIG_DIR}|${ANTHROPIC_API_KEY:+1}${ANTHROPIC_AUTH_TOKEN:+1}${CLAUDE_CODE_OAUTH_TOKEN:+1}${CLAUDE_CODE_USE_BEDROCK:+1}${CLAUDE_CODE_USE_VERTEX:+1}${CLAUDE_CODE_USE_FOUNDRY:+1}${CLAUDE_CODE_USE_ANTHROPIC_AWS:+1}${CLAUDE_CODE_USE_MANTLE:+1}${CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR:+1}${CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR:+1}"
    if [[ $__claude_auth_state == /* && -r $__claude_auth_state ]]; then
      # $1 to $4 are the lines of the file. Of this form zsh makes no fork.
      \builtin set -- "${(@f)$(<"$__claude_auth_state")}"
      # Seconds have ten digits until 2286, so they compare as text; arithmetic would evaluate what stands there.
      if [[ $1 > $EPOCHSECONDS && ${2-} == "$__claude_auth_key" && ! $1 > $((EPOCHSECONDS + 3600)) && -e ${3-} && ! $3 -nt $__claude_auth_state ]]; then
        [[ ${CLAUDE_AUTH_PROMPT-} == "${4-}" ]] || \builtin typeset -g CLAUDE_AUTH_PROMPT="${4-}"
        \builtin return "$__claude_auth_status"
      fi
    fi
    __claude_auth_renew "$__claude_auth_key" "$__claude_auth_status"
  }

  # Exported, because prompts are drawn by other programs too (starship, oh-my-posh).
  \builtin export CLAUDE_AUTH_PROMPT=''
  # First, so that a theme that builds its prompt in a precmd function finds the value of this prompt.
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
