// Versions runs the tests of package hooks in other versions of the shells: `make shells` in all of them, and
// `make test` in two.
//
//	versions [-built DIR] [-table FILE] [SHELL-RELEASE …]
//
// SHELL-RELEASE is a shell of a release of Debian, such as fish-bullseye. Without any, it takes each shell of each
// release and the other shells of this machine, and with -built those below DIR too: NAME-VERSION/bin/NAME.
//
// A shell that cannot be had, because Debian's packages or chroot are out of reach, is reported, and is an error only
// with a table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/claude-auth/claude-auth/internal/test/versions"
	"github.com/claude-auth/claude-auth/shell"
)

func main() {
	built := flag.String("built", "", "the `directory` of shells that were built from source")
	table := flag.String("table", "", "the `file` to write the results to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := test(ctx, *built, *table, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func test(ctx context.Context, built, table string, asked []string) error {
	program, err := versions.Build(ctx)
	if err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Dir(program))
	for _, name := range asked {
		if of, release, _ := strings.Cut(name, "-"); shell.ByName(of) == nil || !slices.Contains(versions.Releases, release) {
			return fmt.Errorf("%q is not a shell of a release: want, for example, fish-%s", name, versions.Releases[0])
		}
	}
	list, failed := find(ctx, built, asked)
	if failed != nil && table == "" {
		fmt.Fprintf(os.Stderr, "NOT RUN: these shells cannot be had here\n%v\n", failed)
		failed = nil
	}
	results := make([]versions.Result, len(list))
	errs := make([]error, len(list))
	// The tests wait more than they compute.
	tokens := make(chan struct{}, 2)
	var all sync.WaitGroup
	for i, v := range list {
		all.Go(func() {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			began := time.Now()
			results[i], errs[i] = v.Test(ctx, program)
			errs[i] = errors.Join(errs[i], report(results[i], time.Since(began)))
		})
	}
	all.Wait()
	failed = errors.Join(append(errs, failed)...)
	results = slices.DeleteFunc(results, func(r versions.Result) bool { return r.Version.Shell == nil })
	if table == "" || len(results) == 0 || ctx.Err() != nil {
		return failed
	}
	return errors.Join(failed, os.WriteFile(table, []byte(versions.Table(results)), 0o644))
}

// find returns the versions that can be had; the error names the others.
func find(ctx context.Context, built string, asked []string) (list []versions.Version, failed error) {
	if built != "" {
		list, failed = versions.Built(ctx, built)
	}
	if len(asked) == 0 {
		installed, err := versions.Installed(ctx)
		list, failed = append(list, installed...), errors.Join(failed, err)
		for _, name := range versions.Shells {
			for _, release := range versions.Releases {
				asked = append(asked, name+"-"+release)
			}
		}
	}
	for _, name := range asked {
		of, release, _ := strings.Cut(name, "-")
		v, err := versions.Debian(ctx, shell.ByName(of), release)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		list = append(list, v)
	}
	return list, failed
}

// report prints a line for a result, and what its tests said when some have failed.
func report(r versions.Result, took time.Duration) error {
	if r.Version.Shell == nil {
		return nil
	}
	passed := 0
	var failed []string
	for _, n := range r.Passed {
		passed += n
	}
	for _, names := range r.Failed {
		failed = append(failed, names...)
	}
	line := fmt.Sprintf("%s %s, %s: %d passed, %d failed, %.0f s", r.Version.Shell.Name, r.Version.Number,
		r.Version.How, passed, len(failed), took.Seconds())
	if len(failed) == 0 {
		fmt.Println("ok      " + line)
		return nil
	}
	return fmt.Errorf("FAILED  %s\n%s", line, r.Output)
}
