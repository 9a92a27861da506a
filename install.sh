#!/bin/sh
# Installs claude-auth for you alone, from a release, without root:
#
#   sh install.sh                     the newest release, in ~/.local
#   sh install.sh --version 0.2.0     this one
#   sh install.sh --prefix DIR        in DIR/bin and DIR/share
#   sh install.sh --remove            remove exactly the files that it installed
#
# It downloads one archive over HTTPS, and installs nothing if the archive's SHA-256 differs from the one in the list of
# the release. It needs curl or wget, tar, gzip, and one of sha256sum, shasum and openssl. CLAUDE_AUTH_RELEASES is the
# address of the releases, for a mirror of your own.
set -eu

releases=${CLAUDE_AUTH_RELEASES:-https://github.com/claude-auth/claude-auth/releases}
version=''
prefix=${HOME:+$HOME/.local}
remove=''
temporary=''

main() {
	options "$@"
	[ -n "$prefix" ] || fail "HOME is not set: name a directory with --prefix"
	case $prefix in
	/*) ;;
	*) prefix=$PWD/$prefix ;;
	esac
	installed=$prefix/share/claude-auth/installed
	if [ -n "$remove" ]; then
		remove_all
		return
	fi
	temporary=$(mktemp -d "${TMPDIR:-/tmp}/claude-auth.XXXXXX") || fail "cannot make a temporary directory"
	trap 'rm -rf "$temporary"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	download
	install_all
	echo "Installed $prefix/bin/claude-auth. Add the hook to your shell: $prefix/bin/claude-auth install"
}

fail() {
	echo "install.sh: $1" >&2
	exit 1
}

options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--remove) remove=yes ;;
		--version | --prefix)
			[ $# -gt 1 ] || fail "$1 needs a value"
			if [ "$1" = --version ]; then version=${2#v}; else prefix=$2; fi
			shift
			;;
		*)
			echo "usage: install.sh [--version VERSION] [--prefix DIR] [--remove]" >&2
			exit 2
			;;
		esac
		shift
	done
}

# platform is the name of this machine in the archives' names.
platform() {
	case $(uname -s) in
	Linux) system=linux ;;
	Darwin) system=darwin ;;
	*) fail "there is no release for $(uname -s)" ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) echo "${system}_amd64" ;;
	aarch64 | arm64) echo "${system}_arm64" ;;
	*) fail "there is no release for $(uname -m): build it from the source" ;;
	esac
}

# get URL FILE
get() {
	if command -v curl >/dev/null 2>&1; then
		curl -fsSL -o "$2" -- "$1" || fail "cannot download $1"
	elif command -v wget >/dev/null 2>&1; then
		wget -q -O "$2" "$1" || fail "cannot download $1"
	else
		fail "there is neither curl nor wget"
	fi
}

sha256() {
	if command -v sha256sum >/dev/null 2>&1; then
		sha256sum <"$1" | cut -d ' ' -f 1
	elif command -v shasum >/dev/null 2>&1; then
		shasum -a 256 <"$1" | cut -d ' ' -f 1
	elif command -v openssl >/dev/null 2>&1; then
		openssl dgst -sha256 -r <"$1" | cut -d ' ' -f 1
	else
		fail "nothing here computes a SHA-256: install sha256sum, shasum or openssl"
	fi
}

# download fetches the archive for this machine, and checks it.
download() {
	from=$releases/latest/download
	[ -z "$version" ] || from=$releases/download/v$version
	name=$(platform)
	get "$from/checksums.txt" "$temporary/checksums.txt"
	line=$(grep -E "^[0-9a-f]{64}  claude-auth_[0-9A-Za-z.+~-]*_$name\.tar\.gz\$" "$temporary/checksums.txt") ||
		fail "$from/checksums.txt lists no archive for $name"
	expected=${line%%  *}
	archive=${line#*  }
	get "$from/$archive" "$temporary/archive.tar.gz"
	actual=$(sha256 "$temporary/archive.tar.gz")
	[ "$actual" = "$expected" ] ||
		fail "$archive has another checksum than its release lists: nothing was installed
  expected $expected
  actual   $actual"
}

# install_all puts each file in its place by a rename, so that a program that runs is replaced whole. It notes what it
# adds, directories too, so that --remove leaves what was there before.
install_all() {
	mkdir "$temporary/tree"
	tar -xzf "$temporary/archive.tar.gz" -C "$temporary/tree"
	cd "$temporary/tree"/claude-auth_*/ || fail "the archive has another form than this script knows"
	[ -f bin/claude-auth ] || fail "the archive has no program"
	added=$temporary/installed
	cat "$installed" >"$added" 2>/dev/null || :
	make_directory "$prefix/share/claude-auth"
	find share bin -type f | while read -r file; do
		target=$prefix/$file
		make_directory "${target%/*}"
		cp -p "$file" "$target.new"
		mv -f "$target.new" "$target"
		grep -qxF "$target" "$added" || echo "$target" >>"$added"
	done
	cp "$added" "$installed"
}

# make_directory DIR: makes it and those above it, and notes each that was not there.
make_directory() {
	[ ! -d "$1" ] || return 0
	make_directory "$(dirname "$1")"
	mkdir "$1"
	echo "$1" >>"$added"
}

remove_all() {
	[ -f "$installed" ] || fail "$installed is not there: this script has installed nothing in $prefix"
	list=$(cat "$installed")
	echo "$list" | while read -r path; do
		[ -d "$path" ] || rm -f "$path"
	done
	rm -f "$installed"
	# A directory goes after those below it, if nothing else is in it.
	echo "$list" | sort -r | while read -r path; do
		[ ! -d "$path" ] || rmdir "$path" 2>/dev/null || :
	done
	echo "Removed claude-auth from $prefix."
}

main "$@"
