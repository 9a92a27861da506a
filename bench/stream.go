package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// firstBytes is how many answers the median of the first byte is taken from.
const firstBytes = 200

// stampArgument makes this program the client of the figure: it writes the time, and ends with its standard input.
const stampArgument = "__stamp"

// stamp is the client whose first byte is timed.
func stamp() error {
	if _, err := fmt.Println(time.Now().UnixNano()); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// stream measures what `run` costs in a pipeline: the time to the first byte, and the memory for a long answer.
func stream(l *lab) ([]row, error) {
	late, err := firstByte(l)
	if err != nil {
		return nil, err
	}
	memory, err := longAnswer(l)
	if err != nil {
		return nil, err
	}
	return []row{late, memory}, nil
}

func firstByte(l *lab) (row, error) {
	self, err := os.Executable()
	if err != nil {
		return row{}, err
	}
	client, err := l.client("stamp", "exec '"+self+"' "+stampArgument)
	if err != nil {
		return row{}, err
	}
	var ours, theirs []float64
	for range firstBytes {
		for _, one := range []struct {
			to   *[]float64
			args []string
		}{{&ours, []string{l.exe, "run", "--", "-p", "x"}}, {&theirs, []string{client}}} {
			late, err := l.firstByteOf(one.args, "CLAUDE_AUTH_CLIENT="+client)
			if err != nil {
				return row{}, err
			}
			*one.to = append(*one.to, late.Seconds()*1e3)
		}
	}
	r := row{What: "first byte of an answer in a pipe", Against: "the client alone", Ours: median(ours),
		Theirs: median(theirs), Unit: "ms", AtMost: 2}
	r.Ratio = r.Ours // the figure is a time, not a ratio
	r.Note = fmt.Sprintf("the bound is 2 ms; p99 %.2f ms and %.2f ms, %d runs", percentile(ours, 99),
		percentile(theirs, 99), firstBytes)
	return r, nil
}

// firstByteOf returns how long after the client wrote its first line that line was read.
func (l *lab) firstByteOf(args []string, env string) (time.Duration, error) {
	command := exec.Command(args[0], args[1:]...)
	command.Env, command.Dir = l.env(env), l.home
	in, err := command.StdinPipe()
	if err != nil {
		return 0, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := command.Start(); err != nil {
		return 0, err
	}
	line, readErr := bufio.NewReader(out).ReadString('\n')
	read := time.Now()
	if err := errors.Join(readErr, in.Close(), command.Wait()); err != nil {
		return 0, fmt.Errorf("%s: %w", args[0], err)
	}
	wrote, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if err != nil {
		return 0, err
	}
	return time.Duration(read.UnixNano() - wrote), nil
}

// longSize is the length of the long answer, in bytes.
const longSize = 1 << 30

func longAnswer(l *lab) (row, error) {
	client, err := l.client("long", fmt.Sprintf("exec head -c %d /dev/zero", longSize))
	if err != nil {
		return row{}, err
	}
	command := exec.Command(l.exe, "run", "--", "-p", "x")
	command.Env, command.Dir = l.env("CLAUDE_AUTH_CLIENT="+client), l.home
	out, err := command.StdoutPipe()
	if err != nil {
		return row{}, err
	}
	if err := command.Start(); err != nil {
		return row{}, err
	}
	// Looked at while the program still has more to write than a pipe takes. What wait tells of a child counts this
	// program's own memory too, from before the exec.
	before, beforeErr := io.CopyN(io.Discard, out, longSize-1<<20)
	peak, peakErr := peakMemory(command.Process.Pid)
	after, afterErr := io.Copy(io.Discard, out)
	if err := errors.Join(beforeErr, peakErr, afterErr, command.Wait()); err != nil {
		return row{}, err
	}
	if before+after != longSize {
		return row{}, fmt.Errorf("%d of %d bytes came", before+after, longSize)
	}
	r := row{What: "memory for an answer of 1 GB", Ours: peak, Unit: "MB", AtMost: 20, Note: "the bound is 20 MB"}
	r.Ratio = r.Ours
	return r, nil
}

// peakMemory is the largest resident set that the process has had, in MB.
func peakMemory(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kilobytes); n == 1 {
			return kilobytes / 1024, nil
		}
	}
	return 0, fmt.Errorf("the resident set of process %d is not told", pid)
}
