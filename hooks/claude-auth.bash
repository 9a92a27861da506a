# shellcheck shell=bash disable=SC2034 # what is exported is read by other programs
# The hook of claude-auth for bash: eval "$(claude-auth init bash)"
#
# `claude-auth init` puts the program's path in place of @EXE@ and the function's name in place of __claude_auth_cmd__,
# and leaves out the parts that --no-cmd and --no-prompt take away. The text runs inside a person's own shell, so builtins
# are called as `\builtin NAME`: neither an alias nor a function of that name gets in between. (Not so `command`: under
# errexit `builtin command` ends the shell even on the left of `||`, bash 5.2.) Locals carry our prefix, since a person's
# `readonly` would stop them, and there is no `=~`, which would overwrite BASH_REMATCH.

# begin cmd
# A function of the person's own by this name is not ours to overwrite: the prompt says once that it is in the way.
if ! \builtin declare -F __claude_auth_cmd__ >/dev/null ||
  [[ "$(\builtin declare -f __claude_auth_cmd__)" == *__claude_auth_client* ]]; then
  # The keyword `function` keeps an alias of this name from being expanded here. The function needs nothing but itself:
  # the client's shell tool carries functions and aliases into its own shell, but no variables (read in 2.1.165, 2.1.330).
  function __claude_auth_cmd__ {
    \builtin local __claude_auth_via="${__claude_auth_client-}" __claude_auth_run='@EXE@'
    \builtin unset -v __claude_auth_client # else the client and all that it starts would inherit it
    if [[ ! -x "$__claude_auth_run" || -d "$__claude_auth_run" ]]; then
      __claude_auth_run=claude-auth
      \builtin type -P claude-auth >/dev/null || __claude_auth_run=
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

if [[ $- == *i* ]]; then
  # begin cmd
  # Sees to an alias named like the function. One that comes to the function stays as it is (claude='claude --flag'). One
  # that names another client (claude=~/.claude/local/claude) is led through the function: its first word becomes an
  # assignment, the rest stays as written, nothing is evaluated here. Returns 1 for any other.
  __claude_auth_alias() {
    \builtin local __claude_auth_text='' __claude_auth_before='' __claude_auth_word
    if ((BASH_VERSINFO[0] >= 4)); then
      __claude_auth_text="${BASH_ALIASES[__claude_auth_cmd__]-}"
    elif __claude_auth_text="$(\builtin alias __claude_auth_cmd__ 2>/dev/null)"; then # bash 3.2 has no table of aliases
      __claude_auth_text="${__claude_auth_text#*=\'}"
      __claude_auth_text="${__claude_auth_text%\'}"
      __claude_auth_text="${__claude_auth_text//"'\\''"/"'"}"
    fi
    case "$__claude_auth_text" in
      # none, one led here before, or one like 'cd ~/x && claude'
      '' | *__claude_auth_client=* | *[';&|({']__claude_auth_cmd__* | *[';&|({']" __claude_auth_cmd__"*) \builtin return 0 ;;
    esac
    while \builtin :; do # the assignments in front, which may stay in front
      __claude_auth_text="${__claude_auth_text#"${__claude_auth_text%%[![:space:]]*}"}"
      __claude_auth_word="${__claude_auth_text%%[[:space:]]*}"
      case "$__claude_auth_word" in
        [!A-Za-z_]* | *[!A-Za-z0-9_@%+:,./~=-]*) \builtin break ;;
        *=*) __claude_auth_before+="$__claude_auth_word " ;;
        *) \builtin break ;;
      esac
      __claude_auth_text="${__claude_auth_text#"$__claude_auth_word"}"
    done
    case "$__claude_auth_text" in
      \"*) __claude_auth_word="${__claude_auth_text#\"}" && __claude_auth_word="\"${__claude_auth_word%%\"*}\"" ;;
      \'*) __claude_auth_word="${__claude_auth_text#\'}" && __claude_auth_word="'${__claude_auth_word%%\'*}'" ;;
      *) [[ "$__claude_auth_word" != *[\'\"\;\&\|\<\>\(\)]* ]] || \builtin return 1 ;;
    esac
    __claude_auth_text="${__claude_auth_text#"$__claude_auth_word"}"
    [[ "$__claude_auth_word" != *[\\\`]* && "$__claude_auth_text" != [![:space:]]* ]] || \builtin return 1 # the word goes on, or its quote has no end
    case "${__claude_auth_word%[\"\']}" in
      __claude_auth_cmd__) \builtin return 0 ;;
      */claude | */claude[-._]*) ;;
      *) \builtin return 1 ;;
    esac
    # shellcheck disable=SC2139 # it is meant to be expanded now
    \builtin alias "__claude_auth_cmd__=${__claude_auth_before}__claude_auth_client=${__claude_auth_word} __claude_auth_cmd__${__claude_auth_text}"
  }

  # For `claude-auth doctor`, a child of this shell: which hook, in which process.
  \builtin export CLAUDE_AUTH_HOOK="bash:$$"
  if ! __claude_auth_alias || [[ "$(\builtin declare -f __claude_auth_cmd__)" != *claude[-_]auth* ]]; then
    CLAUDE_AUTH_HOOK="bash:$$:displaced"
  fi
  # end cmd
  # begin no-cmd
  \builtin export CLAUDE_AUTH_HOOK="bash:$$:no-cmd"
  # end no-cmd

  # begin prompt
  # begin cmd
  # Notices what was put in place of the function after the hook was loaded, and says so once: before the first prompt, when
  # the startup files have been read. Each look takes a fork or a walk over all aliases, which no later prompt is to pay.
  __claude_auth_watch() {
    \builtin local __claude_auth_what=
    if ((BASH_VERSINFO[0] >= 4)) && ! __claude_auth_alias; then
      __claude_auth_what='an alias'
    elif ! \builtin declare -F __claude_auth_cmd__ >/dev/null; then
      __claude_auth_what='no longer a function'
    elif [[ "$(\builtin declare -f __claude_auth_cmd__)" != *claude[-_]auth* ]]; then
      __claude_auth_what='another function'
    else
      \builtin return 0
    fi
    \builtin export CLAUDE_AUTH_HOOK="bash:$$:displaced"
    [[ "${CLAUDE_AUTH_MODE-}" != off ]] || \builtin return 0
    \builtin printf '%s\n' "claude-auth: __claude_auth_cmd__ is $__claude_auth_what here, so a dead login goes unnoticed" \
      'hint: let it call "claude-auth run --", or load the hook after it; CLAUDE_AUTH_MODE=off silences this' >&2
  }
  # end cmd

  # Stands before the path of the state file, so that there is none, until the first prompt has seen to what is to be done once;
  # and for good before 4.2, where bash has no clock: there the program is asked each time.
  __claude_auth_unready=/unready __claude_auth_once=''

  # Sets CLAUDE_AUTH_PROMPT by asking the program, which renews the state file. $1 is what in this shell's view chose the
  # credentials file, $2 the status to return. At the first prompt it does first what is to be done once.
  __claude_auth_renew() {
    \builtin local __claude_auth_run='@EXE@'
    if [[ -z "${__claude_auth_once-}" ]]; then
      __claude_auth_once=yes
      # begin cmd
      __claude_auth_watch || \builtin :
      # end cmd
      if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then
        __claude_auth_unready=
        __claude_auth_prompt
        \builtin return "$2"
      fi
    fi
    if [[ ! -x "$__claude_auth_run" || -d "$__claude_auth_run" ]]; then
      __claude_auth_run=claude-auth
      \builtin type -P claude-auth >/dev/null || __claude_auth_run=
    fi
    if [[ -z "$__claude_auth_run" ]] ||
      ! CLAUDE_AUTH_PROMPT="$(\command -- "$__claude_auth_run" __prompt "$1" 2>/dev/null </dev/null)"; then
      CLAUDE_AUTH_PROMPT=
    fi
    \builtin return "$2"
  }

  # Sets CLAUDE_AUTH_PROMPT from the state file that the program keeps (docs/prompts.md), without a fork while that holds. Made to
  # be fast: bash copies a function each time it calls it, so this one is short; assignments cost less than local variables, and
  # words without quotes less than quoted ones, which within [[ ]] and in an assignment are not split.
  __claude_auth_prompt() {
    __claude_auth_status=$?
    __claude_auth_state=${__claude_auth_unready-}${XDG_STATE_HOME:-${HOME-}/.local/state}/claude-auth/prompt
    # What in this shell's view chose the credentials file, and a 1 for each credential in the environment that wins over it:
    # `:+1`, so that `set -x` shows none.
    __claude_auth_key=${HOME-}\|${CLAUDE_AUTH_FILE-}\|${CLAUDE_CONFIG_DIR-}\|${CLAUDE_SECURESTORAGE_CONFIG_DIR+=$CLAUDE_SECURESTORAGE_CONFIG_DIR}\|${ANTHROPIC_API_KEY:+1}${ANTHROPIC_AUTH_TOKEN:+1}${CLAUDE_CODE_OAUTH_TOKEN:+1}${CLAUDE_CODE_USE_BEDROCK:+1}${CLAUDE_CODE_USE_VERTEX:+1}${CLAUDE_CODE_USE_FOUNDRY:+1}${CLAUDE_CODE_USE_ANTHROPIC_AWS:+1}${CLAUDE_CODE_USE_MANTLE:+1}${CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR:+1}${CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR:+1}
    if [[ $__claude_auth_state == /* && -r $__claude_auth_state ]]; then
      \builtin mapfile -t -n 4 __claude_auth_line <"$__claude_auth_state" || \builtin :
      [[ -n ${EPOCHSECONDS-} ]] || \builtin printf -v __claude_auth_now '%(%s)T' -1 # before bash 5
      # Seconds have ten digits until 2286, so they compare as text; arithmetic would evaluate what stands there. Only a new
      # segment is assigned, below: each change of an exported variable has bash build the whole environment anew.
      if [[ ${__claude_auth_line-} > ${EPOCHSECONDS:-$__claude_auth_now} && ${__claude_auth_line[1]-} == "$__claude_auth_key" &&
        ! ${__claude_auth_line-} > "$((${EPOCHSECONDS:-$__claude_auth_now} + 3600))." && -e ${__claude_auth_line[2]-} && ! ${__claude_auth_line[2]} -nt $__claude_auth_state ]]; then
        [[ ${CLAUDE_AUTH_PROMPT-} == "${__claude_auth_line[3]-}" ]] || CLAUDE_AUTH_PROMPT="${__claude_auth_line[3]-}"
        \builtin return "$__claude_auth_status"
      fi
    fi
    __claude_auth_renew "$__claude_auth_key" "$__claude_auth_status"
  }

  # Exported, because prompts are drawn by other programs too (starship, oh-my-posh).
  \builtin export CLAUDE_AUTH_PROMPT=''
  # Last, so that what stands before it finds $? and PIPESTATUS as they were. A newline, because a string may end in `;` or
  # in a comment. Before 5.1 only the first element of an array counts.
  if [[ "${PROMPT_COMMAND[*]-}" != *__claude_auth_prompt* ]]; then
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)) && [[ "$(\builtin declare -p PROMPT_COMMAND 2>/dev/null)" == 'declare -a'* ]]; then
      PROMPT_COMMAND+=(__claude_auth_prompt)
    else
      # shellcheck disable=SC2178,SC2128
      PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND
}__claude_auth_prompt"
    fi
  fi
  # end prompt
fi
\builtin : # a hook that has loaded leaves no failed test behind as its status
