package diagnose

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/atomicfile"
	"github.com/claude-auth/claude-auth/internal/claude"
	"github.com/claude-auth/claude-auth/internal/paths"
)

// setting is the value of a name in the strongest settings file that sets it. An empty value there hides the others.
type setting struct {
	value string
	from  Shadow
}

// settings reads the settings that count for this launch, by name. Like the client it ignores files that are missing,
// unreadable or not JSON; doctor names them.
func (l Launch) settings(p paths.Paths) map[string]setting {
	merged := map[string]setting{}
	add := func(found map[string]setting) {
		for name, s := range found {
			if _, stronger := merged[name]; !stronger {
				merged[name] = s
			}
		}
	}
	files := p.SettingsFiles(l.Dir)
	for _, path := range managedFiles(files[0]) {
		add(fileSettings(path))
	}
	if text := strings.TrimSpace(l.Settings); strings.HasPrefix(text, "{") {
		add(settingsIn(settingsFlag, []byte(text)))
	} else if text != "" {
		path := text
		if !filepath.IsAbs(path) {
			path = filepath.Join(l.Dir, path)
		}
		add(fileSettings(path))
	}
	for i, source := range claude.SettingSources {
		if l.Sources == nil || slices.Contains(l.Sources, source) {
			add(fileSettings(files[i+1]))
		}
	}
	global := fileSettings(p.GlobalConfig)
	delete(global, claude.APIKeyHelper) // only its env block counts
	add(global)
	return merged
}

// settingsFlag stands for the file name of settings that were given as text.
const settingsFlag = "--settings"

// managedFiles lists the administrator's files, the strongest first.
func managedFiles(base string) []string {
	parts, _ := filepath.Glob(filepath.Join(filepath.Dir(base), claude.ManagedParts, "*.json")) // the pattern is valid
	slices.Sort(parts)
	slices.Reverse(parts)
	return append(parts, base)
}

// largestSettings bounds a settings file, in bytes; .claude.json grows with the client's history.
const largestSettings = 64 << 20

func fileSettings(path string) map[string]setting {
	data, _, err := atomicfile.ReadRegular(path, largestSettings)
	if err != nil {
		return nil
	}
	return settingsIn(path, data)
}

// settingsIn reads the members of the env block and apiKeyHelper, each with the line of its key.
func settingsIn(file string, data []byte) map[string]setting {
	if !json.Valid(data) {
		return nil
	}
	found := map[string]setting{}
	add := func(key string, line int, value json.RawMessage) {
		if file == settingsFlag {
			line = 0
		}
		found[key] = setting{text(value), Shadow{Name: key, File: file, Line: line}}
	}
	members(data, 0, data, func(key string, line int, value json.RawMessage, offset int) {
		switch {
		case key == claude.APIKeyHelper:
			add(key, line, value)
		case key == claude.EnvBlock:
			members(value, offset, data, func(key string, line int, value json.RawMessage, _ int) {
				add(key, line, value)
			})
		}
	})
	return found
}

// members calls visit for each member of the object, which begins at offset in whole. Of equal keys the last one
// counts, as in JavaScript, because it is visited last.
func members(object []byte, offset int, whole []byte,
	visit func(key string, line int, value json.RawMessage, offset int)) {
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

// text returns the value as the client puts it into an environment: the text of a string, or the JSON of anything else.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}

// approved reports whether the person has approved the API key for sessions. The client asks once for each key, and
// keeps the answer in .claude.json.
func approved(globalConfig, key string) bool {
	var responses struct{ Approved []string }
	if json.Unmarshal(globalMembers(globalConfig)[claude.APIKeyApprovals], &responses) != nil {
		return false
	}
	return slices.Contains(responses.Approved, key[max(0, len(key)-claude.ApprovalLength):])
}

// globalMembers returns the members of .claude.json, nil when it cannot be read.
func globalMembers(globalConfig string) map[string]json.RawMessage {
	data, _, err := atomicfile.ReadRegular(globalConfig, largestSettings)
	var members map[string]json.RawMessage
	if err != nil || json.Unmarshal(data, &members) != nil {
		return nil
	}
	return members
}
