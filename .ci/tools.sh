#!/bin/sh
# Installs what the tests need besides Go, where it may: each shell that has a hook, tmux, strace, shellcheck, jq, node,
# npm, systemd-analyze, promtool, qemu for programs of other processors, and what install.sh is tested with: dash,
# busybox, curl and wget.
#
#   sh .ci/tools.sh          install what is missing; one line for each tool: ok, installed, or missing
#   sh .ci/tools.sh --check  only look
#
# It uses the system's packages, as root or with a sudo that asks for no password (apt-get, dnf, pacman, apk), or
# Homebrew; nushell comes from npm where the system has no package of it. A tool that stays missing is named with the
# reason; the tests that need it are then skipped, and say so. With CI set it is a failure.
set -u

nushell=0.115.1 # the version that npm is asked for
shells=$(cd "$(dirname "$0")/../hooks" && for hook in claude-auth.*; do echo "${hook##*.}"; done)
tools="$shells tmux strace systemd-analyze qemu-aarch64-static shellcheck jq node npm promtool busybox curl dash wget"
if [ "$(uname -s)" != Linux ]; then # these are for Linux only
	tools=$(echo "$tools" | sed 's/strace systemd-analyze qemu-aarch64-static //; s/ busybox//')
fi

missing() {
	for tool in $tools; do
		command -v "$tool" >/dev/null 2>&1 || echo "$tool"
	done
}

# as_root COMMAND…: runs it as root, if that can be done without a question.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo -n -- "$@"
	fi
}

may_be_root() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }; }

# package_for MANAGER TOOL
package_for() {
	case $1:$2 in
	brew:npm | apk:node | dnf:node | apt-get:node | pacman:node) echo nodejs ;;
	brew:node) echo node ;;
	brew:nu | pacman:nu | apk:nu) echo nushell ;;
	*:nu) ;; # install_nushell
	dnf:shellcheck) echo ShellCheck ;;
	apt-get:busybox) echo busybox-static ;;
	*:systemd-analyze) echo systemd ;;
	*:qemu-aarch64-static) echo qemu-user-static ;;
	dnf:promtool) echo golang-github-prometheus ;;
	*:promtool) echo prometheus ;;
	*) echo "$2" ;;
	esac
}

packages() { for tool in $(missing); do package_for "$1" "$tool"; done | sort -u; }

# stop_service UNIT: the tests need a program of the package, and not the service that Debian starts with it.
stop_service() {
	[ ! -d /run/systemd/system ] || as_root systemctl disable --now "$1" >>"$log" 2>&1
}

# install_each MANAGER COMMAND…: installs the packages of what is missing, one at a time: one that fails must not keep
# the others from being installed.
install_each() {
	manager=$1
	shift
	for package in $(packages "$manager"); do
		if "$@" "$package" >"$log" 2>&1; then
			[ "$package" != prometheus ] || stop_service prometheus
			continue
		fi
		echo "$manager could not install $package:"
		tail -n 3 "$log" | sed 's/^/    /'
	done
}

# install_nushell takes nushell from npm. It is copied, because not every user may read the home of this one.
install_nushell() {
	dir=$HOME/.cache/claude-auth-test/nushell-$nushell
	if ! npm install --prefix "$dir" --no-fund --no-audit "nushell@$nushell" >"$log" 2>&1 ||
		! as_root install -m 755 "$dir"/node_modules/@nushell/*/bin/nu /usr/local/bin/nu >>"$log" 2>&1; then
		echo "npm could not install nushell:"
		tail -n 3 "$log" | sed 's/^/    /'
	fi
}

install_missing() {
	if command -v brew >/dev/null 2>&1 && [ "$(uname -s)" = Darwin ]; then
		install_each brew brew install --quiet
		return
	fi
	for manager in apt-get dnf pacman apk; do
		command -v "$manager" >/dev/null 2>&1 || continue
		if ! may_be_root; then
			reason="not root, and no sudo without a password"
			return
		fi
		case $manager in
		apt-get)
			as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >"$log" 2>&1
			install_each apt-get as_root env DEBIAN_FRONTEND=noninteractive \
				apt-get install -q -y --no-install-recommends
			;;
		dnf) install_each dnf as_root dnf install -q -y ;;
		pacman) install_each pacman as_root pacman -S --noconfirm --needed ;;
		apk) install_each apk as_root apk add -q ;;
		esac
		return
	done
	reason="no package manager that this script knows"
}

before=$(missing)
reason="not to be had from the system's packages"
if [ "${1:-}" = --check ]; then
	reason="not installed"
elif [ -n "$before" ]; then
	log=$(mktemp) || exit 1
	trap 'rm -f "$log"' EXIT
	install_missing
	if missing | grep -qx nu && command -v npm >/dev/null 2>&1 && may_be_root; then
		install_nushell
	fi
fi
after=$(missing)

for tool in $tools; do
	if echo "$after" | grep -qx "$tool"; then
		echo "missing   $tool ($reason): tests that need it are skipped"
	elif echo "$before" | grep -qx "$tool"; then
		echo "installed $tool"
	else
		echo "ok        $tool"
	fi
done
[ -z "$after" ] || [ -z "${CI:-}" ]
