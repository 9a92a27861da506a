package diagnose

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// settingsList is what the settings files say, the strongest file first.
type settingsList []settingsFile

type settingsFile struct {
	path   string
	values map[string]located // variables of the env block, and apiKeyHelper
}

type located struct {
	value string
	line  int // 0 in text that is no file
}

// find returns the value of the strongest file that has the name at all: an empty one there hides the others.
func (l settingsList) find(name string) (value string, where *Shadow) {
	for _, file := range l {
		if v, ok := file.values[name]; ok {
			return v.value, &Shadow{Name: name, File: file.path, Line: v.line}
		}
	}
	return "", nil
}

// flagName is how messages name settings that stand on the command line itself.
const flagName = "--settings"

// settings reads what counts for this launch. Files that are missing, unreadable or no JSON are passed over, as the
// client passes over them (2.1.165, 2.1.330: measured with a trailing comma); doctor names them.
func (l Launch) settings(p paths.Paths) settingsList {
	var list settingsList
	add := func(path string, values map[string]located) {
		if len(values) > 0 {
			list = append(list, settingsFile{path, values})
		}
	}
	files := p.SettingsFiles(l.Dir)
	for _, path := range managedFiles(files[0]) {
		add(path, fileValues(path))
	}
	if text := strings.TrimSpace(l.Settings); strings.HasPrefix(text, "{") {
		values := settingsValues([]byte(text))
		for name, v := range values {
			values[name] = located{value: v.value}
		}
		add(flagName, values)
	} else if text != "" {
		path := text
		if !filepath.IsAbs(path) {
			path = filepath.Join(l.Dir, path)
		}
		add(path, fileValues(path))
	}
	for i, source := range []string{"local", "project", "user"} {
		if l.Sources == nil || slices.Contains(l.Sources, source) {
			add(files[i+1], fileValues(files[i+1]))
		}
	}
	global := fileValues(p.GlobalConfig)
	delete(global, apiKeyHelper) // only its env block counts
	add(p.GlobalConfig, global)
	return list
}

// managedFiles lists the administrator's files, the strongest first: those of the directory managed-settings.d beside
// the first, a later name over an earlier one (2.1.165 and 2.1.330, read).
func managedFiles(base string) []string {
	parts, err := filepath.Glob(filepath.Join(strings.TrimSuffix(base, ".json")+".d", "*.json"))
	if err != nil {
		parts = nil // a path that is no pattern has no such directory
	}
	slices.Sort(parts)
	slices.Reverse(parts)
	return append(parts, base)
}

// largestSettings bounds what is read of a settings file, in bytes; .claude.json grows with the client's history.
const largestSettings = 64 << 20

func fileValues(path string) map[string]located {
	data, _, err := atomicfile.ReadRegular(path, largestSettings)
	if err != nil {
		return nil
	}
	return settingsValues(data)
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

// approvalLength is how much of a key's end the client keeps to know it again (2.1.165, 2.1.330).
const approvalLength = 20

// approved reports whether the person has let sessions use the API key: the client asks once for each, and remembers
// the answer in .claude.json. It counts in sessions only, -p uses any key (measured on 2.1.165 and 2.1.330).
func approved(globalConfig, key string) bool {
	data, _, err := atomicfile.ReadRegular(globalConfig, largestSettings)
	if err != nil {
		return false
	}
	var config struct {
		Responses struct {
			Approved []string `json:"approved"`
		} `json:"customApiKeyResponses"`
	}
	if json.Unmarshal(data, &config) != nil {
		return false
	}
	return slices.Contains(config.Responses.Approved, key[max(0, len(key)-approvalLength):])
}
