# shellcheck shell=bash disable=SC2034 # other programs read what is exported
# The hook of claude-auth for bash: eval "$(claude-auth init bash)"
#
# The head of hooks/hooks.go, in the source, says what a hook does and what `claude-auth init` fills in.
#
# This text runs inside the user's own shell. Builtins are therefore called as `\builtin NAME`: neither an alias nor a
# function of that name can get in between. (`command` is the exception: under errexit `builtin command` ends the shell
# even on the left of `||`, bash 5.2.) Local variables carry our prefix, because a `readonly` of the user's would break
# them. There is no `=~`, which would overwrite BASH_REMATCH.

# begin add-path
# The program is found by its name, too.
if ! \builtin type -P claude-auth >/dev/null; then
  # shellcheck disable=SC2123 # this is the search path
  PATH="${PATH:+$PATH:}"'@DIR@'
fi
# end add-path

# begin cmd
# ----------------------------------------------------------------------------------------------------------------------
# The function: run the client under watch.

# A function of this name that the user wrote stays; the first prompt then says that it is in the way.
if ! \builtin declare -F __claude_auth_cmd__ >/dev/null ||
  [[ "$(\builtin declare -f __claude_auth_cmd__)" == *__claude_auth_client* ]]; then
  # The keyword `function` keeps an alias of this name from being expanded here. The function needs no variable of the
  # shell: the client's shell tool copies functions and aliases into its own shell, but no variables (2.1.165, 2.1.330).
  function __claude_auth_cmd__ {
    \builtin local __claude_auth_via="${__claude_auth_client-}" __claude_auth_run='@EXE@'
    \builtin unset -v __claude_auth_client # or the client and all that it starts would inherit it
    # What only prints costs no process of ours. With relative entries of PATH it does: the program passes them over,
    # the shell does not.
    if [[ $# == 1 && ":${__claude_auth_via:-${CLAUDE_AUTH_CLIENT:-/}}:${PATH-}:" != *:[!/]* ]]; then
      case "$1" in @INFO@) __claude_auth_run= ;; esac
    fi
    if [[ -n "$__claude_auth_run" && (! -x "$__claude_auth_run" || -d "$__claude_auth_run") ]]; then
      __claude_auth_run=claude-auth
      \builtin hash -d claude-auth 2>/dev/null || \builtin : # where it was, when it ran last
      \builtin type -P claude-auth >/dev/null || __claude_auth_run=
    fi
    if [[ -z "$__claude_auth_run" ]]; then
      \builtin set -- "${__claude_auth_via:-${CLAUDE_AUTH_CLIENT:-claude}}" "$@"
    elif [[ -n "$__claude_auth_via" ]]; then
      \builtin set -- "$__claude_auth_run" run --client "$__claude_auth_via" -- "$@"
    else
      \builtin set -- "$__claude_auth_run" run -- "$@"
    fi
    # Under errexit `command` ends bash 3.2 even on the left of `||`. There a shell without errexit runs it.
    if [[ $- == *e* ]] && ((BASH_VERSINFO[0] < 4)); then
      (\builtin set +e && \command -- "$@")
    else
      \command -- "$@"
    fi
  }
fi
# end cmd

if [[ $- == *i* ]]; then
  # begin cmd
  # --------------------------------------------------------------------------------------------------------------------
  # Aliases with the function's name.

  # An alias that calls the function stays as it is (claude='claude --flag'). One that names another client
  # (claude=~/.claude/local/claude) is changed to call the function: its first word becomes an assignment, the rest
  # stays as written, and nothing is evaluated here. Returns 1 for any other alias.
  #
  # Each hook has this parser. One in the program would cost a process at the start of every shell that has such an
  # alias, and the client's own installer writes one.
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
      # No alias, one that was changed before, or one like 'cd ~/x && claude'.
      '' | *__claude_auth_client=*) \builtin return 0 ;;
      *[';&|({']__claude_auth_cmd__* | *[';&|({']" __claude_auth_cmd__"*) \builtin return 0 ;;
    esac
    while \builtin :; do # assignments in front stay in front
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
      \"*)
        __claude_auth_word="${__claude_auth_text#\"}"
        __claude_auth_word="\"${__claude_auth_word%%\"*}\""
        ;;
      \'*)
        __claude_auth_word="${__claude_auth_text#\'}"
        __claude_auth_word="'${__claude_auth_word%%\'*}'"
        ;;
      *) [[ "$__claude_auth_word" != *[\'\"\;\&\|\<\>\(\)]* ]] || \builtin return 1 ;;
    esac
    __claude_auth_text="${__claude_auth_text#"$__claude_auth_word"}"
    # Returns 1 when the word goes on, or when its quote has no end.
    [[ "$__claude_auth_word" != *[\\\`]* && "$__claude_auth_text" != [![:space:]]* ]] || \builtin return 1
    case "${__claude_auth_word%[\"\']}" in
      __claude_auth_cmd__) \builtin return 0 ;;
      */claude | */claude[-._]*) ;;
      *) \builtin return 1 ;;
    esac
    __claude_auth_before+="__claude_auth_client=$__claude_auth_word __claude_auth_cmd__$__claude_auth_text"
    # shellcheck disable=SC2139 # it is meant to be expanded now
    \builtin alias "__claude_auth_cmd__=$__claude_auth_before"
  }

  # Says in __claude_auth_what what has the function's name instead of the function. Each call costs a fork and a walk
  # over all aliases.
  __claude_auth_look() {
    __claude_auth_what=
    if ! __claude_auth_alias; then
      __claude_auth_what='an alias'
    elif ! \builtin declare -F __claude_auth_cmd__ >/dev/null; then
      __claude_auth_what='no longer a function'
    elif [[ "$(\builtin declare -f __claude_auth_cmd__)" != *claude[-_]auth* ]]; then
      __claude_auth_what='another function'
    fi
    # `claude-auth doctor`, a child of this shell, reads which hook is loaded, and in which process.
    \builtin export CLAUDE_AUTH_HOOK="bash:$$${__claude_auth_what:+:displaced}"
  }
  __claude_auth_look

  # bash cannot compare a function without a fork. So the prompts do not look; this function does, for `doctor`. The
  # client's shell tool copies this function without those that it calls. In POSIX mode no function can have this name.
  if [[ ! -o posix ]] && ! \builtin declare -F claude-auth >/dev/null; then
    function claude-auth {
      if \builtin declare -F __claude_auth_look >/dev/null; then
        __claude_auth_look
      fi
      if [[ $- == *e* ]] && ((BASH_VERSINFO[0] < 4)); then # as above
        (\builtin set +e && \command -- claude-auth "$@")
      else
        \command -- claude-auth "$@"
      fi
    }
  fi
  # end cmd
  # begin no-cmd
  \builtin export CLAUDE_AUTH_HOOK="bash:$$:no-cmd"
  # end no-cmd

  # begin prompt
  # begin cmd
  __claude_auth_warned=
  # --------------------------------------------------------------------------------------------------------------------
  # A warning, once, when something has replaced the function since the hook was loaded.

  # Called before the first prompt, when the startup files have been read, and when the program is asked anyway.
  __claude_auth_watch() {
    __claude_auth_look
    [[ -n "$__claude_auth_what" && -z "$__claude_auth_warned" ]] || \builtin return 0
    __claude_auth_warned=yes
    [[ "${CLAUDE_AUTH_MODE-}" != off ]] || \builtin return 0
    \builtin printf '%s\n' \
      "claude-auth: __claude_auth_cmd__ is $__claude_auth_what in this shell, so a rejected login goes unnoticed" \
      'hint: load the hook after it, or let it call "claude-auth run --"; CLAUDE_AUTH_MODE=off silences this' >&2
  }
  # end cmd

  # --------------------------------------------------------------------------------------------------------------------
  # The prompt: CLAUDE_AUTH_PROMPT, from the state file that the program keeps (docs/prompts.md).

  # Comes before the state file's path, so that no file is found until the first prompt has done what is done once.
  __claude_auth_unready=/unready __claude_auth_once='' __claude_auth_kept='' __claude_auth_kept_key=''

  # Sets __claude_auth_since to the time, where there is no EPOCHSECONDS: before bash 5. Before bash 4.2 a shell only
  # knows for how many seconds it has been running. There `date` tells when that was zero, once, and again when the
  # person has set SECONDS back. $SECONDS is read before `date` runs, so that the clock is never slow.
  __claude_auth_clock() {
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)); then
      \builtin printf -v __claude_auth_since '%(%s)T' -1
      \builtin return
    fi
    if [[ -z "${__claude_auth_zero-}" || -z "${SECONDS-}" ]] || ((SECONDS < __claude_auth_seconds)); then
      __claude_auth_zero=$((0 - ${SECONDS:-0} + $(\command -p date +%s 2>/dev/null || \builtin echo 0)))
    fi
    __claude_auth_seconds="${SECONDS:-0}"
    __claude_auth_since=$((__claude_auth_zero + __claude_auth_seconds))
  }

  # Sets CLAUDE_AUTH_PROMPT from the text of the state file, which has four lines: the second until which it holds, the
  # key, the credentials file, the segment. Returns 1 when the text does not hold in this shell, or when the file or its
  # directory is not the user's own.
  #
  # A segment has only letters, digits, spaces and `?`, so no escape sequence reaches the terminal. Seconds have ten
  # digits until 2286, so they compare as text; arithmetic would evaluate what the file says.
  __claude_auth_take() {
    \builtin local __claude_auth_rest="${__claude_auth_text#*$'\n'}"
    [[ "$__claude_auth_state" == /* && -O "$__claude_auth_state" && -O "${__claude_auth_state%/*}" &&
      "$__claude_auth_rest" == "$__claude_auth_key"$'\n'* ]] || \builtin return 1
    __claude_auth_rest="${__claude_auth_rest#"$__claude_auth_key"$'\n'}"$'\n' # `read` has dropped the last newlines
    __claude_auth_until="${__claude_auth_text%%$'\n'*}" __claude_auth_file="${__claude_auth_rest%%$'\n'*}"
    __claude_auth_rest="${__claude_auth_rest#*$'\n'}"
    __claude_auth_segment="${__claude_auth_rest%%$'\n'*}" __claude_auth_since="${EPOCHSECONDS-}"
    [[ -n "$__claude_auth_since" ]] || __claude_auth_clock # before bash 5 every prompt comes here
    # shellcheck disable=SC2071 # both have ten digits
    [[ "$__claude_auth_until" > "$__claude_auth_since" &&
      ! "$__claude_auth_until" > "$((__claude_auth_since + 3600))." &&
      -e "$__claude_auth_file" && ! "$__claude_auth_file" -nt "$__claude_auth_state" &&
      "$__claude_auth_segment" != *[![:alnum:]\ ?]* ]] || \builtin return 1
    __claude_auth_kept="$__claude_auth_text" __claude_auth_kept_key="$__claude_auth_key"
    # Only a new segment is assigned: each change of an exported variable makes bash build the environment again.
    [[ "${CLAUDE_AUTH_PROMPT-}" == "$__claude_auth_segment" ]] || CLAUDE_AUTH_PROMPT="$__claude_auth_segment"
  }

  # bash-preexec runs the functions of a list before the prompt commands, and a program that draws the prompt may be
  # among them. So ours comes first there too: to be called twice costs little.
  __claude_auth_precede() {
    [[ "${bash_preexec_imported-}${__bp_imported-}" == defined* ]] || \builtin return 0
    case " ${precmd_functions[*]-} " in
      *' __claude_auth_prompt '*) ;;
      *) precmd_functions=(__claude_auth_prompt ${precmd_functions[@]+"${precmd_functions[@]}"}) ;;
    esac
  }

  # Puts __claude_auth_prompt first among the prompt commands, as an element of its own: each element finds $? and
  # PIPESTATUS as the user's command left them. Called before the first prompt, when others have put theirs there, and
  # when they have changed. It leaves alone what others have wrapped, a line that it does not understand, and the order
  # that bash-preexec keeps.
  __claude_auth_place() {
    \builtin local __claude_auth_at __claude_auth_do __claude_auth_n=$'\n'
    \builtin local -a __claude_auth_all
    __claude_auth_placed="${PROMPT_COMMAND[*]-}"
    __claude_auth_precede
    if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)) || [[ "$__claude_auth_placed" != *__claude_auth_prompt* ||
      "${PROMPT_COMMAND-}" == __claude_auth_prompt || "$__claude_auth_placed" == *__bp_* ]]; then
      \builtin return 0
    fi
    __claude_auth_all=(__claude_auth_prompt)
    for __claude_auth_at in "${!PROMPT_COMMAND[@]}"; do
      __claude_auth_do="$__claude_auth_n${PROMPT_COMMAND[__claude_auth_at]}$__claude_auth_n"
      __claude_auth_do="${__claude_auth_do/"; __claude_auth_prompt$__claude_auth_n"/"$__claude_auth_n"}"
      __claude_auth_do="${__claude_auth_do/";__claude_auth_prompt$__claude_auth_n"/"$__claude_auth_n"}"
      __claude_auth_do="${__claude_auth_do/"${__claude_auth_n}__claude_auth_prompt;"/"$__claude_auth_n"}"
      __claude_auth_do="${__claude_auth_do/"${__claude_auth_n}__claude_auth_prompt$__claude_auth_n"/"$__claude_auth_n"}"
      __claude_auth_do="${__claude_auth_do#"$__claude_auth_n"}"
      __claude_auth_do="${__claude_auth_do%"$__claude_auth_n"}"
      [[ "$__claude_auth_do" != *__claude_auth_prompt* ]] || \builtin return 0
      [[ -z "$__claude_auth_do" ]] || __claude_auth_all+=("$__claude_auth_do")
    done
    PROMPT_COMMAND=("${__claude_auth_all[@]}")
    __claude_auth_placed="${PROMPT_COMMAND[*]}"
  }

  # Sets CLAUDE_AUTH_PROMPT from a state file that is new to this shell, or else by asking the program, which writes a
  # new one. $1 is the status to return. Before the first prompt it does what is done once.
  __claude_auth_renew() {
    \builtin local __claude_auth_run='@EXE@'
    if [[ -z "${__claude_auth_once-}" ]]; then
      __claude_auth_once=yes
      # begin cmd
      __claude_auth_watch || \builtin :
      # end cmd
      __claude_auth_place
      __claude_auth_unready=
      __claude_auth_prompt
      \builtin return "$1"
    fi
    if [[ "${PROMPT_COMMAND[*]-}" != "${__claude_auth_placed-}" ]]; then
      __claude_auth_place
    fi
    if [[ -n "$__claude_auth_text" ]] && __claude_auth_take; then
      \builtin return "$1"
    fi
    # begin cmd
    __claude_auth_watch || \builtin :
    # end cmd
    if [[ ! -x "$__claude_auth_run" || -d "$__claude_auth_run" ]]; then
      __claude_auth_run=claude-auth
      \builtin hash -d claude-auth 2>/dev/null || \builtin : # where it was, when it ran last
      \builtin type -P claude-auth >/dev/null || __claude_auth_run=
    fi
    if [[ -z "$__claude_auth_run" ]] ||
      ! CLAUDE_AUTH_PROMPT="$(\command -- "$__claude_auth_run" __prompt "$__claude_auth_key" 2>/dev/null </dev/null)"
    then
      CLAUDE_AUTH_PROMPT=
    fi
    \builtin return "$1"
  }

  # Keeps CLAUDE_AUTH_PROMPT, without a fork, while the state file says what it said when it was accepted. It reads
  # only a regular file, and at most 4096 characters. (`read` fails at the end of a file, which is what is wanted here.)
  #
  # It is written to be fast. bash copies a function each time it calls it, so this one is short. Assignments cost less
  # than local variables, and words without quotes less than quoted ones; within [[ ]] and in assignments they are not
  # split. The key is what chose the credentials file as this shell sees it, and a 1 for each credential in the
  # environment that overrides the saved login: `:+1`, so that `set -x` shows none.
  __claude_auth_prompt() {
    __claude_auth_status=$? __claude_auth_text='' \
      __claude_auth_state=${__claude_auth_unready-}${XDG_STATE_HOME:-${HOME-}/.local/state}/claude-auth/prompt \
      __claude_auth_key=${HOME-}\|${CLAUDE_AUTH_FILE-}\|${__CONFIG_DIR__-}\|\
${__STORAGE_DIR__+=$__STORAGE_DIR__}\|\
@OVERRIDES@
    # shellcheck disable=SC2015 # the last command asks the program when any of the others fails
    [[ -f $__claude_auth_state && -r $__claude_auth_state ]] &&
      ! \builtin read -r -d '' -n 4096 __claude_auth_text <"$__claude_auth_state" &&
      [[ $__claude_auth_text == "${__claude_auth_kept-}" && $__claude_auth_key == "${__claude_auth_kept_key-}" &&
        $__claude_auth_until > ${EPOCHSECONDS-} && ! ${EPOCHSECONDS-} < $__claude_auth_since &&
        -e $__claude_auth_file && ! $__claude_auth_file -nt $__claude_auth_state &&
        ${CLAUDE_AUTH_PROMPT-} == "$__claude_auth_segment" &&
        ${PROMPT_COMMAND[*]-} == "$__claude_auth_placed" ]] || __claude_auth_renew "$__claude_auth_status"
    \builtin return "$__claude_auth_status"
  }

  # Exported, because other programs draw prompts too (starship, oh-my-posh).
  \builtin export CLAUDE_AUTH_PROMPT=''
  __claude_auth_precede
  # Ours comes first, because the last command may tell a DEBUG trap that the next command is the user's (bash-preexec,
  # the shell integration of editors). It goes into a string, which others wrap whole; __claude_auth_place makes it an
  # element. Before bash 5.1 only the first element counts, and the commands after ours lose PIPESTATUS. So there ours
  # comes last, unless there is such a trap. A newline is between, because a string may end in `;` or in a comment.
  # shellcheck disable=SC2178,SC2128
  if [[ "${PROMPT_COMMAND[*]-}${__vsc_original_prompt_command-}${STARSHIP_PROMPT_COMMAND-}" == *__claude_auth_prompt* ]]
  then
    \builtin :
  elif [[ "${PROMPT_COMMAND-}" == __vsc_prompt_cmd* ]] && \builtin declare -F __vsc_prompt_cmd_original >/dev/null; then
    # VS Code passes over its own commands only, so ours goes among those that it has wrapped.
    __vsc_original_prompt_command="__claude_auth_prompt${__vsc_original_prompt_command:+
$__vsc_original_prompt_command}"
    PROMPT_COMMAND=__vsc_prompt_cmd_original
  elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)) && [[ "${PROMPT_COMMAND-}" == *starship_precmd* ]]; then
    # starship draws the prompt in its command, and runs before that what it has found in PROMPT_COMMAND.
    STARSHIP_PROMPT_COMMAND="${STARSHIP_PROMPT_COMMAND:+$STARSHIP_PROMPT_COMMAND
}__claude_auth_prompt"
  elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)) && [[ -z "$(\builtin trap -p DEBUG)" ]]; then
    PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND
}__claude_auth_prompt"
  else
    PROMPT_COMMAND="__claude_auth_prompt${PROMPT_COMMAND:+
$PROMPT_COMMAND}"
  fi
  # end prompt
fi
\builtin : # a hook that has loaded leaves no failed test behind as its status
