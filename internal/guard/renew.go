package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/claude-auth/claude-auth/internal/fdio"
	"github.com/claude-auth/claude-auth/internal/paths"
	"github.com/claude-auth/claude-auth/internal/runner"
)

// Command is the subcommand that is the keeper. Its arguments are those of Request.arguments.
const Command = "__renew"

// Renew makes one renewal through a keeper, and waits for its result. When ctx ends, Renew returns its error and the
// keeper goes on. An error of another kind means that no keeper could be started. A keeper that was killed is followed
// by another one, which finds what the first has left.
func (g *Guard) Renew(ctx context.Context, q Request) (result Result, err error) {
	q.seen = g.seen(ctx)
	result, err = g.ask(ctx, q)
	if errors.Is(err, errNoResult) {
		result, err = g.ask(ctx, q)
	}
	if errors.Is(err, errNoResult) {
		return Result{Outcome: Failed, Cause: err.Error()}, nil
	}
	return result, err
}

// Begin makes one renewal through a keeper, and does not wait for it.
func (g *Guard) Begin(ctx context.Context, q Request) error {
	q.seen = g.seen(ctx)
	if err := g.startKeeper(q, runner.Null); err != nil {
		return fmt.Errorf("renew the login: %w", err)
	}
	return nil
}

// errNoResult says that a keeper has ended early.
var errNoResult = errors.New("the process that renews the login was killed twice")

// ask starts a keeper and waits for its result.
func (g *Guard) ask(ctx context.Context, q Request) (Result, error) {
	out, in, err := fdio.Pipe()
	if err != nil {
		return Result{}, fmt.Errorf("renew the login: %w", err)
	}
	reader := os.NewFile(uintptr(out), "the keeper's result")
	err = g.startKeeper(q, in)
	fdio.Close(in)
	if err != nil {
		_ = reader.Close() // nothing was written
		return Result{}, fmt.Errorf("renew the login: %w", err)
	}
	type answer struct {
		text []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() { // ends with the keeper, or with this process
		defer reader.Close()
		text, err := io.ReadAll(io.LimitReader(reader, maxResult))
		answered <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return Result{}, context.Cause(ctx)
	case a := <-answered:
		var result Result
		if err := json.Unmarshal(a.text, &result); err != nil || a.err != nil {
			return Result{}, errNoResult
		}
		return result, nil
	}
}

// seen is the fingerprint of the access token that is saved now; "" for none.
func (g *Guard) seen(ctx context.Context) string {
	snapshot, err := g.Store.Read(ctx)
	if err != nil || snapshot.Login() == nil {
		return "" // the keeper says why
	}
	return g.identify(snapshot.Login()).Access
}

// maxResult bounds a result, in bytes.
const maxResult = 16 << 10

// startKeeper starts a keeper that writes its result to the descriptor out.
func (g *Guard) startKeeper(q Request, out int) error {
	env := g.Env.With(paths.EnvClient, g.Client)
	keeper := runner.Self(g.Exe, g.Paths, env, append([]string{Command}, q.arguments()...)...)
	_, err := runner.StartDetached(keeper, runner.Null, out)
	return err
}

// arguments is the part of the request that the keeper needs: the command line was looked at here.
func (q Request) arguments() []string {
	return []string{q.By, q.Within.String(), strconv.FormatBool(q.Always), q.seen}
}

// ParseRequest reads what arguments has written.
func ParseRequest(args []string) (Request, error) {
	if len(args) != 4 {
		return Request{}, errors.New("a request has four words")
	}
	within, err := time.ParseDuration(args[1])
	if err != nil {
		return Request{}, err
	}
	always, err := strconv.ParseBool(args[2])
	return Request{By: args[0], Within: within, Always: always, seen: args[3]}, err
}

// ServeKeeper is the whole life of a keeper: it makes the renewal and writes the result to standard output.
func (g *Guard) ServeKeeper(ctx context.Context, q Request, out io.WriteCloser) error {
	fdio.CloseInherited()
	unix.Umask(0o077) // the client makes its log with mode 0644
	if err := os.Chdir(emptyDir(g.Paths)); err != nil {
		return fmt.Errorf("renew the login: %w", err)
	}
	g.Keep(ctx, q, func(result Result) {
		text, err := json.Marshal(result)
		if err == nil {
			_, _ = out.Write(text) // the process that started this may have gone
		}
		_ = out.Close() // the caller waits for the end
	})
	return nil
}
