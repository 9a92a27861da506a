#!/bin/sh
# contain [-image DIR] [-user UID] [-v FROM:TO[:ro]]… PROGRAM ARGS…
#
# Runs a program in a container, as `docker run --rm` does: with namespaces of its own and an overlay for its files. Its
# image is this machine as it is, with what is in DIR over it. What it writes is gone afterwards, unless it is mounted.
# Its home is /home/inside, which is empty. It shares the network and the files of the tests' server, which is outside.
set -e
if [ "$1" != inside ]; then
	exec unshare -m -u -i -p -f "$0" inside "$@"
fi
shift
home=/home/inside image='' user=0
while :; do
	case $1 in
	-image) image=$2 ;;
	-user) user=$2 ;;
	*) break ;;
	esac
	shift 2
done
box=$WORK/.box
root=$box/root
mkdir -p "$box"
mount -t tmpfs none "$box"
lower=/
if [ -n "$image" ]; then # an overlay takes no directory that is below another one of it
	cp -a "$image" "$box/image"
	lower=$box/image:/
	sleep 0.02 # the kernel's clock for files has steps of some milliseconds
fi
mkdir "$box/up" "$box/work" "$root"
chmod 755 "$box" "$box/up" "$root"
mount -t overlay none -o "lowerdir=$lower,upperdir=$box/up,workdir=$box/work" "$root"
mount -t proc none "$root/proc"
mount --rbind /dev "$root/dev"
touch "$root/.dockerenv"
mkdir -p "$root$home"
chown "$user" "$root$home"
touch "$WORK/.argv"
for own in .service .argv; do
	mount --bind "$WORK/$own" "$root$WORK/$own"
done
while [ "$1" = -v ]; do
	from=${2%%:*} to=${2#*:}
	mode=${to#*:} to=${to%%:*}
	mkdir -p "$root${to%/*}"
	if [ -d "$from" ]; then mkdir -p "$root$to"; else touch "$root$to"; fi
	mount --bind "$from" "$root$to"
	[ "$mode" != ro ] || mount -o remount,bind,ro "$root$to"
	shift 2
done
unset XDG_STATE_HOME XDG_CONFIG_HOME XDG_CACHE_HOME
HARNESS_ROOT='' HOME=$home
export HARNESS_ROOT HOME
if [ "$user" != 0 ]; then
	set -- setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
fi
# shellcheck disable=SC2016 # the shell in the container expands these
exec chroot "$root" sh -c 'cd "$HOME" && exec "$@"' sh "$@"
