package credentials

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/claude-auth/claude-auth/internal/test/tools"
)

// judge is JavaScript that makes the same edit with JSON.parse and compares, without recursion. A line in, a line out.
const judge = `
const own = (o, k, v) => Object.defineProperty(o, k, {value: v, writable: true, enumerable: true, configurable: true});
const has = (o, k) => Object.prototype.hasOwnProperty.call(o, k);
function same(a, b) {
  const todo = [[a, b]];
  while (todo.length) {
    const [x, y] = todo.pop();
    if (x === null || y === null || typeof x !== "object" || typeof y !== "object") {
      if (!Object.is(x, y)) return false;
      continue;
    }
    if (Array.isArray(x) !== Array.isArray(y)) return false;
    const kx = Object.keys(x), ky = Object.keys(y);
    if (kx.length !== ky.length) return false;
    for (const k of kx) { if (!has(y, k)) return false; todo.push([x[k], y[k]]); }
  }
  return true;
}
function edit(doc, m) {
  let at = doc;
  for (const [i, step] of m.path.entries()) {
    if (at === null || typeof at !== "object") { if (m.op === "delete") return; throw new Error("inside a scalar"); }
    const last = i === m.path.length - 1;
    const key = Array.isArray(at) ? (step === "-1" ? at.length : Number(step)) : step;
    if (!last) { if (!has(at, key)) { if (m.op === "delete") return; own(at, key, {}); } at = at[key]; continue; }
    if (m.op === "set") own(at, key, JSON.parse(m.value));
    else if (Array.isArray(at)) { if (key < at.length) at.splice(key, 1); }
    else delete at[key];
  }
}
const text = b64 => Buffer.from(b64, "base64").toString("utf8");
function parse(s) {
  try {
    const v = JSON.parse(s);
    return v !== null && typeof v === "object" && !Array.isArray(v) ? v : undefined;
  } catch { return undefined; }
}
require("readline").createInterface({input: process.stdin, crlfDelay: Infinity}).on("line", line => {
  const m = JSON.parse(line);
  const before = parse(text(m.before));
  let out = before === undefined ? "refused" : "taken";
  if (m.op === "keys" && before !== undefined) out = JSON.stringify(Object.keys(before));
  if ((m.op === "set" || m.op === "delete") && before !== undefined) {
    edit(before, m);
    const after = parse(text(m.after));
    out = after === undefined ? "after: no document" : same(before, after) ? "same" : "after: other";
  }
  process.stdout.write(out + "\n");
});
`

type question struct {
	Op     string   `json:"op"` // set, delete, keys or parse
	Before []byte   `json:"before"`
	After  []byte   `json:"after,omitempty"`
	Path   []string `json:"path,omitempty"`
	Value  string   `json:"value,omitempty"`
}

// node is one node process that answers every question of a test.
type node struct {
	in  *bufio.Writer
	out *bufio.Reader
}

func startNode(t testing.TB) *node {
	t.Helper()
	tools.Need(t, "node")
	command := exec.Command("node", "-e", judge)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := command.Wait(); err != nil {
			t.Errorf("node: %v: %s", err, stderr.Bytes())
		}
	})
	return &node{in: bufio.NewWriterSize(stdin, 1<<20), out: bufio.NewReaderSize(stdout, 1<<20)}
}

// ask puts all questions, while it reads the answers, so that neither side waits for the other.
func (n *node) ask(t testing.TB, questions []question, answer func(q question, text string)) {
	t.Helper()
	written := make(chan error, 1)
	go func() {
		encoder := json.NewEncoder(n.in)
		for _, q := range questions {
			if err := encoder.Encode(q); err != nil {
				written <- err
				return
			}
		}
		written <- n.in.Flush()
	}()
	for _, q := range questions {
		line, err := n.out.ReadString('\n')
		if err != nil {
			t.Fatalf("node answered no more: %v", err)
		}
		answer(q, strings.TrimSuffix(line, "\n"))
	}
	if err := <-written; err != nil && err != io.EOF {
		t.Fatal(err)
	}
}

// outsideSame reports whether after is before with one stretch replaced that lies within the edited place.
func outsideSame(before, after *Document, pl place) bool {
	start, end := pl.container.start+1, pl.container.start+1
	switch {
	case pl.found:
		removal := pl.removal(before.data)
		start, end = min(removal.start, pl.value.start), max(removal.end, pl.value.end)
	case pl.last.value.end > 0:
		start, end = pl.last.value.end, pl.last.value.end
	}
	return bytes.HasPrefix(after.data, before.data[:start]) && bytes.HasSuffix(after.data, before.data[end:])
}

func TestEditsAgreeWithJavaScript(t *testing.T) {
	const documents = 10_000
	n := startNode(t)
	g := generator{rand.New(rand.NewPCG(1, 2))}
	var questions []question
	refused := 0
	for len(questions) < documents {
		d := mustParse(t, g.document())
		p := g.path(d)
		q := question{Op: "set", Before: d.data, Value: strings.ToValidUTF8(g.value(2), "?")}
		for _, step := range p {
			q.Path = append(q.Path, step.Name)
		}
		var after *Document
		var err error
		if g.IntN(3) == 0 {
			q.Op = "delete"
			after, err = d.Delete(p.String())
		} else {
			after, err = d.Set(p.String(), []byte(q.Value))
		}
		if err != nil {
			refused++
			continue
		}
		pl, err := d.find(p)
		if err != nil || after != d && !outsideSame(d, after, pl) {
			t.Fatalf("%s at %q changes bytes outside:\n%q\n%q", q.Op, p, d.data, after.data)
		}
		q.After = after.data
		questions = append(questions, q)
	}
	if refused > documents/2 {
		t.Errorf("%d edits were refused beside %d that were made: the generator is wrong", refused, documents)
	}
	n.ask(t, questions, func(q question, text string) {
		if text != "same" && !t.Failed() {
			t.Errorf("node: %s: %s at %q, value %q:\n%q\n%q", text, q.Op, q.Path, q.Value, q.Before, q.After)
		}
	})
}

func TestParseAgreesWithJavaScript(t *testing.T) {
	n := startNode(t)
	g := generator{rand.New(rand.NewPCG(3, 4))}
	var questions []question
	for range 10_000 {
		questions = append(questions, question{Op: "parse", Before: g.mutate(g.document())})
	}
	for _, hard := range hardCases() {
		questions = append(questions, question{Op: "parse", Before: []byte(hard)})
	}
	taken := 0
	n.ask(t, questions, func(q question, text string) {
		_, err := Parse(q.Before)
		if text == "taken" {
			taken++
		}
		if (err == nil) != (text == "taken") && !t.Failed() {
			t.Errorf("Parse(%.200q) = %v, node: %s", q.Before, err, text)
		}
	})
	if taken < 500 || taken > 9_500 {
		t.Errorf("%d of 10000 texts are documents: the mutations are wrong", taken)
	}
}

func TestKeysAgreeWithJavaScript(t *testing.T) {
	n := startNode(t)
	g := generator{rand.New(rand.NewPCG(5, 6))}
	var questions []question
	for range 2_000 {
		var b strings.Builder
		b.WriteString("{")
		for i := range 1 + g.IntN(4) {
			key := []byte(g.scalar() + g.scalar())
			if key[0] != '"' {
				key = []byte(g.quoted(string(key)))
			}
			end := stringEnd(key, 0)
			b.WriteString(g.comma(i) + string(key[:end]) + ":1")
		}
		questions = append(questions, question{Op: "keys", Before: []byte(b.String() + "}")})
	}
	n.ask(t, questions, func(q question, text string) {
		var want []string
		for m := range children([]byte(text)) {
			want = append(want, decodeString(m.value.of([]byte(text))))
		}
		got := mustParse(t, string(q.Before)).Keys()
		counts := map[string]int{}
		for _, key := range want {
			counts[key]++
		}
		for _, key := range got {
			counts[key]--
		}
		for key, count := range counts {
			if count != 0 {
				t.Fatalf("Keys of %q = %q; node: %s (differ in %q)", q.Before, got, text, key)
			}
		}
	})
}

// hardCases are texts at JSON's edges; some are documents, some are not.
func hardCases() []string {
	return []string{
		"\xef\xbb\xbf{}", "{}\x00", "\x00", "{\"a\":\"\x00\"}", `{"a":1,}`, `{"a":[1,]}`, "{\"\xff\":\"\xc3\x28\"}",
		"{\"a\":\xff}", `{"\ud800":"\udfff"}`,
		`{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + "}",
		`{"a":` + strings.Repeat("[", 10000) + strings.Repeat("]", 9999) + "}",
		strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000),
		`{"n":-` + strings.Repeat("9", 20000) + "e-" + strings.Repeat("9", 1000) + "}",
		`{"":{"":{"":0}}}`, `{"a.b":{"c\\d":1}}`, "{\"a\":1}\u00a0", "\u2028{}", "{\"\u2028\":1}", `{"a":1}//`, `{"a":0x1}`,
		`{"a":.5}`, `{"a":1_0}`,
	}
}

// TestHardEditsAgreeWithJavaScript edits at the edges: deep, beside what is odd, under odd keys.
func TestHardEditsAgreeWithJavaScript(t *testing.T) {
	n := startNode(t)
	var questions []question
	add := func(doc, path string, names ...string) {
		d := mustParse(t, doc)
		after, err := d.Set(path, []byte("7"))
		if err != nil {
			t.Fatalf("Set(%.40q) on %.40q: %v", path, doc, err)
		}
		questions = append(questions, question{Op: "set", Before: d.data, After: after.data, Path: names, Value: "7"})
		if after, err = d.Delete(path); err != nil {
			t.Fatalf("Delete(%.40q) on %.40q: %v", path, doc, err)
		}
		questions = append(questions, question{Op: "delete", Before: d.data, After: after.data, Path: names})
	}
	for _, doc := range hardCases() {
		if d, err := Parse([]byte(doc)); err == nil {
			add(doc, "new", "new")
			for _, key := range d.Keys() {
				if typeable(key) {
					add(doc, Path{{Name: key, Key: true}}.String(), key)
				}
			}
		}
	}
	steps := strings.Split(strings.Repeat("a ", 10000), " ")[:10000]
	add(strings.Repeat(`{"a":`, 10000)+"1"+strings.Repeat("}", 10000), strings.Join(steps, "."), steps...)
	zeros := append([]string{"a"}, strings.Split(strings.Repeat("0 ", 9999), " ")[:9999]...)
	add(`{"a":`+strings.Repeat("[", 10000)+strings.Repeat("]", 10000)+"}", strings.Join(zeros, "."), zeros...)
	n.ask(t, questions, func(q question, text string) {
		if text != "same" {
			t.Errorf("node: %s: %s at %.80q of %.80q", text, q.Op, strings.Join(q.Path, "."), q.Before)
		}
	})
}

// TestJudge keeps the judge honest: it has to see each kind of difference.
func TestJudge(t *testing.T) {
	n := startNode(t)
	questions := []question{
		{Op: "set", Before: []byte(`{"a":1}`), Path: []string{"a"}, Value: "2", After: []byte(`{"a":2}`)},
		{Op: "set", Before: []byte(`{"a":1}`), Path: []string{"a"}, Value: "2", After: []byte(`{"a":1}`)},
		{Op: "set", Before: []byte(`{"a":1}`), Path: []string{"a"}, Value: "0", After: []byte(`{"a":-0}`)},
		{Op: "set", Before: []byte(`{"a":1}`), Path: []string{"b"}, Value: "2", After: []byte(`{"a":1,"b":2,"c":3}`)},
		{Op: "delete", Before: []byte(`{"a":[1,2]}`), Path: []string{"a", "0"}, After: []byte(`{"a":[1]}`)},
		{Op: "delete", Before: []byte(`{"a":1}`), Path: []string{"a"}, After: []byte(`{`)},
	}
	want := []string{"same", "after: other", "after: other", "after: other", "after: other", "after: no document"}
	i := 0
	n.ask(t, questions, func(_ question, text string) {
		if text != want[i] {
			t.Errorf("question %d: %q, want %q", i, text, want[i])
		}
		i++
	})
}

// FuzzAgainstJavaScript: what the editor makes of any document is what JavaScript makes of it. One node process answers
// for each worker of the fuzzer.
func FuzzAgainstJavaScript(f *testing.F) {
	addSeeds(f, func(text string) {
		f.Add([]byte(text), "claudeAiOauth.scopes.0", `"x"`, false)
		f.Add([]byte(text), "a.b", `{"c":1e5}`, true)
	})
	n := startNode(f)
	f.Fuzz(func(t *testing.T, data []byte, path, value string, remove bool) {
		d, err := Parse(data)
		p, pathErr := ParsePath(path)
		if err != nil || pathErr != nil || !utf8.Valid(data) || !utf8.ValidString(value) || !utf8.ValidString(path) {
			return
		}
		q := question{Op: "set", Before: d.data, Value: value}
		for _, step := range p {
			q.Path = append(q.Path, step.Name)
		}
		var after *Document
		if remove {
			q.Op = "delete"
			after, err = d.DeleteAt(p)
		} else {
			after, err = d.SetAt(p, []byte(value))
		}
		if pl, findErr := d.find(p); err != nil || findErr != nil || !pl.found && slices.ContainsFunc(p, numeric) {
			return // a missing place under a number becomes an array, which the judge does not know
		}
		q.After = after.data
		n.ask(t, []question{q}, func(q question, text string) {
			if text != "same" {
				t.Errorf("node: %s: %s at %q, value %q:\n%q\n%q", text, q.Op, q.Path, q.Value, q.Before, q.After)
			}
		})
	})
}

func numeric(s Step) bool { return strings.Trim(s.Name, "-0123456789") == "" }
