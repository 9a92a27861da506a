package ledger

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/seeds"
)

// samePlain compares the quick reader with encoding/json on one line.
func samePlain(t *testing.T, text []byte) (plain bool) {
	t.Helper()
	got, plain := decodePlain(text)
	if !plain {
		return false
	}
	var want line
	if err := json.Unmarshal(text, &want); err != nil {
		t.Errorf("%q was read, and is %v", text, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%q was read as\n%+v, is\n%+v", text, got, want)
	}
	return true
}

func TestPlainLines(t *testing.T) {
	for _, e := range []Event{
		{Time: start, Kind: Observed},
		{
			Time: start, Kind: Renewed, File: "/home/u/.claude/.credentials.json", Login: a,
			RefreshExpiresAt: start.Add(time.Hour),
		},
		{
			Time: start, Kind: Rejected, File: "/f", Login: LoginID{Access: "a"},
			Detail: map[string]string{"rule": "a b", "phrase": "API Error: 401 {}"},
		},
	} {
		text, err := e.encode()
		if err != nil {
			t.Fatal(err)
		}
		if !samePlain(t, text) {
			t.Errorf("%s is not plain", text)
		}
		if back, ok := decode(text); !ok || !reflect.DeepEqual(back, e) {
			t.Errorf("%s reads back as %+v, was %+v", text, back, e)
		}
	}
	odd := Event{Time: start, Kind: Rejected, File: "/f\"ä\n", Detail: map[string]string{"phrase": "· \x00 <b>"}}
	text, err := odd.encode()
	if err != nil {
		t.Fatal(err)
	}
	if back, ok := decode(text); !ok || !reflect.DeepEqual(back, odd) || samePlain(t, text) {
		t.Errorf("%s reads back as %+v, was %+v", text, back, odd)
	}
}

func FuzzPlain(f *testing.F) {
	unknown := Event{Time: start, Kind: "k", Detail: map[string]string{"a": "b", "c": ""}}
	for _, e := range append(story("/f", 2, 1), unknown) {
		text, _ := e.encode()
		f.Add(text)
	}
	for _, text := range seeds.Texts(f) {
		for line := range bytes.Lines(text) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) { samePlain(t, text) })
}
