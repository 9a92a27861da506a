package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

var benchLine = regexp.MustCompile(`(?m)^Benchmark(Scanner|Regexp)/(\S+?)(?:-\d+)?\s.*?([\d.]+) MB/s`)

// scanner runs the benchmarks of package detect, which have the inputs and the regular expression, in turn.
func scanner(l *lab) ([]row, error) {
	test := filepath.Join(l.dir, "detect.test")
	if out, err := exec.Command("go", "test", "-c", "-o", test, "./internal/detect").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go test -c: %w\n%s", err, out)
	}
	speeds := map[string][]float64{}
	var inputs []string
	for range l.streams {
		for _, which := range []string{"Scanner", "Regexp"} {
			command := exec.Command(test, "-test.run=^$", "-test.bench=^Benchmark"+which+"$", "-test.benchtime=100ms")
			command.Dir = "internal/detect"
			out, err := command.CombinedOutput()
			if err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", which, err, out)
			}
			for _, m := range benchLine.FindAllStringSubmatch(string(out), -1) {
				speed, err := strconv.ParseFloat(m[3], 64)
				if err != nil {
					return nil, err
				}
				if m[1] == "Scanner" && len(speeds["Scanner/"+m[2]]) == 0 {
					inputs = append(inputs, m[2])
				}
				speeds[m[1]+"/"+m[2]] = append(speeds[m[1]+"/"+m[2]], speed/1000)
			}
		}
	}
	var rows []row
	for _, input := range inputs {
		ours, theirs := median(speeds["Scanner/"+input]), median(speeds["Regexp/"+input])
		rows = append(rows,
			row{What: "scanner, " + input, Ours: ours, Unit: "GB/s", Ratio: ours, AtLeast: 0.35, Note: "(ratio: GB/s)"},
			row{What: "scanner, " + input, Against: "regexp", Ours: ours, Theirs: theirs, Unit: "GB/s", Ratio: ours / theirs,
				AtLeast: 8})
	}
	return rows, nil
}
