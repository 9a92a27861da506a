#!/bin/sh
# `make dist-check`: two builds of this commit, in new clones in two folders, must give the same bytes. Then the deb and
# the archive are installed, used and removed in empty roots, which needs root. It prints what each package holds.
#
# The second build has another folder, umask, time zone and GOFLAGS. Between the builds a second passes at least, so
# that no time of day can be in a package. The clones fetch nothing but Go modules.
set -eu
cd "$(dirname "$0")/.."
[ -z "$(git status --porcelain)" ] || echo "note: changes that are not committed are not in the packages" >&2

commit=$(git rev-parse HEAD) # another commit may come meanwhile
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# build DIR UMASK [NAME=VALUE…]: makes the packages in a new clone.
build() {
	dir=$1 mask=$2
	shift 2
	mkdir -p "$(dirname "$dir")"
	git clone -q . "$dir"
	git -C "$dir" checkout -q --detach "$commit"
	(umask "$mask" && cd "$dir" && env "$@" make dist) >"$work/log" 2>&1 || {
		cat "$work/log"
		exit 1
	}
}

# sums DIR: the checksum of each file of a build, without what goreleaser notes about itself.
sums() {
	(cd "$1/build/dist" && find . -type f ! -name config.yaml ! -name artifacts.json ! -name metadata.json |
		sort | xargs sha256sum)
}

build "$work/first" 022
build "$work/another folder/second" 077 TZ=Asia/Tokyo GOFLAGS=-mod=mod
sums "$work/first" >"$work/sums"
sums "$work/another folder/second" >"$work/sums2"
if ! diff "$work/sums" "$work/sums2"; then
	echo "FAILED  the two builds differ"
	exit 1
fi
echo "ok      two builds are the same: $(wc -l <"$work/sums") files"

dist=$work/first/build/dist
cat "$dist/checksums.txt"
# show PATTERN COMMAND…: what each package of a kind holds.
show() {
	pattern=$1
	shift
	if ! command -v "$1" >/dev/null 2>&1; then
		echo "NOT SHOWN $pattern: there is no $1 here"
		return
	fi
	for package in "$dist"/$pattern; do
		echo "${package##*/}:"
		"$@" "$package"
	done
}

show '*.tar.gz' tar -tvzf
show '*.deb' dpkg-deb --contents
show '*.rpm' rpm -qlvp --nosignature
show '*.apk' tar -tvzf 2>/dev/null # it warns of what apk has before the files
show '*.pkg.tar.zst' tar --zstd -tvf
CLAUDE_AUTH_DIST=$dist go test -count=1 -tags urfave_cli_no_docs ./packaging/...
