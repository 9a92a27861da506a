package diagnose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/claude-auth/claude-auth/internal/paths"
)

// Shadow is a credential that the client uses instead of the saved login.
type Shadow struct {
	Name string // the variable, or apiKeyHelper
	File string // the settings file that sets it; "" for the environment
	Line int    // its line there, from 1
}

// String names the credential and its place, never its value.
func (s *Shadow) String() string {
	if s.File == "" {
		return s.Name + " in the environment"
	}
	return fmt.Sprintf("%s in %s line %d", s.Name, s.File, s.Line)
}

// Remedy returns what helps against it.
func (s *Shadow) Remedy() string {
	if s.File == "" {
		return fmt.Sprintf("run 'unset %s' (and look for it in the startup file of the shell), or put a valid value there", s.Name)
	}
	return fmt.Sprintf("take %s out of %s (line %d), or put a valid value there", s.Name, s.File, s.Line)
}

// winners lists the variables that win over the saved login, the strongest first (client-facts, section 6; 2.1.165 and
// 2.1.330). apiKeyHelper of the settings stands between ANTHROPIC_API_KEY and CLAUDE_CODE_OAUTH_TOKEN.
var winners = []string{
	"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY",
	"ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY", apiKeyHelper, "CLAUDE_CODE_OAUTH_TOKEN",
}

const apiKeyHelper = "apiKeyHelper"

// FindShadow returns the credential that wins over the saved login for a client started with env in the directory dir,
// or nil. A value in the env block of a settings file replaces the one of the environment, as in the client.
func FindShadow(env paths.Env, p paths.Paths, dir string) *Shadow {
	settings := readSettings(p.SettingsFiles(dir))
	for _, name := range winners {
		if s := settings.find(name); s != nil {
			return s
		}
		if name != apiKeyHelper && isSet(name, env.Get(name)) {
			return &Shadow{Name: name}
		}
	}
	return nil
}

// isSet reports whether the client takes the variable for set: a cloud switch must be true, the others not empty.
func isSet(name, value string) bool {
	if strings.HasPrefix(name, "CLAUDE_CODE_USE_") {
		switch strings.ToLower(strings.TrimSpace(value)) {
		case "1", "true", "yes", "on":
			return true
		}
		return false
	}
	return value != ""
}

// settingsList is what the settings files say, the strongest file first.
type settingsList []settingsFile

type settingsFile struct {
	path   string
	values map[string]located // variables of the env block, and apiKeyHelper
}

type located struct {
	value string
	line  int
}

func (l settingsList) find(name string) *Shadow {
	for _, file := range l {
		if v, ok := file.values[name]; ok && isSet(name, v.value) {
			return &Shadow{Name: name, File: file.path, Line: v.line}
		}
	}
	return nil
}

// readSettings passes over files that are missing, unreadable or no JSON, as the client does for a login; doctor names
// them.
func readSettings(files []string) settingsList {
	var list settingsList
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if values := settingsValues(data); len(values) > 0 {
			list = append(list, settingsFile{path, values})
		}
	}
	return list
}

// settingsValues reads the members of the env block and apiKeyHelper, each with the line of its key.
func settingsValues(data []byte) map[string]located {
	if !json.Valid(data) {
		return nil
	}
	values := map[string]located{}
	members(data, 0, data, func(key string, line int, value json.RawMessage, offset int) {
		switch {
		case key == apiKeyHelper:
			values[key] = located{text(value), line}
		case key == "env":
			members(value, offset, data, func(key string, line int, value json.RawMessage, _ int) {
				values[key] = located{text(value), line}
			})
		}
	})
	return values
}

// members calls visit for each member of the object, which begins at offset in whole; of two equal keys the last one
// is visited last, so that it wins as in JavaScript.
func members(object []byte, offset int, whole []byte, visit func(key string, line int, value json.RawMessage, offset int)) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return
	}
	for decoder.More() {
		token, err := decoder.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return
		}
		line := 1 + bytes.Count(whole[:offset+int(decoder.InputOffset())], []byte("\n"))
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return
		}
		visit(key, line, value, offset+int(decoder.InputOffset())-len(value))
	}
}

// text is the value as the client would put it into an environment: the text of a string, or the JSON of the rest.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}
