# `make demo` shows the main job, `make test` installs what the tests need and runs all of them.

GO ?= go
# urfave's own documentation generator is left out of the program: it would bring a Markdown library along.
TAGS := urfave_cli_no_docs
BIN := build/claude-auth

.PHONY: build demo test check unit tools clients bench torture install clean

build:
	$(GO) build -tags $(TAGS) -trimpath -o $(BIN) ./cmd/claude-auth

demo: build
	@$(BIN) demo

test: tools clients check unit

# What the tests need besides Go: zsh, fish, tmux, strace, shellcheck and node, from the system's packages.
tools:
	@sh .ci/tools.sh

# The real clients, from npm, once, into the user's cache.
clients:
	@$(GO) run ./internal/realclient/cmd/install-clients

check:
	@sh .ci/check.sh

unit:
	$(GO) test -race -tags $(TAGS) -timeout 60m ./...

install:
	$(GO) install -tags $(TAGS) ./cmd/claude-auth

clean:
	rm -rf build
