package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/creack/pty"
)

const streamSize = 100_000_000

// throughput sends mixed terminal output through `run` and through script, each on a terminal of its own.
func throughput(l *lab) ([]row, error) {
	text := filepath.Join(l.dir, "stream")
	if err := os.WriteFile(text, mixedOutput(streamSize), 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(text) // with the lab, at the latest
	client, err := l.client("cat", "exec cat "+text)
	if err != nil {
		return nil, err
	}
	var ours, theirs, ourCPU, theirCPU []float64
	for i := range l.streams {
		both := []struct {
			speed, cpu *[]float64
			args       []string
		}{
			{&ours, &ourCPU, []string{l.exe, "run", "--"}},
			{&theirs, &theirCPU, []string{"script", "-qefc", client, "/dev/null"}},
		}
		if i%2 == 1 {
			both[0], both[1] = both[1], both[0]
		}
		for _, one := range both {
			took, cpu, err := l.drain(one.args, "CLAUDE_AUTH_CLIENT="+client)
			if err != nil {
				return nil, err
			}
			*one.speed, *one.cpu = append(*one.speed, streamSize/1e6/took.Seconds()), append(*one.cpu, cpu.Seconds())
		}
	}
	r := row{What: "pty throughput of run, 100 MB", Against: "script -qefc", Ours: median(ours), Theirs: median(theirs),
		Unit: "MB/s", AtLeast: 0.95}
	r.Ratio = r.Ours / r.Theirs
	r.Note = fmt.Sprintf("processor time %.2f s and %.2f s", median(ourCPU), median(theirCPU))
	return []row{r}, nil
}

// client writes a shell script that stands for the client.
func (l *lab) client(name, line string) (string, error) {
	path := filepath.Join(l.dir, "client-"+name)
	return path, os.WriteFile(path, []byte("#!/bin/sh\n"+line+"\n"), 0o700)
}

// onTerminal starts a program on a terminal of its own.
func (l *lab) onTerminal(args []string, env ...string) (*os.File, *exec.Cmd, error) {
	command := exec.Command(args[0], args[1:]...)
	command.Env, command.Dir = l.env(env...), l.home
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return nil, nil, fmt.Errorf("start %s on a terminal: %w", args[0], err)
	}
	return terminal, command, nil
}

// drain reads what the program writes until it ends, and checks that all of the stream has come. cpu is the
// processor time of the program and of the client.
func (l *lab) drain(args []string, env ...string) (took, cpu time.Duration, err error) {
	began := time.Now()
	terminal, command, err := l.onTerminal(args, env...)
	if err != nil {
		return 0, 0, err
	}
	defer terminal.Close()
	buffer, total := make([]byte, 64<<10), 0
	for {
		n, err := terminal.Read(buffer)
		total += n
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil { // EIO: the last one who had the terminal open has gone
			break
		}
	}
	took = time.Since(began)
	if err := command.Wait(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", args[0], err)
	}
	if total < streamSize {
		return 0, 0, fmt.Errorf("%s: %d of %d bytes came", args[0], total, streamSize)
	}
	return took, command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}

// mixedOutput is what programs write to terminals: prose, coloured diffs, progress bars, redrawn screens, UTF-8.
func mixedOutput(size int) []byte {
	var b bytes.Buffer
	r := rand.New(rand.NewPCG(7, 7))
	words := bytes.Fields([]byte("the login of a client is kept in one file and when its token dies API Error: 401 " +
		"every request fails — bis zum nächsten ✓ Please run"))
	for b.Len() < size {
		switch r.IntN(5) {
		case 0, 1:
			for range 6 + r.IntN(10) {
				b.Write(words[r.IntN(len(words))])
				b.WriteByte(' ')
			}
			b.WriteByte('\n')
		case 2:
			fmt.Fprintf(&b, "\x1b[32m+\t%d := range \x1b[1mitems\x1b[22m\x1b[39m\n\x1b[31m-\told\x1b[39m\n", r.IntN(1000))
		case 3:
			fmt.Fprintf(&b, "\r\x1b[2K\x1b[36m%3d%%\x1b[39m ████████▌ %d/s", r.IntN(100), r.IntN(1_000_000))
		default:
			fmt.Fprintf(&b, "\x1b[%d;%dH\x1b[38;5;%dm\x1b[%dGcell\x1b[%dCmore\x1b[0m\x1b[1A\r\n",
				1+r.IntN(24), 1+r.IntN(80), r.IntN(256), 1+r.IntN(60), 1+r.IntN(9))
		}
	}
	return b.Bytes()[:size]
}
