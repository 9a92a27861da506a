package prompt

// Plumbing is the hidden command that the shell hooks call: `claude-auth __prompt KEY`.
const Plumbing = "__prompt"

// request is a command line that the fast path understands.
type request struct {
	file      string // --file
	plumbing  bool   // __prompt
	key       string // its argument
	porcelain bool
	style     Style
	noColor   bool
}

// parse reads the arguments without the program's name. ok is false for everything else than `__prompt KEY` and `status
// --format prompt|porcelain` with flags in their long form: the whole program then has its say.
func parse(args []string) (r request, ok bool) {
	if len(args) == 2 && args[0] == Plumbing {
		return request{plumbing: true, key: args[1]}, true
	}
	var format string
	status := false
	values := map[string]*string{"--file": &r.file, "--format": &format, "--shell": &r.style.Shell, "--symbol": &r.style.Symbol}
	for i := 0; i < len(args); i++ {
		name, value, joined := cutFlag(args[i])
		into := values[name]
		switch {
		case name == "--no-color" && !joined:
			r.noColor = true
		case name == "--color" && !joined && status:
			r.style.Color = true
		case name == "status" && !joined && !status:
			status = true
		case into == nil, name != "--file" && !status:
			return r, false
		case joined:
			*into = value
		case i+1 < len(args):
			i++
			*into = args[i]
		default:
			return r, false
		}
		if into != nil && *into == "" { // what an empty value means is not for this package to say
			return r, false
		}
	}
	r.porcelain = format == "porcelain"
	styled := r.style != Style{} && r.porcelain
	return r, status && (format == "prompt" || r.porcelain) && !styled && r.style.Valid()
}

// cutFlag takes --name=value apart.
func cutFlag(arg string) (name, value string, joined bool) {
	for i := range len(arg) {
		if arg[i] == '=' {
			return arg[:i], arg[i+1:], true
		}
	}
	return arg, "", false
}
