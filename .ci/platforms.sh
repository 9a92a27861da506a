#!/bin/sh
# Builds the program for other processors and runs a main part of the scripts with it, under qemu.
#
#   sh .ci/platforms.sh              arm64 and riscv64
#   sh .ci/platforms.sh 386          this one. Under qemu 7.2 the Go runtime crashes on 386
#
# It needs Linux, qemu-user-static (.ci/tools.sh installs it) and root, or a sudo that asks for no password: the kernel
# has to be told to run such programs with qemu, because claude-auth starts itself again. What this registers, it
# removes at the end. The stand-in client and the browser stay programs of this machine.
#
# Without one of these it says what is missing, and ends with 0; with CI set it fails.
set -eu
cd "$(dirname "$0")/.."

tags=urfave_cli_no_docs
binfmt=/proc/sys/fs/binfmt_misc
# Names of scripts, which run with the stand-in client. Those that measure how long something takes are left out.
scripts='backups|beside-renewal|big-input|cancelled|config|demo|doctor|edit-refused|future-locks|get|history|install
interrupted-renewal|json-forms|killed-keeper|known-rejection|output-lost|prompt|prompt-live|recover-interrupted|renew
schedule|set|show|status|status-formats|two-steps-jobs|unset|waiting-jobs|why|wipe-undo|main-job|panel|pipeline|plugin
session|sign-in-killed|sign-in-stopped|ten-at-once|two-steps'
scripts="^($(echo "$scripts" | tr '\n' '|' | sed 's/|$//'))\$"

missing() {
	echo "missing $1: other processors are not tried"
	[ -z "${CI:-}" ]
	exit
}

# as_root COMMAND…: runs it as root, if that can be done without a question.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo -n -- "$@"
	fi
}

# qemu_of GOARCH, magic_of GOARCH: the emulator, and the bytes 18 and 19 of a program for it, its class first.
qemu_of() {
	case $1 in
	arm64) echo aarch64 ;;
	386) echo i386 ;;
	*) echo "$1" ;;
	esac
}
magic_of() {
	case $1 in
	arm64) echo '02 b7' ;;
	386) echo '01 03' ;;
	arm) echo '01 28' ;;
	riscv64) echo '02 f3' ;;
	*) return 1 ;;
	esac
}

# register GOARCH: the flags P and F keep a program's own name, and hold the emulator open for other roots.
register() {
	entry=$binfmt/claude-auth-test-$1
	[ ! -e "$entry" ] || return 0
	# shellcheck disable=SC2046 # two words
	set -- "$1" $(magic_of "$1")
	head="\\x7fELF\\x$2\\x01\\x01\\x00"
	printf '%s' ":claude-auth-test-$1:M::$head\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x$3\\x00:\
\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:\
$(command -v "qemu-$(qemu_of "$1")-static"):PF" | as_root tee $binfmt/register >/dev/null || return 1
	registered="$registered $entry"
}

registered=
mounted=
work=
# shellcheck disable=SC2317 # the trap calls it
clean() {
	for entry in $registered; do echo -1 | as_root tee "$entry" >/dev/null; done
	[ -z "$mounted" ] || as_root umount $binfmt
	[ -z "$work" ] || rm -rf "$work"
}

[ $# -gt 0 ] || set -- arm64 riscv64

[ "$(uname -s)" = Linux ] || missing Linux
for arch; do
	magic_of "$arch" >/dev/null || missing "a line for $arch in this script"
	command -v "qemu-$(qemu_of "$arch")-static" >/dev/null || missing "qemu-$(qemu_of "$arch")-static"
done
as_root true 2>/dev/null || missing root
trap clean EXIT
trap 'exit 130' INT TERM
if [ ! -e $binfmt/register ]; then
	as_root mount -t binfmt_misc binfmt_misc $binfmt 2>/dev/null || missing $binfmt
	mounted=yes
fi
work=$(mktemp -d)
go test -c -tags $tags -o "$work/scripts" ./testscripts
for arch; do
	register "$arch" || missing "$binfmt for $arch"
	CGO_ENABLED=0 GOARCH=$arch go build -tags $tags -trimpath -o "$work/claude-auth-$arch" ./cmd/claude-auth
	"$work/claude-auth-$arch" version
	(cd testscripts && CLAUDE_AUTH_TEST_PROGRAM=$work/claude-auth-$arch "$work/scripts" -test.timeout 30m \
		-test.run "^TestScripts\$/$scripts|^TestMainJob\$/^standin-/$scripts")
done
