#!/bin/sh
# Installs claude-auth for you alone, from a release, without root:
#
#   sh install.sh                     the newest release, in ~/.local
#   sh install.sh --version 0.2.0     this one
#   sh install.sh --prefix DIR        in DIR/bin and DIR/share
#   sh install.sh --remove            remove exactly the files that it installed
#
# It downloads one archive over HTTPS, and unpacks it only if its SHA-256 is the one in the list of the release. That
# finds a download that was cut or changed on its way. If you do not trust the release, build it yourself: the bytes are
# the same (CONTRIBUTING.md, "Release"). The script runs nothing from the archive, asks for no rights, writes only below
# the prefix and into a temporary directory, and edits no startup file.
#
# It needs curl or wget, tar, gzip, and one of sha256sum, shasum and openssl. curl and wget use a proxy that https_proxy
# names. CLAUDE_AUTH_RELEASES is the address of the releases, for a mirror of your own.
set -eu

releases=${CLAUDE_AUTH_RELEASES:-https://github.com/claude-auth/claude-auth/releases}
source=https://github.com/claude-auth/claude-auth
version=''
prefix=''
remove=''
temporary=''
network='is there such a release? Behind a proxy, set https_proxy'
usage='usage: install.sh [--version VERSION] [--prefix DIR] [--remove]'

main() {
	options "$@"
	[ -n "$prefix" ] || default_prefix
	case $prefix in
	/*) ;;
	*) prefix=$PWD/$prefix ;;
	esac
	prefix=${prefix%/}
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
	echo "Installed claude-auth $number in $prefix. Add the hook to your shell: $prefix/bin/claude-auth install"
	note_path
}

# fail MESSAGE [HINT]
fail() {
	echo "install.sh: $1" >&2
	[ -z "${2:-}" ] || echo "hint: $2" >&2
	exit 1
}

options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--remove) remove=yes ;;
		--version | --prefix)
			[ $# -gt 1 ] || fail "$1 needs a value"
			[ -n "$2" ] || fail "$1 needs a value"
			if [ "$1" = --version ]; then version=${2#v}; else prefix=$2; fi
			shift
			;;
		--help | -h)
			echo "$usage"
			exit 0
			;;
		*)
			echo "$usage" >&2
			exit 2
			;;
		esac
		shift
	done
}

# default_prefix: what this script has installed lies around its own copy; else ~/.local.
default_prefix() {
	here=$(cd "$(dirname "$0")" 2>/dev/null && pwd -P) || here=''
	case $remove:$here in
	yes:*/share/claude-auth) prefix=${here%/share/claude-auth} ;;
	*) prefix=${HOME:+$HOME/.local} ;;
	esac
	[ -n "$prefix" ] || fail "HOME is not set" "name a directory: --prefix DIR"
}

# platform is the name of this machine in the archives' names.
platform() {
	case $(uname -s) in
	Linux) system=linux ;;
	Darwin) system=darwin ;;
	*) fail "there is no release for $(uname -s)" "build it from the source: $source" ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) echo "${system}_amd64" ;;
	aarch64 | arm64) echo "${system}_arm64" ;;
	*) fail "there is no release for $(uname -m)" "build it from the source: $source" ;;
	esac
}

# get URL FILE
get() {
	# With curl no redirect may lead away from HTTPS; wget cannot be told.
	case $1 in
	https://*) only='=https' ;;
	*) only='=http,https' ;;
	esac
	if command -v curl >/dev/null 2>&1; then
		curl -fsSL --proto "$only" -o "$2" "$1" || fail "cannot download $1" "$network"
	elif command -v wget >/dev/null 2>&1; then
		wget -q -O "$2" "$1" || fail "cannot download $1" "$network"
	else
		fail "there is neither curl nor wget" "install one of them"
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
		fail "nothing here computes a SHA-256" "install sha256sum, shasum or openssl"
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
	number=${archive#claude-auth_}
	number=${number%%_*}
	get "$from/$archive" "$temporary/archive.tar.gz"
	actual=$(sha256 "$temporary/archive.tar.gz")
	[ "$actual" = "$expected" ] ||
		fail "$archive has the SHA-256 $actual, and its release lists $expected: nothing was installed" \
			"run it again; if that does not help, do not use this release, and report it"
}

# install_all puts the files into their places, the program last. $installed lists what was added, directories too, so
# that --remove leaves what was there before, and works when this ends halfway.
install_all() {
	mkdir "$temporary/tree"
	tar -xzf "$temporary/archive.tar.gz" -C "$temporary/tree" || fail "cannot unpack $archive"
	cd "$temporary/tree"/claude-auth_*/ || fail "$archive has another form than this script knows"
	[ -f bin/claude-auth ] || fail "$archive has no program"
	added=$temporary/added
	: >"$added"
	make_directory "$prefix/share/claude-auth"
	cat "$added" >>"$installed" || fail "cannot write $installed"
	added=$installed
	put install.sh share/claude-auth/install.sh
	find share bin ! -type d | while read -r file; do put "$file" "$file"; done
}

# put FILE PLACE: copies a file below the prefix. It replaces another by a rename, because that may be a program that
# runs.
put() {
	target=$prefix/$2
	[ ! -d "$target" ] || fail "$target is a directory" "move it away, or choose another one: --prefix DIR"
	make_directory "${target%/*}"
	note "$target"
	rm -f "$target.new" # of a run that was ended
	if ! cp -pP "$1" "$target.new" || ! mv -f "$target.new" "$target"; then
		fail "cannot write $target" "run it again when it can be, or remove what was installed: --remove"
	fi
}

# make_directory DIR: makes it and those above it, and notes each that was not there.
make_directory() {
	[ ! -d "$1" ] || return 0
	make_directory "$(dirname "$1")"
	mkdir "$1" || fail "cannot make $1" "choose a directory of your own: --prefix DIR"
	note "$1"
}

# note PATH: adds it to the list, once; below the prefix without that, which may have another name when it is removed.
note() {
	grep -qxF "${1#"$prefix"/}" "$added" || printf '%s\n' "${1#"$prefix"/}" >>"$added"
}

# note_path says what keeps `claude-auth` from being the program that was installed.
note_path() {
	other=$(command -v claude-auth) || other=''
	if [ -n "$other" ] && [ "$other" != "$prefix/bin/claude-auth" ]; then
		echo "note: claude-auth still runs $other, which comes first on your PATH"
		return
	fi
	case :$PATH: in
	*":$prefix/bin:"*) ;;
	*) echo "note: $prefix/bin is not on your PATH; the hook puts it there, in new terminals" ;;
	esac
}

remove_all() {
	[ -f "$installed" ] || fail "$installed is not there: this script has installed nothing in $prefix"
	list=$(cat "$installed")
	printf '%s\n' "$list" | while read -r name; do
		case /$name/ in
		//* | */../*) ;; # not below the prefix: a directory above it, or nothing of this script's
		*) [ -d "$prefix/$name" ] || rm -f "$prefix/$name" "$prefix/$name.new" ;;
		esac
	done
	rm -f "$installed"
	# A directory goes after those below it, if nothing else is in it: first those below the prefix, then those above.
	printf '%s\n' "$list" | LC_ALL=C sort -r | while read -r name; do
		case $name in
		/*) ;;
		*) name=$prefix/$name ;;
		esac
		[ ! -d "$name" ] || rmdir "$name" 2>/dev/null || :
	done
	echo "Removed claude-auth from $prefix. The line of 'claude-auth install' in a startup file does nothing now."
}

# In braces, so that a shell that gets only a part of this script runs nothing of it.
{ main "$@"; }
