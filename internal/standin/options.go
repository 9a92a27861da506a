package standin

import (
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// options are the arguments of the client that the stand-in uses.
type options struct {
	command       string   // auth, mcp, … ; empty: a conversation
	rest          []string // the command's own arguments
	prompt        string
	hasPrompt     bool
	print         bool
	verbose       bool
	format        string // text, json, stream-json
	input         string // --input-format
	sessionID     string
	resume        string
	resumeAt      string
	resumes       bool // --resume was given
	continues     bool
	noPersistence bool
	version, help bool
	fork          bool
	debugFile     string // the log; "" for none
	background    bool
	sources       *string // --setting-sources; nil for all
	pluginDirs    []string
}

func parseOptions(args []string, version claude.Version) (options, error) {
	o := options{format: claude.FormatText}
	var words []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if len(words) == 0 && !o.print && version.IsCommand(arg) {
			o.command, o.rest = arg, args[i+1:]
			return o, nil
		}
		if arg == "--" {
			words = append(words, args[i+1:]...)
			break
		}
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			words = append(words, arg)
			continue
		}
		name, value, inline := strings.Cut(arg, "=")
		next := func() string {
			if inline {
				return value
			}
			if i+1 < len(args) {
				i++
				return args[i]
			}
			return ""
		}
		if err := o.flag(name, next, i+1 < len(args) && !strings.HasPrefix(args[i+1], "-")); err != nil {
			return o, err
		}
	}
	if len(words) > 0 {
		o.prompt, o.hasPrompt = words[0], true
	}
	return o, nil
}

// source is the client's word for how the session begins.
func (o *options) source() string {
	if o.resumes || o.continues {
		return "resume"
	}
	return "startup"
}

func (o *options) flag(name string, next func() string, hasNext bool) error {
	switch name {
	case "-p", "--print":
		o.print = true
	case "-v", "--version":
		o.version = true
	case "-h", "--help":
		o.help = true
	case "--verbose":
		o.verbose = true
	case "--output-format":
		o.format = next()
		if !slices.Contains([]string{claude.FormatText, claude.FormatJSON, claude.FormatStreamJSON}, o.format) {
			return fail("error: option '--output-format <format>' argument '%s' is invalid. "+
				"Allowed choices are text, json, stream-json.", o.format)
		}
	case "--input-format":
		o.input = next()
	case "--resume-session-at":
		o.resumeAt = next()
	case "--session-id":
		o.sessionID = next()
	case "-r", "--resume":
		o.resumes = true
		if hasNext {
			o.resume = next()
		}
	case "-c", "--continue":
		o.continues = true
	case "--no-session-persistence":
		o.noPersistence = true
	case claude.Background[0], claude.Background[1]:
		o.background = true
	case "--fork-session":
		o.fork = true
	case claude.DebugFile:
		o.debugFile = next()
	case "--setting-sources":
		sources := next()
		o.sources = &sources
	case claude.PluginDirFlag:
		o.pluginDirs = append(o.pluginDirs, next())
	default:
		takes, known := claude.FlagTakes(name)
		if !known {
			return fail("error: unknown option '%s'", name)
		}
		if takes == claude.OneValue || takes == claude.ManyValues || takes == claude.OptionalValue && hasNext {
			next() // the stand-in is given one of many
		}
	}
	return nil
}
