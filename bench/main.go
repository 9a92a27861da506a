// Command bench measures what claude-auth costs, side by side with what people have in their prompts and terminals
// already: `make bench`. It prints one table, and the same as JSON.
//
// What is compared runs in turn within one run, so that a busy machine is busy for both; the result is the ratio of the
// medians. Nothing here is a test: a missed figure is marked, and the exit status is still 0.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// figures lists what is measured, each in a file of its own.
var figures = []struct {
	name    string
	measure func(*lab) ([]row, error)
}{
	{"segment", segment}, {"start", start}, {"hook", hook}, {"version", version}, {"before", before},
	{"throughput", throughput}, {"keystroke", keystroke}, {"stream", stream}, {"scanner", scanner}, {"scaling", scaling},
}

// row is a line of the table. At most one of AtMost and AtLeast is set: the figure to reach.
type row struct {
	What    string  `json:"what"`
	Against string  `json:"against,omitempty"`
	Ours    float64 `json:"ours"`
	Theirs  float64 `json:"theirs,omitempty"`
	Unit    string  `json:"unit"`
	Ratio   float64 `json:"ratio,omitempty"` // of ours to theirs, or ours itself where there is no peer
	AtMost  float64 `json:"at_most,omitempty"`
	AtLeast float64 `json:"at_least,omitempty"`
	Note    string  `json:"note,omitempty"`
}

// verdict is "met" or "missed"; "" where there is no figure to reach, or where the note says why it is linear.
func (r row) verdict() string {
	switch {
	case r.AtMost == 0 && r.AtLeast == 0, strings.HasPrefix(r.Note, "linear: "):
		return ""
	case r.AtMost > 0 && r.Ratio > r.AtMost, r.Ratio < r.AtLeast:
		return "missed"
	}
	return "met"
}

func main() {
	work := run
	if len(os.Args) == 2 && os.Args[1] == stampArgument {
		work = stamp
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	only := flag.String("only", "", "measure only the figures whose names match the `REGEXP`")
	rounds := flag.Int("rounds", 100, "how often each process is started")
	streams := flag.Int("streams", 9, "how often each stream is sent")
	file := flag.String("json", "build/bench.json",
		"write the figures to `FILE` too; - is standard output, in the table's place")
	flag.Parse()
	want, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	l, err := newLab(*rounds, *streams)
	if err != nil {
		return err
	}
	defer l.close()
	var rows []row
	for _, f := range figures {
		if !want.MatchString(f.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s …\n", f.name)
		measured, err := f.measure(l)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", f.name, err)
			measured = append(measured, row{What: f.name, Note: "not measured: " + err.Error()})
		}
		rows = append(rows, measured...)
	}
	return report(*file, l, rows)
}

// report prints the table, and writes the document.
func report(file string, l *lab, rows []row) error {
	document := map[string]any{
		"schema": 1, "time": time.Now().UTC().Format(time.RFC3339), "go": runtime.Version(), "cpus": runtime.NumCPU(),
		"load": l.load + " … " + load(), "rounds": l.rounds, "streams": l.streams, "figures": rows,
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if file == "-" {
		_, err := os.Stdout.Write(text)
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	return table(os.Stdout, document["load"].(string), rows)
}

func table(out io.Writer, load string, rows []row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tclaude-auth\tagainst\t\tratio\tasked\t")
	for _, r := range rows {
		theirs, ratio, asked := "", "", ""
		if r.Theirs != 0 {
			theirs = number(r.Theirs, r.Unit)
		}
		if r.Ratio != 0 {
			ratio = fmt.Sprintf("%.3g", r.Ratio)
		}
		if r.AtMost > 0 {
			asked = fmt.Sprintf("≤ %g", r.AtMost)
		}
		if r.AtLeast > 0 {
			asked = fmt.Sprintf("≥ %g", r.AtLeast)
		}
		notes := strings.Join(strings.Fields(r.verdict()+" "+r.Note), " ")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.What, number(r.Ours, r.Unit), r.Against, theirs, ratio, asked, notes)
	}
	fmt.Fprintf(w, "load %s, %d processors\n", load, runtime.NumCPU())
	return w.Flush()
}

func number(n float64, unit string) string {
	switch {
	case n == 0 && unit == "":
		return ""
	case unit != "µs":
		return fmt.Sprintf("%.3g %s", n, unit)
	case n >= 10_000:
		return fmt.Sprintf("%.1f ms", n/1000)
	case n >= 1000:
		return fmt.Sprintf("%.2f ms", n/1000)
	}
	return fmt.Sprintf("%.1f µs", n)
}
