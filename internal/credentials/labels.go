package credentials

import "github.com/claude-auth/claude-auth/internal/secret"

// Labels are keys of the outermost object as they may be shown: a key can be a token, or repeat one that stands elsewhere
// in the document.
func (d *Document) Labels(keys []string) []string {
	r := newRedactor(d.data)
	labels := make([]string, len(keys))
	for i, key := range keys {
		labels[i] = r.label(key)
	}
	return labels
}

// Labels are keys of the backup's document as they may be shown.
func (b *Backup) Labels(keys []string) []string {
	if document, err := Parse(b.Document); err == nil {
		return document.Labels(keys)
	}
	labels := make([]string, len(keys))
	for i, key := range keys {
		labels[i] = secret.Redact(key)
	}
	return labels
}
