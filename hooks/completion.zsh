#compdef claude-auth
# The completion of claude-auth for zsh: a file in $fpath, or source <(claude-auth completion zsh) after compinit.
#
# All it knows comes from the program, which is given the words as data: nothing that was typed is evaluated.

function __claude_auth_complete {
  local -a out directives described spacing order
  local word value about text exe='@EXE@'
  # (Q) takes off the quoting and expands nothing.
  word="${(Q)IPREFIX}${(Q)PREFIX}"
  # In steps, because zsh 5.0.0 does not take one within the other.
  text=$(command "$exe" __complete zsh "${(@Q)words[2,CURRENT-1]}" "$word" 2>/dev/null)
  out=("${(@f)text}")
  directives=(${=out[1]#:})
  shift 1 out
  for word in "${out[@]}"; do
    value="${word%%$'\t'*}" about=''
    [[ "$word" != *$'\t'* ]] || about="${word#*$'\t'}"
    [[ -n "$value" ]] || continue
    described+=("${${value//\\/\\\\}//:/\\:}${about:+:$about}")
  done
  (( ! ${directives[(Ie)nospace]} )) || spacing=(-S '')
  local -i i handed=0 result=1
  # The rest of the line is another program's: hand it to that one's own completion.
  if (( i = ${directives[(Ie)client]} )); then
    words=(claude "${(@)words[directives[i+1]+1,-1]}")
    handed=${directives[i+1]}
  elif (( i = ${directives[(Ie)exec]} )); then
    words=("${directives[i+1]}" "${(@)words[directives[i+2]+1,-1]}")
    handed=${directives[i+2]}
  fi
  if (( handed )); then
    (( CURRENT -= handed - 1 ))
    _normal
    return
  fi
  if (( ${#described} )); then
    [[ "$ZSH_VERSION" == 5.0.[0-7] ]] || order=(-V) # unsorted; older ones do not know it
    _describe "${order[@]}" -t values 'claude-auth' described "${spacing[@]}" && result=0
  fi
  if (( ${directives[(Ie)files]} || ${directives[(Ie)dirs]} )); then
    compset -P '*='
    if (( ${directives[(Ie)files]} )); then _files && result=0; else _files -/ && result=0; fi
  fi
  return result
}

if [[ "${zsh_eval_context[-1]-}" == loadautofunc ]]; then
  __claude_auth_complete "$@"
elif (( ${+functions[compdef]} )); then
  compdef __claude_auth_complete claude-auth
fi
