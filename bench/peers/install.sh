#!/bin/sh
# Installs what bench measures against, and what it measures with, from the system's packages, as root or with a sudo
# that asks for no password. What stays missing is named here, and its figures are "not measured".
set -u

missing() {
	for tool in gcc bash zsh strace script zoxide direnv; do
		command -v "$tool" >/dev/null 2>&1 || echo "$tool"
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi
}

wanted=$(missing)
[ -n "$wanted" ] || exit 0
for manager in apt-get dnf pacman apk brew; do
	command -v $manager >/dev/null 2>&1 || continue
	[ $manager != apt-get ] || as_root apt-get update -qq >&2
	for tool in $wanted; do # one by one: a package that this system lacks is not to keep the others away
		case $manager:$tool in
		apt-get:script) package=bsdutils ;;
		*:script) package=util-linux ;;
		*) package=$tool ;;
		esac
		case $manager in
		apt-get) as_root apt-get install -y -qq "$package" ;;
		dnf) as_root dnf install -y -q "$package" ;;
		pacman) as_root pacman -S --noconfirm --needed "$package" ;;
		apk) as_root apk add -q "$package" ;;
		brew) brew install -q "$package" ;;
		esac >&2 </dev/null
	done
	break
done
for tool in $(missing); do
	echo "missing $tool: what is compared with it is not measured" >&2
done
exit 0
