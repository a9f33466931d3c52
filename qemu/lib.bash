# What the programs in qemu/ and tests/run share: messages, packages, the cache.
# shellcheck shell=bash
#
# Sets `top`, the checkout; `cache`; and `program`, the name of who sourced it, as
# in qemu/vm, with which messages begin. All messages go to stderr.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(cd "$(dirname "${BASH_SOURCE[1]}")" && basename "$PWD")/${BASH_SOURCE[1]##*/}
cache=${ISOLATES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/isolates}
# Relative paths would mean another folder after a cd.
[[ $cache == /* ]] || cache=$PWD/$cache
readonly top program cache
# One compiler cache for all, in which a fresh clone finds what another one compiled:
# paths below the checkout are made relative, and it does not matter where it is.
export CCACHE_DIR=$cache/ccache CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=2G
# mke2fs is not on the path of who is not root.
PATH=$PATH:/usr/sbin:/sbin

note() { printf '%s: %s\n' "$program" "$*" >&2; }

# die [-STATUS] MESSAGE: exits, with status 1 unless told otherwise.
die() {
	local status=1
	if [[ $1 =~ ^-[0-9]+$ ]]; then status=${1#-}; shift; fi
	note "$*"
	exit "$status"
}

# Debian packages: what compiles ipolc, its tests and the guest's programs; what builds
# the kernel and the root file systems; what runs guests.
# shellcheck disable=SC2034 # for those who source this
readonly build_packages=(bison ccache cmake flex g++ libcli11-dev libdeflate-dev libfmt-dev
	libtomlplusplus-dev ninja-build nlohmann-json3-dev) \
	test_packages=(catch2 patch) \
	make_kernel_packages=(bc bison ccache flex gcc libc6-dev libelf-dev lz4 make patch xz-utils) \
	mini_packages=(busybox-static cpio gcc libc6-dev) \
	debian_packages=(e2fsprogs mmdebstrap uidmap) \
	vm_packages=(cpio qemu-system-x86)

# The kernels a guest may have, by the name that `--kernel` takes: the series of the source,
# and the flavour, see kconfig/configure. The series are the newest and the oldest that
# lsm/ is built for.
# shellcheck disable=SC2034
declare -rA kernels=([test]='6.12 test' [debug]='6.12 debug' [6.1]='6.1 test')

# is_kernel NAME: is there such a kernel?
is_kernel() { [[ $1 && ${kernels[$1]-} ]]; }

# kernel_packages NAME: prints what builds that kernel, one a line.
kernel_packages() {
	printf '%s\n' "${make_kernel_packages[@]}"
	[[ ${KERNEL_SRC:-} ]] || printf 'linux-source-%s\n' "${kernels[$1]% *}"
}

# need_packages PACKAGE...: Debian packages. Installs what is missing if it may;
# if not, prints the command that would and exits with status 3.
need_packages() {
	local missing
	missing=$(LC_ALL=C comm -13 \
		<(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
			sed -n 's/^installed //p' | LC_ALL=C sort -u) \
		<(printf '%s\n' "$@" | LC_ALL=C sort -u))
	[[ $missing ]] || return 0
	local -a install=(apt-get install -y --no-install-recommends)
	mapfile -t -O ${#install[@]} install <<<"$missing"
	if [[ $(id -u) -ne 0 ]]; then
		note 'packages are missing; as root, run:'
		printf '%s\n' "apt-get update && ${install[*]}" >&2
		exit 3
	fi
	note "installing ${missing//$'\n'/ }"
	export DEBIAN_FRONTEND=noninteractive
	# A broken list of some other supplier must not stop us: install decides.
	logged 'reading package lists' apt-update apt-get update || true
	logged 'installing packages' apt-install "${install[@]}" || exit 3
}

# show_progress TITLE LOG START: says now and then how long it has been and how far it
# is, until it is killed. No sleep(1): that would outlive it, with our lock and stderr.
show_progress() {
	local never interval=30
	[[ ! -t 2 ]] || interval=1
	[[ ! ${lock_fd:-} ]] || exec {lock_fd}>&-
	exec {never}<> <(:)
	# An interrupt that ends us is ignored here, as in every background job.
	while ! read -r -t "$interval" -u "$never" && kill -0 $$ 2>/dev/null; do
		if [[ -t 2 ]]; then
			printf '\r%s: %s ... %d s, %d lines of log' \
				"$program" "$1" $((SECONDS - $3)) "$(wc -l <"$2")" >&2
		else
			note "$1 ... $((SECONDS - $3)) s, $(wc -l <"$2") lines of log"
		fi
	done
}

# logged TITLE LOG COMMAND...: runs COMMAND with its output in the cache as
# LOG.log, showing how long it takes; if it fails, shows the end of the log and
# returns its status.
logged() {
	local title=$1 log=$cache/log/$2.log start=$SECONDS status=0 ticker
	shift 2
	mkdir -p "$cache/log"
	show_progress "$title" "$log" "$start" &
	ticker=$!
	"$@" >"$log" 2>&1 </dev/null || status=$?
	kill "$ticker" 2>/dev/null || true
	wait "$ticker" 2>/dev/null || true
	[[ ! -t 2 ]] || printf '\r\033[K' >&2
	if [[ $status -eq 0 ]]; then
		note "$title: done in $((SECONDS - start)) s"
	else
		note "$title: failed with status $status; the end of $log:"
		{ grep -nE '(error|Error|undefined reference|\*\*\*)' "$log" | head -n 20 || true
		  printf '...\n'; tail -n 20 "$log"; } | sed 's/^/    /' >&2
	fi
	return "$status"
}

# hash_strings STRING...: a short name for them.
hash_strings() { printf '%s\0' "$@" | sha256sum | cut -c1-16; }

# hash_files PATH...: a short name for the names and contents of the files below
# the given paths, which are relative to the current folder.
hash_files() {
	find "$@" -type f ! -name '*~' -print0 | LC_ALL=C sort -z |
		xargs -0r sha256sum | sha256sum | cut -c1-16
}

# take_lock NAME[.WHICH]: one at a time among all users of the cache, until release_lock,
# or until this process and all that it started have ended.
take_lock() {
	local lock=$cache/lock/$1
	mkdir -p "${lock%/*}"
	exec {lock_fd}>"$lock"
	flock -n "$lock_fd" && return
	note "waiting for another ${1%%.*} build"
	flock "$lock_fd"
}

release_lock() { exec {lock_fd}>&-; }

# keep_newest COUNT PATH...: removes all but the newest of the given folders.
keep_newest() {
	local count=$1
	shift
	# shellcheck disable=SC2012 # names are made here: hashes
	ls -1dt -- "$@" 2>/dev/null | tail -n "+$((count + 1))" | xargs -r rm -rf --
}
