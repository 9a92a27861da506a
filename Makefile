# `make demo` shows the main job, `make test` installs what the tests need and runs all of them.

GO ?= go
# Leaves urfave's documentation generator out of the program, with the Markdown library that it needs.
TAGS := urfave_cli_no_docs
BIN := build/claude-auth
PREFIX ?= $(HOME)/.local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man

.PHONY: build demo test check unit race newest facts phrases tools clients lockfile platforms shells two-shells
.PHONY: bench torture install man screens clean dist dist-check

build:
	$(GO) build -tags $(TAGS) -trimpath -o $(BIN) ./cmd/claude-auth

demo: build
	@$(BIN) demo

test: tools clients lockfile check unit two-shells newest

# What the tests need besides Go: the shells, tmux, strace, systemd-analyze, shellcheck and node, from the system's
# packages.
tools:
	@sh .ci/tools.sh

# The real clients, from npm, once, into the user's cache.
clients:
	@$(GO) run ./internal/test/realclient/cmd/install-clients

# proper-lockfile, the library that makes the client's locks, from npm, once, into the user's cache: the tests compare
# our locks with its.
LOCKFILE = $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/claude-auth-test/proper-lockfile
lockfile:
	@[ -d "$(LOCKFILE)/node_modules/proper-lockfile" ] || \
		npm install --silent --no-audit --no-fund --prefix "$(LOCKFILE)" proper-lockfile@4.1.2 || \
		echo "missing proper-lockfile: its tests are skipped"

check:
	@sh .ci/check.sh

# The race detector makes our programs several times slower. It looks at all packages, and at the scripts in which the
# program does several things at once. All scripts, those with the real clients, and the tests that are named here run
# without it; `make race` looks at every script.
REAL_CLIENTS := ^Test(MainJob|Client|Situations)$$/^real-
WITHOUT_RACE := ^Test(Scripts|Keychain|NoRepairLosesACredential|OneAnswer|OlderClients)$$|$(REAL_CLIENTS)
CONCURRENT := ^TestScripts$$/^(account|beside|big|conversation|frozen|killed|output|outside|panel|terminal|two|waiting)

unit: export CLAUDE_AUTH_TEST_NPM = $(LOCKFILE)/node_modules
# By default the race detector ends each process a second late.
unit: export GORACE = atexit_sleep_ms=0
unit:
	$(GO) test -race -tags $(TAGS) -timeout 40m -skip '$(WITHOUT_RACE)' ./...
	$(GO) test -race -tags $(TAGS) -timeout 40m -run '$(CONCURRENT)' ./testscripts
	$(GO) test -tags $(TAGS) -timeout 50m -run '$(WITHOUT_RACE)' ./testscripts

# The race detector over all scripts with the stand-in client (half an hour).
race: export GORACE = atexit_sleep_ms=0
race: tools
	$(GO) test -race -tags $(TAGS) -timeout 90m -run '^Test(Scripts|Keychain)$$' ./testscripts

# The hooks' tests in each version of the shells that Debian has, and in those below DIR, which were built from source
# (make shells SHELLS=DIR): docs/shells.md. It needs root, for chroot, and takes some minutes.
shells:
	@$(GO) run ./internal/test/versions/cmd/versions -table docs/shells.md $(if $(SHELLS),-built "$(SHELLS)")

# The two that differ most from what CI has: the oldest fish, and the first that was written anew.
two-shells:
	@$(GO) run ./internal/test/versions/cmd/versions fish-bullseye fish-trixie

# What a version of the client does differently from what this program knows (20 minutes for each). The default is the
# newest that npm has: make facts CLIENT="2.1.330 2.1.332"
facts: tools
	@$(GO) run ./internal/test/facts/cmd/facts $(CLIENT)

# The texts of a client about sign-in that the detection table does not know: make phrases CLIENT=2.1.332
phrases:
	@$(GO) run ./internal/test/facts/cmd/phrases $(CLIENT)

# The program for other processors, run with qemu by a main part of the scripts (half an hour). For one processor:
# sh .ci/platforms.sh riscv64
platforms: tools
	@sh .ci/platforms.sh

# Warns where npm has a newer client than this program knows, and it differs. It never fails.
newest:
	@$(GO) run ./internal/test/facts/cmd/facts -warn -only client -limit 5m

# What tries to break it: faults at each system call, things in the place of a file that are not one, hostile processes
# of the same user, the real clients renewing meanwhile, and a trace of all scripts. The scripts with the oldest client.
# Half an hour; `make test` has a part of each.
torture: tools clients
	TORTURE=full CI=true $(GO) test -count=1 -v -timeout 120m ./internal/test/torture
	TORTURE=full CI=true $(GO) test -count=1 -v -timeout 120m ./internal/test/renewals
	TORTURE=full CI=true $(GO) test -count=1 -timeout 60m -tags $(TAGS) ./testscripts \
		-run 'Test(MainJob|Situations|Fleet)'

# The program with its link for editors, and its manual page where man finds it. The directories need not be on PATH:
# `claude-auth install` sees to that. A program that runs is replaced, not overwritten.
install: build
	mkdir -p "$(BINDIR)" "$(MANDIR)/man1"
	install -m 755 $(BIN) "$(BINDIR)/claude-auth"
	ln -sf claude-auth "$(BINDIR)/claude-auth-wrapper"
	install -m 644 docs/claude-auth.1 "$(MANDIR)/man1/claude-auth.1"
	@echo "Installed $(BINDIR)/claude-auth. Add the hook to your shell: $(BINDIR)/claude-auth install"

# The manual page is made from the commands and texts of the program.
man: build
	$(BIN) help --man >docs/claude-auth.1

# docs/screens: what the program shows, recorded from real runs. `make test` fails where that has changed.
screens:
	$(GO) test -count=1 -tags $(TAGS) $(wildcard ./internal/test/screens ./internal/test/messages) -update

# What the program costs, next to its peers, which come from the system's packages (some minutes, 1 GB below /tmp).
# `make bench BENCH_BEFORE=PATH` also compares it with an older build of itself, at an absolute path.
bench: clients
	@sh bench/peers/install.sh
	@mkdir -p build
	@$(GO) run -tags $(TAGS) ./bench

# The packages of a release, in build/dist: archives, deb, rpm, apk, Arch packages, checksums, lists of modules, and the
# entries of package managers. A commit with the tag of its version gives the release, any other a `-pre`. It publishes
# nothing. The first run builds goreleaser (some minutes).
GORELEASER := github.com/goreleaser/goreleaser/v2@v2.15.1
VERSION = $(shell sed -n 's/^const nextVersion = "\(.*\)"$$/\1/p' cmd/version.go)
IS_TAGGED = $(filter v$(VERSION),$(shell git tag --points-at HEAD))
dist: export VERSION := $(VERSION)
dist: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
dist:
	$(GO) run $(GORELEASER) release --clean $(if $(IS_TAGGED),--skip=publish --skip=announce,--snapshot)
	$(GO) run ./packaging/entries build/dist
	cp install.sh build/dist/

# Two builds of this commit, in two new clones, are compared byte for byte; then the deb and the archive are installed,
# used and removed in empty roots (as root).
dist-check:
	@sh packaging/check.sh

clean:
	rm -rf build
