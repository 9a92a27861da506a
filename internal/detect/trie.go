package detect

import (
	"slices"
	"strings"
)

// A trie holds the phrases as a radix tree over bytes. Phrases share long beginnings ("Failed to authenticate. API
// Error: 401 "), and their ends decide the class, so the longest phrase that fits counts.
type trie struct {
	nodes []node
	root  [256]int32 // first byte to node, 0: none
}

// A node is entered by the first byte of its label. Node 0 is never entered: its number means "none".
type node struct {
	label string
	rule  int32 // index of the rule whose phrase ends here, or noRule
	first string
	kids  []int32 // kids[i] is entered by first[i]
}

const noRule = -1

// newTrie builds the tree; phrases must be distinct and not empty.
func newTrie(phrases []string) *trie {
	order := make([]int, len(phrases))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(phrases[a], phrases[b]) })
	t := &trie{nodes: make([]node, 1, 2*len(phrases)+1)}
	for len(order) > 0 {
		group := sameByte(phrases, order, 0)
		t.root[phrases[group[0]][0]] = t.build(phrases, group, 0)
		order = order[len(group):]
	}
	return t
}

// build makes the node for sorted phrases that agree before and at byte from.
func (t *trie) build(phrases []string, sorted []int, from int) int32 {
	first, last := phrases[sorted[0]], phrases[sorted[len(sorted)-1]]
	end := from + commonPrefix(first[from:], []byte(last[from:]))
	id := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{label: first[from:end], rule: noRule})
	if len(first) == end { // the shortest sorts first
		t.nodes[id].rule = int32(sorted[0])
		sorted = sorted[1:]
	}
	for len(sorted) > 0 {
		group := sameByte(phrases, sorted, end)
		kid := t.build(phrases, group, end)
		n := &t.nodes[id]
		n.first += phrases[group[0]][end : end+1]
		n.kids = append(n.kids, kid)
		sorted = sorted[len(group):]
	}
	return id
}

// kid returns the node that byte c leads to from n, 0 for none.
func (t *trie) kid(n *node, c byte) int32 {
	for i := range len(n.first) {
		if n.first[i] == c {
			return n.kids[i]
		}
	}
	return 0
}

// longest returns the rule with the longest phrase that text begins with, or noRule, and the phrase's length. longer
// reports whether a longer phrase begins with all of text.
func (t *trie) longest(text string) (rule int32, length int, longer bool) {
	if text == "" {
		return noRule, 0, true
	}
	rule = noRule
	from := 0
	for at := t.root[text[0]]; at != 0; at = t.kid(&t.nodes[at], text[from]) {
		n := &t.nodes[at]
		if !strings.HasPrefix(text[from:], n.label) {
			return rule, length, strings.HasPrefix(n.label, text[from:])
		}
		from += len(n.label)
		if n.rule != noRule {
			rule, length = n.rule, from
		}
		if from == len(text) {
			return rule, length, len(n.kids) > 0
		}
	}
	return rule, length, false
}

// sameByte returns the leading members of sorted that share their byte at i.
func sameByte(phrases []string, sorted []int, i int) []int {
	n := 1
	for n < len(sorted) && phrases[sorted[n]][i] == phrases[sorted[0]][i] {
		n++
	}
	return sorted[:n]
}
