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
  \builtin typeset -g __claude_auth_watched=

  # Notices what was put in place of the function after the hook was loaded, and says so once: before the first prompt, when
  # the startup files have been read.
  function __claude_auth_watch {
    \builtin emulate -L zsh
    \builtin local what=
    \builtin typeset -g __claude_auth_watched=yes
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

  # Sets CLAUDE_AUTH_PROMPT from the state file that the program keeps (docs/prompts.md), without a fork while that holds.
  # zsh itself keeps $? and pipestatus around precmd functions; $? is kept for those who call this in a function of their own.
  function __claude_auth_prompt {
    \builtin local was=$?
    \builtin emulate -L zsh
    # begin cmd
    [[ -n "${__claude_auth_watched-}" ]] || __claude_auth_watch || \builtin true
    # end cmd
    \builtin local state="${HOME-}/.local/state/claude-auth" key='' run='' now='%D{%s}' till='' present=0
    \builtin local -a lines
    [[ "${XDG_STATE_HOME-}" != /* ]] || state="$XDG_STATE_HOME/claude-auth"
    key="${HOME-}|${CLAUDE_AUTH_FILE-}|${CLAUDE_CONFIG_DIR-}|${CLAUDE_SECURESTORAGE_CONFIG_DIR+=$CLAUDE_SECURESTORAGE_CONFIG_DIR}"
    # A credential in the environment wins over the saved login. `:+1`, so that `set -x` shows none.
    [[ -z "${ANTHROPIC_API_KEY:+1}${ANTHROPIC_AUTH_TOKEN:+1}${CLAUDE_CODE_OAUTH_TOKEN:+1}${CLAUDE_CODE_USE_BEDROCK:+1}${CLAUDE_CODE_USE_VERTEX:+1}${CLAUDE_CODE_USE_FOUNDRY:+1}${CLAUDE_CODE_USE_ANTHROPIC_AWS:+1}${CLAUDE_CODE_USE_MANTLE:+1}${CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR:+1}${CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR:+1}" ]] ||
      key+='|shadowed'
    if [[ -r "$state/prompt" ]]; then
      lines=("${(@f)$(<"$state/prompt")}") # of this form zsh makes no fork
      if [[ "${lines[2]-}" == "$key" && -n "${lines[3]-}" ]]; then
        now="${(%)now}" # by zsh's prompt expansion, for which no module need be loaded
        [[ ! -e "${lines[3]}" ]] || present=1
        till="${${lines[1]#1 }% $present}" # the first line is `1 UNTIL PRESENT`
        if [[ "${lines[1]}" == "1 $till $present" && "$till" == <-> && ${#till} -le 12 && "$till" -gt "$now" && "$till" -le $(( now + 3600 )) ]] &&
          [[ ! "${lines[3]}" -nt "$state/prompt" && ! "$state/ledger.jsonl" -nt "$state/prompt" ]]; then
          CLAUDE_AUTH_PROMPT="${lines[4]-}"
          \builtin return $was
        fi
      fi
    fi
    run='@EXE@'
    if [[ ! -x "$run" || -d "$run" ]]; then
      run=claude-auth
      \builtin whence -p claude-auth >/dev/null || run=
    fi
    if [[ -z "$run" ]] || ! CLAUDE_AUTH_PROMPT="$(\command -- "$run" __prompt "$key" 2>/dev/null </dev/null)"; then
      CLAUDE_AUTH_PROMPT=
    fi
    \builtin return $was
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
