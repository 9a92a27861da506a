package shells

func init() {
	drivers["elvish"] = &Driver{
		Foreign:  true,
		Preamble: "set edit:prompt = { print '[ready] ' }\nset edit:rprompt = { }\n",
		Group:    "{ %s }",
		Export:   "set-env %s '%s'",
		PID:      "$pid",
		Exit:     "try { %s } catch e { exit $e[reason][exit-status] }\n",
		Blind:    true,
		Asks:     true,
		UTF8:     true,
		Function: "fn claude {|@args| e:claude --mine $@args }\n",
		Editing: "set edit:prompt = { print '[ready] ' }\nset edit:rprompt = { }\n" +
			"set edit:completion:binding[Enter] = { edit:completion:accept; edit:smart-enter }\n" +
			"set edit:insert:binding[Tab] = { edit:completion:smart-start; try { edit:completion:accept } catch _ { } }\n" +
			"set edit:insert:binding[Ctrl-O] = $edit:completion:start~\n",
		ClientCompletion: "set edit:completion:arg-completer[claude] = {|@words| put --model }\n",
		NoCandidates:     "error: no candidates",
		ListKeys:         "\x0f",
	}
}
