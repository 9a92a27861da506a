package schedule

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// onMac is the schedule of a Mac, with a launchctl that knows what is loaded by the file loaded.
func onMac(t *testing.T) (s *Schedule, job Job, root string) {
	t.Helper()
	_, bin, env, p := world(t)
	script(t, filepath.Join(bin, "launchctl"), `cd "$TRIAL" || exit
echo "$@" >>calls
case $1 in
print)
	case $2 in
	*/dev.claude-auth.renew) [ -e loaded ] ;;
	*) [ ! -e ssh ] ;;
	esac || { echo "Bad request." >&2; exit 113; }
	;;
bootstrap) [ ! -e loaded ] && [ -e "$3" ] && : >loaded ;;
bootout) [ -e loaded ] && rm loaded ;;
esac
`)
	job, _, err := NewJob("/x/claude-auth", env, p, false)
	if err != nil {
		t.Fatal(err)
	}
	return New("darwin", env, p, clock("2026-01-02T10:04:59Z")), job, filepath.Dir(bin)
}

func TestLaunchd(t *testing.T) {
	s, job, root := onMac(t)
	plist := filepath.Join(root, "home", "Library", "LaunchAgents", "dev.claude-auth.renew.plist")
	carry(t, s, turnOn(job, s))
	if !exists(filepath.Join(root, "loaded")) || !exists(plist) {
		t.Fatal(read(t, filepath.Join(root, "calls")))
	}
	if n := carry(t, s, turnOn(job, s)); n > 0 {
		t.Errorf("the second time has %d steps", n)
	}
	if r, err := s.Report(t.Context()); err != nil || r.By != "launchd" || r.Problem != "" {
		t.Errorf("%+v, %v", r, err)
	}
	job.Program = "/y/claude-auth"
	carry(t, s, turnOn(job, s))
	if !strings.Contains(read(t, plist), "/y/claude-auth") || !exists(filepath.Join(root, "loaded")) {
		t.Error("the program moved, and the agent is the old one")
	}
	carry(t, s, s.PlanOff)
	if exists(filepath.Join(root, "loaded")) || exists(plist) || exists(s.paths.Schedule()) {
		t.Error("something is left")
	}
	if n := carry(t, s, s.PlanOff); n > 0 {
		t.Errorf("off has %d steps the second time", n)
	}
	script(t, filepath.Join(root, "ssh"), "")
	if _, err := s.PlanOn(t.Context(), job); !errors.Is(err, ErrNone) {
		t.Errorf("without a session: %v", err)
	}
}

func TestPlist(t *testing.T) {
	for _, name := range hard {
		job := Job{"/" + name, []string{"renew", "--if-due"}, []string{"A=" + name, "B="}, nil, "", ""}
		got, err := parsePlist(plistText(job))
		want := map[string]any{
			"Label": "dev.claude-auth.renew", "ProgramArguments": []any{"/" + name, "renew", "--if-due"},
			"EnvironmentVariables": map[string]any{"A": name, "B": ""},
			"StartInterval":        "300", "RunAtLoad": true, "AbandonProcessGroup": true,
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
	}
}

// parsePlist reads a property list of strings, numbers, true, arrays and dictionaries.
func parsePlist(text string) (any, error) {
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Local != "plist" {
			value, err := plistValue(decoder, start)
			for err == nil { // to the end: the rest must be well-formed too
				_, err = decoder.Token()
			}
			if !errors.Is(err, io.EOF) {
				return nil, err
			}
			return value, nil
		}
	}
}

func plistValue(decoder *xml.Decoder, start xml.StartElement) (any, error) {
	switch start.Name.Local {
	case "string", "integer", "key":
		var text string
		err := decoder.DecodeElement(&text, &start)
		return text, err
	case "true":
		return true, decoder.Skip()
	case "array", "dict":
		var list []any
		for {
			token, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			switch token := token.(type) {
			case xml.StartElement:
				value, err := plistValue(decoder, token)
				if err != nil {
					return nil, err
				}
				list = append(list, value)
			case xml.EndElement:
				if start.Name.Local == "array" {
					return list, nil
				}
				values := map[string]any{}
				for i := 0; i+1 < len(list); i += 2 {
					values[list[i].(string)] = list[i+1]
				}
				return values, nil
			}
		}
	}
	return nil, fmt.Errorf("unexpected <%s>", start.Name.Local)
}
