# shellcheck shell=bash
# The completion of claude-auth for bash: eval "$(claude-auth completion bash)", or a file in bash-completion's folder.
# (Not `source <(…)`: in bash 3.2 that reads nothing.)
#
# All it knows comes from the program, which is given the words as data: nothing that was typed is evaluated. The names
# are our own throughout, so that bash-completion need not be there.

__claude_auth_complete() {
  \builtin local line="${COMP_LINE:0:COMP_POINT}" word='' piece='' gap='' out=''
  \builtin local value='' quoted='' directive='' trim='' quote=''
  \builtin local -a words
  \builtin local -i i n=-1
  words=()
  COMPREPLY=()

  # bash has split words at each of COMP_WORDBREAKS too (--format=js, a:b). Pieces without white space between them are
  # one word.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece="${COMP_WORDS[i]-}"
    if ((i == COMP_CWORD)); then
      piece="${line#"${line%%[![:space:]]*}"}" # up to the cursor only
    fi
    gap="${line%%"$piece"*}"
    [[ -n "$piece" ]] || gap="$line"
    line="${line#"$gap$piece"}"
    if ((n < 0)) || [[ -n "$gap" ]]; then
      n+=1
      words[n]="$piece"
    else
      words[n]+="$piece"
    fi
  done
  ((n > 0)) || \builtin return 0
  word="${words[n]}"

  out="$(\builtin command -- '@EXE@' __complete bash "${words[@]:1}" 2>/dev/null)" || \builtin return 0
  directive="${out%%$'\n'*} "
  # readline replaces what follows a quote, or the last character that separates words for it.
  for ((i = 0; i < ${#word}; i++)); do
    case "${word:i:1}" in
      \\) i+=1 ;; # the next character is quoted
      [\'\"])
        ((i > 0)) || quote="${word:0:1}"
        \builtin break
        ;;
      *) [[ "${COMP_WORDBREAKS-}" != *"${word:i:1}"* ]] || trim="${word:0:i+1}" ;;
    esac
  done
  trim="${trim//\\/}" # a backslash that was typed for quoting is not part of the value
  while IFS='' \builtin read -r value; do
    value="${value%%$'\t'*}"
    [[ -n "$value" && "${value:0:${#trim}}" == "$trim" ]] || \builtin continue
    [[ "$word" == *[\\\'\"]* || "$value" == "$word"* ]] || \builtin continue
    value="${value:${#trim}}"
    case "$quote" in
      \') [[ "$value" != *\'* ]] || \builtin continue ;;
      \") value="${value//[\\]/\\\\}" value="${value//\"/\\\"}" value="${value//\$/\\\$}" value="${value//\`/\\\`}" ;;
      *) \builtin printf -v quoted %q "$value" && value="$quoted" ;;
    esac
    COMPREPLY+=("$value")
  done <<<"${out#"${directive% }"}"

  case "$directive" in # bash 3.2 has no compopt: there file names are offered where nothing else is
    *[:\ ]files\ * | *[:\ ]client\ * | *[:\ ]exec\ * | *[:\ ]dirs\ *)
      ((${#COMPREPLY[@]} == 0)) || while IFS='' \builtin read -r value; do
        [[ -z "$value" ]] || COMPREPLY+=("$value")
      done <<<"$(\builtin compgen -f -- "${word:${#trim}}")"
      ;;
    *) \builtin compopt +o default +o bashdefault 2>/dev/null || \builtin : ;;
  esac
  [[ "$directive" == *[:\ ]nospace\ * ]] || \builtin compopt +o nospace 2>/dev/null ||
    [[ ${#COMPREPLY[@]} != 1 || -n "$quote" || "${COMPREPLY[0]}" == */ ]] || COMPREPLY[0]+=' ' # bash 3.2
}

\builtin complete -o bashdefault -o default -o nospace -F __claude_auth_complete claude-auth
