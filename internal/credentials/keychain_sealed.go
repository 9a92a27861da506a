package credentials

import (
	"bytes"
	"cmp"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/claude-auth/claude-auth/internal/claude"
)

// A sealed item keeps a part of the document in a second item, encrypted (claude.KeychainPointer). The document of a
// sealed item is the whole of it: what is in the first item, and behind that what was sealed.

// pointer is the member of the first item that leads to the second.
type pointer struct {
	Slot  string `json:"slot"`
	Key   string `json:"key"`
	Login string `json:"login,omitempty"` // the client's hash of the login that sealed sections belong to

	organization json.RawMessage // of that login
}

const (
	sealNonce = 12
	sealKey   = 32
)

func slotService(service, slot string) string { return service + claude.KeychainOverflow + slot }

// sections are what was sealed: whole members of the document, or entries of members.
type sections map[string]json.RawMessage

// unseal completes the document of a sealed item. Without the second item, or when that does not open, the item stays
// as it is, as for the client.
func (k *KeychainStore) unseal(ctx context.Context, it *item) error {
	p, ok := pointerIn(it.Doc)
	if !ok {
		return nil
	}
	text, there, err := k.find(ctx, slotService(k.Service, p.Slot))
	if err != nil {
		return err
	}
	sealed, ok := openSealed(p, text)
	it.Partial = !there || !ok
	if it.Partial {
		return nil
	}
	doc, err := it.Doc.DeleteAt(Path{{Name: claude.KeychainPointer, Key: true}})
	if err == nil {
		doc, err = merged(doc, p, sealed)
	}
	if err != nil {
		return fileError(itemName(k.Service), err)
	}
	it.Doc, it.Data, it.sealed, it.Size = doc, doc.Bytes(), text, int64(len(it.raw)+len(text))
	return nil
}

// pointerIn returns the pointer of a sealed item.
func pointerIn(doc *Document) (p pointer, ok bool) {
	raw, ok, err := doc.At(Path{{Name: claude.KeychainPointer, Key: true}})
	if err != nil || !ok || json.Unmarshal(raw, &p) != nil {
		return pointer{}, false
	}
	place := Path{{Name: claude.KeychainPointer, Key: true}, {Name: claude.OrganizationKey, Key: true}}
	p.organization, _, _ = doc.At(place) // a key that is there twice is none
	return p, slices.Contains(claude.KeychainSlots[:], p.Slot) && p.Key != ""
}

// openSealed decrypts the text of a second item.
func openSealed(p pointer, text []byte) (sections, bool) {
	data, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	box, boxErr := sealBox(p.Key)
	if err != nil || boxErr != nil || len(data) < sealNonce {
		return nil, false
	}
	plain, err := box.Open(nil, data[:sealNonce], data[sealNonce:], nil)
	var s sections
	return s, err == nil && json.Unmarshal(plain, &s) == nil
}

func sealBox(key string) (cipher.AEAD, error) {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// merged adds the sections to the document of the first item, as the client does: what the first item has too is newer.
// Sections of another login stay away.
func merged(doc *Document, p pointer, sealed sections) (*Document, error) {
	sameLogin := p.ofLogin(doc)
	for _, name := range sortedKeys(sealed) {
		place := Path{{Name: name, Key: true}}
		var err error
		switch {
		case slices.Contains(claude.KeychainGrowing[:], name):
			doc, err = mergeEntries(doc, name, sealed[name])
		case sameLogin && !doc.Has(name):
			doc, err = doc.SetAt(place, sealed[name])
		}
		if err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// mergeEntries adds those entries of a sealed section that the document does not have.
func mergeEntries(doc *Document, name string, section json.RawMessage) (*Document, error) {
	there, err := entriesOf(doc, name)
	if err != nil {
		return nil, err
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(section, &entries); err != nil {
		return nil, err
	}
	for _, entry := range sortedKeys(entries) {
		if now, has := there[entry]; has && (name != claude.KeychainGrowing[0] || hasAccess(now)) {
			continue
		}
		if doc, err = doc.SetAt(entryPath(name, entry), entries[entry]); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func entryPath(section, entry string) Path {
	return Path{{Name: section, Key: true}, {Name: entry, Key: true}}
}

// hasAccess reports whether an MCP login has an access token: without one the client prefers the sealed entry.
func hasAccess(entry json.RawMessage) bool {
	var login struct {
		AccessToken string `json:"accessToken"`
	}
	return json.Unmarshal(entry, &login) == nil && login.AccessToken != ""
}

// entriesOf returns the entries of a member that is an object, and none of any other.
func entriesOf(doc *Document, name string) (map[string]json.RawMessage, error) {
	raw, ok, err := doc.At(Path{{Name: name, Key: true}})
	if err != nil || !ok || kindOf(raw[0]) != Object {
		return nil, err
	}
	var entries map[string]json.RawMessage
	return entries, json.Unmarshal(raw, &entries)
}

// ofLogin reports whether the sealed sections belong to the login in the document, by the client's hash of it.
func (p pointer) ofLogin(doc *Document) bool {
	text := func(name string) (string, bool) {
		raw, ok, err := doc.At(Path{{Name: name, Key: true}})
		return string(raw), ok && err == nil
	}
	organization, hasOrganization := text(claude.OrganizationKey)
	login, has := text(claude.LoginKey)
	if !has || organization == `""` {
		return p.Login != "" && hasOrganization == (p.organization != nil) && organization == string(p.organization)
	}
	return p.Login == fmt.Sprintf("%x", sha256.Sum256([]byte("["+login+"]")))[:16]
}

// seal finds the sealed form for a document that is too long for one item. It is nil when the document has too little
// that may be sealed.
func (k *KeychainStore) seal(current item, text []byte) (*form, error) {
	doc, err := Parse(text)
	if err != nil {
		return nil, nil //nolint:nilerr // what is not a document can't be sealed
	}
	p := pointer{Slot: claude.KeychainSlots[0], Key: newSealKey()}
	if current.Doc != nil {
		was, err := Parse(current.raw)
		if err == nil {
			if used, ok := pointerIn(was); ok && used.Slot == p.Slot {
				p.Slot = claude.KeychainSlots[1]
			}
		}
	}
	rawPointer, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	candidates, err := sealable(doc)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]json.RawMessage{}
	for _, c := range candidates {
		if doc, err = doc.DeleteAt(entryPath(c.section, c.entry)); err != nil {
			return nil, err
		}
		if out[c.section] == nil {
			out[c.section] = map[string]json.RawMessage{}
		}
		out[c.section][c.entry] = c.raw
		item, err := doc.SetAt(Path{{Name: claude.KeychainPointer, Key: true}}, rawPointer)
		if err != nil {
			return nil, err
		}
		if line := k.lineFor(k.Service, item.Bytes()); line != nil {
			sealed, err := sealSections(p, out)
			return &form{text: item.Bytes(), line: line, slot: p.Slot, sealed: sealed}, err
		}
	}
	return nil, nil
}

// sealEntry is an entry that may be sealed.
type sealEntry struct {
	section, entry string
	raw            json.RawMessage
}

// sealable lists the entries that may be sealed, the largest first.
func sealable(doc *Document) (list []sealEntry, err error) {
	for _, section := range claude.KeychainGrowing {
		entries, err := entriesOf(doc, section)
		if err != nil {
			return nil, err
		}
		for _, entry := range sortedKeys(entries) {
			list = append(list, sealEntry{section, entry, entries[entry]})
		}
	}
	slices.SortStableFunc(list, func(a, b sealEntry) int {
		return cmp.Or(cmp.Compare(len(b.raw), len(a.raw)), strings.Compare(a.section, b.section))
	})
	return list, nil
}

func newSealKey() string {
	key := make([]byte, sealKey)
	rand.Read(key) // never fails: it ends the program instead
	return base64.StdEncoding.EncodeToString(key)
}

// sealSections encrypts the sections.
func sealSections(p pointer, s map[string]map[string]json.RawMessage) (string, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	box, err := sealBox(p.Key)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, sealNonce)
	rand.Read(nonce) // never fails: it ends the program instead
	return base64.StdEncoding.EncodeToString(box.Seal(nonce, nonce, plain, nil)), nil
}

// addSealed stores the second item. Its text may be an argument: only the first item has the key.
func (k *KeychainStore) addSealed(ctx context.Context, f *form) error {
	service := slotService(k.Service, f.slot)
	_, status, err := k.security(ctx, nil, "add-generic-password", "-U", "-a", k.Account, "-s", service, "-w", f.sealed)
	if err == nil && status != 0 {
		err = k.failure("write", status)
	}
	if err != nil {
		return err
	}
	text, _, err := k.find(ctx, service)
	if err == nil && string(text) != f.sealed {
		err = k.fail(false, "the new value was not saved")
	}
	return err
}

// dropSlots deletes the second items, which nothing points to any more.
func (k *KeychainStore) dropSlots(ctx context.Context) error {
	for _, slot := range claude.KeychainSlots {
		if err := k.delete(ctx, slotService(k.Service, slot)); err != nil {
			return err
		}
	}
	return nil
}
