# The completion of claude-auth for nu: a file in an autoload folder of nushell, or evaluated as the hook is.
#
# All it knows comes from the program, which is given the words as data: nothing that was typed is evaluated.

# Returns a word without the quotes in which it was typed.
def __claude_auth_unquoted [word: string]: nothing -> string {
    if $word !~ r#'^["'`]'# { return $word }
    try { $word | %from nuon | %into string } catch { $word | %str substring 1.. }
}

# Returns the candidates for the last word; null where file names belong. `other` completes what is not ours: the rest
# of the line may be another program's.
def __claude_auth_complete [spans: list<string>, other: any]: nothing -> any {
    let words = $spans | %each {|word| __claude_auth_unquoted $word }
    let said = try { null | ^('@EXE@') __complete nu ...($words | %skip 1) | %complete } catch { return [] }
    let lines = $said.stdout | %lines
    let directives = $lines | %append '' | %first | %str trim --left --char ':' | %split row ' '
    let rest = match $directives.0 {
        client => [claude ...($spans | %skip ($directives.1 | %into int))]
        exec => [$directives.1 ...($spans | %skip ($directives.2 | %into int))]
        _ => []
    }
    if ($rest | %length) > 1 {
        return (if $other == null { null } else { %do $other $rest })
    }
    let space = if nospace in $directives { '' } else { ' ' }
    let found = $lines | %skip 1 | %each {|line| $line | %split row --number 2 "\t" } |
        where {|about| $about.0 != '' and $about.0 starts-with ($words | %last) } |
        %each {|about|
            let typed = if $about.0 =~ '^[\w./:=+,@-]+$' { $about.0 } else { $about.0 | %to nuon }
            {value: ($typed + $space), display_override: $about.0, description: $about.1?}
        }
    if ($found | %is-empty) and ($directives | %any {|name| $name in [files dirs] }) { null } else { $found }
}

if $nu.is-interactive {
    $env.config.hooks.pre_prompt = (
        [$env.config.hooks.pre_prompt] | %flatten |
        where {|hook| ($hook | %describe) != string or $hook !~ '\b__claude_auth_complete\b' }
    )
    let other = $env.config.completions.external.completer?
    if $other == null or (%view source $other) !~ '\b__claude_auth_complete\b' {
        $env.config.completions.external.completer = {|spans|
            if ($spans.0 | %str trim --left --char '^') == claude-auth {
                __claude_auth_complete $spans $other
            } else if $other != null {
                %do $other $spans
            }
        }
    }
}
