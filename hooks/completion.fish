# The completion of claude-auth for fish: claude-auth completion fish | source, or a file in fish's completions folder.
#
# All it knows comes from the program, which is given the words as data: nothing that was typed is evaluated.

function __claude_auth_complete --description 'claude-auth: the candidates for the word under the cursor'
    builtin test -x '@EXE@'; or return # fish 3.0 to 3.2 print an error that no redirection stops
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1]
    set -l out (command '@EXE@' __complete fish $words 2>/dev/null)
    set -l directives (string split ' ' -- (string sub -s 2 -- "$out[1]"))
    set -e out[1]
    # The rest of the line is another program's: its own completion gets it, quoted.
    set -l rest
    if set -l i (contains -i -- client $directives)
        set rest claude $words[$directives[(math $i + 1)]..-1]
    else if set -l i (contains -i -- exec $directives)
        set rest $directives[(math $i + 1)] $words[$directives[(math $i + 2)]..-1]
    end
    if set -q rest[2]
        # Before 3.4 the line is only taken in the option's own word.
        set -l last (string escape --no-quoted -- $rest[-1])
        complete --do-complete=(string join ' ' -- (string escape -- $rest[1..-2]) $last)
        return
    end
    string join -- \n $out
    set -l flag (string match -r -- '^-[^=]*=' $words[-1])
    set -q flag[1]; or set flag '' # an empty list would drop the word that it is part of
    set -l part (string replace -- "$flag" '' $words[-1])
    set part (string unescape -- "$part"; or string join -- '' "$part") # quoted as it was typed; nothing is expanded
    if contains -- files $directives
        string join -- \n $flag(__fish_complete_path "$part")
    else if contains -- dirs $directives
        string join -- \n $flag(__fish_complete_directories "$part" '')
    end
end

complete -c claude-auth -f
complete -c claude-auth -f -k -a '(__claude_auth_complete)'
