#!/bin/sh
# Static checks. Prints what it finds and ends with 1 when anything was found.
# shellcheck disable=SC2046 # the lists of files are to be split, and no file of this tree has a space in its name
set -u
cd "$(dirname "$0")/.." || exit 1

tags=urfave_cli_no_docs
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
govulncheck=golang.org/x/vuln/cmd/govulncheck@v1.9.0
failed=0

# check NAME COMMAND…: what the command prints, or its status, is a finding. What go prints about its downloads is not:
# a clean machine downloads everything.
check() {
	name=$1
	shift
	out=$("$@" 2>&1)
	status=$?
	out=$(printf '%s\n' "$out" | grep -v '^go: downloading ')
	if [ $status = 0 ] && [ -z "$out" ]; then
		echo "ok      $name"
	else
		echo "FAILED  $name"
		printf '%s\n' "$out" | sed 's/^/        /'
		failed=1
	fi
}

# need TOOL: false, with a line, where a tool is missing; with CI set that is a failure.
need() {
	command -v "$1" >/dev/null 2>&1 && return 0
	echo "missing $1: its checks are skipped"
	[ -z "${CI:-}" ] || failed=1
	return 1
}

# files PATTERN…: the files of this tree that match. What lies in a testdata directory is data.
files() { git ls-files -co --exclude-standard -- "$@" ':!:**/testdata/**'; }

go_files() { files '*.go'; }

# long_lines prints the lines of more than 120 characters. It needs a UTF-8 locale, or it counts bytes.
# shellcheck disable=SC2317 # check calls it
long_lines() {
	! LC_ALL=C.UTF-8 grep -nE '^.{121,}' $(files '*.go' 'hooks/c*' '*.sh' '*.txtar' .ci/run Makefile)
}

check 'lines' long_lines
check 'gofmt' gofmt -l $(go_files)
check 'go vet' go vet -tags $tags ./...
check 'go vet (darwin)' env GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go vet -tags $tags ./...
check 'go vet (darwin, amd64)' env GOOS=darwin GOARCH=amd64 CGO_ENABLED=0 go vet -tags $tags ./...
# Tests are not built here: some of them make what only Linux and macOS have.
check 'go vet (freebsd)' env GOOS=freebsd GOARCH=amd64 CGO_ENABLED=0 go vet -tags $tags ./cmd/claude-auth
check 'go vet (windows)' env GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go vet ./cmd/claude-auth
check 'go mod tidy' go mod tidy -diff
check 'staticcheck' go run $staticcheck -tags $tags ./...
# govulncheck asks https://vuln.go.dev, which no module proxy replaces (golang.org/x/vulndb: 403). Where it cannot be
# reached, this says so.
if out=$(go run $govulncheck -tags $tags ./cmd/... 2>&1); then
	echo "ok      govulncheck"
elif printf '%s\n' "$out" | grep -q 'fetching vulnerabilities'; then
	echo "NOT RUN govulncheck: its database, https://vuln.go.dev, cannot be reached from here"
else
	echo "FAILED  govulncheck"
	printf '%s\n' "$out" | sed 's/^/        /'
	failed=1
fi
# TestRender of package hooks has each shell check the syntax of its hook and completion.
if need shellcheck; then
	check 'shellcheck (bash)' shellcheck -s bash $(files 'hooks/*.bash')
	check 'shellcheck (sh)' shellcheck -s sh $(files '*.sh' .ci/run)
fi
exit $failed
