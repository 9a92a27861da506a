package shells

import (
	"fmt"
	"strings"
)

func init() {
	drivers["nu"] = &Driver{
		Foreign: true,
		Later:   true,
		Preamble: "$env.config.show_banner = false\n$env.PROMPT_COMMAND = '[ready] '\n$env.PROMPT_COMMAND_RIGHT = ''\n" +
			"$env.PROMPT_INDICATOR = ''\n",
		Group:    "do { %s }",
		Export:   "$env.%s = '%s'",
		PID:      "$nu.pid",
		Exit:     "try { %s } catch {|e| exit $e.exit_code }\n",
		Mark:     "'' | save %s",
		UTF8:     true,
		Alias:    "alias claude = ^%s\n",
		Function: "def --wrapped claude [...args] { ^claude --mine ...$args }\n",
		Editing: "$env.config.show_banner = false\n$env.PROMPT_COMMAND = '[ready] '\n$env.PROMPT_COMMAND_RIGHT = ''\n" +
			"$env.PROMPT_INDICATOR = ''\n" +
			"$env.config.keybindings ++= [{name: run, modifier: control, keycode: char_j, mode: emacs, " +
			"event: [{send: esc}, {send: submit}]}]\n",
		ClientCompletion: "$env.config.completions.external.completer = " +
			"{|spans| if $spans.0 == claude { ['--model'] } else { [] } }\n",
		Hostile:  hostileNu(),
		ListKeys: "\t",
	}
}

// hostileNu replaces builtins that a script needs. nushell lets no keyword be replaced, and calls run-external itself.
func hostileNu() string {
	const names = "all,any,append,complete,cd,compact,date now,decode,default,describe,do,drop,each,echo,exec," +
		"exit,expand,fill,find,first,flatten,format date,from json,from nuon,get,group-by,help,insert," +
		"into datetime,into int,into string,is-empty,is-not-empty,items,join,last,length,lines,ls,merge," +
		"open,parse,path basename,path dirname,path exists,path expand,path join,path type,print,printf," +
		"ps,range,reduce,reject,rename,reverse,save,scope aliases,scope commands,select,skip,sort," +
		"split row,split words,str contains,str join,str length,str replace,str starts-with," +
		"str substring,str trim,take,tee,to json,to nuon,to text,transpose,uniq,update,upsert,values," +
		"view source,which,whoami,wrap,zip"
	var text strings.Builder
	for name := range strings.SplitSeq(names, ",") {
		fmt.Fprintf(&text, "def --wrapped '%[1]s' [...args] { ^sh -c 'echo %[1]s >>~/hostile' }\n", name)
	}
	return text.String()
}
