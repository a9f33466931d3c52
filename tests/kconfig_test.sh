#!/bin/bash
# Tests kconfig/install on a tree made of nothing but what the patch touches.
#
# That the patch fits the real kernel is shown by building one (qemu/kernel).
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A copy of kconfig/ with a small LSM beside it, so that both can be changed.
mkdir "$work/project"
cp -R "$tests/../kconfig" "$work/project/"
lsm=$work/project/lsm
mkdir -p "$lsm/core"
echo 'config SECURITY_ISOLATES' >"$lsm/Kconfig"
echo 'obj-y := a.o core/b.o' >"$lsm/Makefile"
echo 'int a;' >"$lsm/a.c"
echo 'int b;' >"$lsm/core/b.c"
install=$work/project/kconfig/install
patches=$work/project/kconfig/patches
patch=$patches/counted.patch

# The files of patch $1 as they are before it, in the tree $2: the lines of its
# hunks where they belong, and filler everywhere else.
before_patch() {
	local file
	sed -n 's/^--- a\///p' "$1" | while read -r file; do
		mkdir -p "$2/$(dirname "$file")"
		awk -v file="a/$file" '
			/^--- /  { inside = $2 == file; next }
			/^\+\+\+ / { next }
			!inside  { next }
			/^@@ /   { split($2, at, /[-,]/); hunk = 1
			           while (line + 1 < at[2]) { print "filler " ++line }
			           next }
			hunk && /^[ -]/ { print substr($0, 2); line++ }
		' "$1" >"$2/$file"
	done
}

# kernel_tree DIR PATCH: something that looks like a kernel tree to which the patch fits.
kernel_tree() {
	mkdir -p "$1/security"
	echo 'source "security/Kconfig"' >"$1/Kconfig"
	echo 'int security;' >"$1/security/security.c"
	before_patch "$2" "$1"
}

# Every file of the tree $1 with its content; with "times", also its mtime.
state() {
	(cd "$1" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2)
	[[ ${2:-} != times ]] || (cd "$1" && find . -printf '%p %T@\n' | LC_ALL=C sort)
}

status_of() {
	local status=0
	"$@" >/dev/null 2>&1 || status=$?
	echo "$status"
}

tree=$work/tree
kernel_tree "$tree" "$patch"
pristine=$(state "$tree")

check_equal 'kconfig: --check fails before install' 1 "$(status_of "$install" "$tree" --check)"
check 'kconfig: install succeeds' "$install" "$tree"
check 'kconfig: --check passes after install' "$install" "$tree" --check
check 'kconfig: sources are copied' cmp "$lsm/core/b.c" "$tree/security/isolates/core/b.c"
check 'kconfig: Kconfig sources the module' \
	grep -qx 'source "security/isolates/Kconfig"' "$tree/security/Kconfig"
check_equal 'kconfig: every default CONFIG_LSM lists isolates' '' \
	"$(grep '^	default "landlock' "$tree/security/Kconfig" | grep -v ',isolates,' || true)"
check 'kconfig: isolates is counted' grep -q 'ISOLATES_ENABLED)' "$tree/include/linux/lsm_count.h"

times=$(state "$tree" times)
check 'kconfig: a second install succeeds' "$install" "$tree"
check_equal 'kconfig: a second install touches nothing' "$times" "$(state "$tree" times)"

echo 'int a2;' >"$lsm/a.c"
check_equal 'kconfig: --check sees a changed source' 1 "$(status_of "$install" "$tree" --check)"
before=$(stat -c %y "$tree/security/isolates/core/b.c")
check 'kconfig: an update succeeds' "$install" "$tree"
check 'kconfig: an update copies what changed' cmp "$lsm/a.c" "$tree/security/isolates/a.c"
check_equal 'kconfig: an update leaves the rest alone' "$before" \
	"$(stat -c %y "$tree/security/isolates/core/b.c")"

rm -r "$lsm/core"
check_equal 'kconfig: --check sees a removed source' 1 "$(status_of "$install" "$tree" --check)"
touch "$tree/security/isolates/a.o"
check 'kconfig: an update after a removal succeeds' "$install" "$tree"
check_equal 'kconfig: a stale source is deleted' absent \
	"$([[ -e $tree/security/isolates/core ]] && echo present || echo absent)"
check 'kconfig: a build product is kept' test -f "$tree/security/isolates/a.o"

echo 'int mine;' >"$tree/security/isolates/a.c"
check_equal 'kconfig: --check sees a change in the tree' 1 "$(status_of "$install" "$tree" --check)"
check 'kconfig: a change in the tree is overwritten' "$install" "$tree"

# A newer patch replaces the one that was applied.
cp "$patch" "$work/patch"
sed -i 's/^+#define ISOLATES_ENABLED 1,$/+#define ISOLATES_ENABLED 2,/' "$patch"
check_equal 'kconfig: --check sees a changed patch' 1 "$(status_of "$install" "$tree" --check)"
check 'kconfig: a changed patch is installed' "$install" "$tree"
check 'kconfig: the changed patch replaced the old one' \
	grep -qx '#define ISOLATES_ENABLED 2,' "$tree/include/linux/lsm_count.h"
cp "$work/patch" "$patch"

check 'kconfig: --remove succeeds' "$install" "$tree" --remove
check_equal 'kconfig: --remove restores the tree' "$pristine" "$(state "$tree")"
check 'kconfig: a second --remove succeeds' "$install" "$tree" --remove

# A kernel that does not count its modules gets the other patch.
listed=$work/listed
kernel_tree "$listed" "$patches/listed.patch"
pristine=$(state "$listed")
check 'kconfig: a tree without a count is installed into' "$install" "$listed"
check 'kconfig: --check passes there' "$install" "$listed" --check
check_equal 'kconfig: every default CONFIG_LSM lists isolates there' '5 0' \
	"$(grep -c '^	default "landlock.*,isolates,' "$listed/security/Kconfig") $(
		grep '^	default "landlock' "$listed/security/Kconfig" | grep -vc ',isolates,')"
check_equal 'kconfig: no count is made there' absent \
	"$([[ -e $listed/include/linux/lsm_count.h ]] && echo present || echo absent)"
check 'kconfig: --remove succeeds there' "$install" "$listed" --remove
check_equal 'kconfig: --remove restores that tree' "$pristine" "$(state "$listed")"

# Trees it must refuse, each with one line and without a change.
refuses() {
	local name=$1 pattern=$2 dir=$3 before output status=0
	before=$(state "$dir" times)
	output=$("$install" "$dir" 2>&1) || status=$?
	check_equal "kconfig: $name is refused" 2 "$status"
	check_match "kconfig: $name is named" "$pattern" "$output"
	check_equal "kconfig: $name takes one line" 1 "$(wc -l <<<"$output")"
	check_equal "kconfig: $name is left alone" "$before" "$(state "$dir" times)"
}
mkdir "$work/empty"
refuses 'an empty folder' 'not a Linux kernel source tree' "$work/empty"
kernel_tree "$work/modified" "$patch"
sed -i '/ipe/d' "$work/modified/security/Makefile"
refuses 'a tree that the patch does not fit' 'counted\.patch does not apply' "$work/modified"
# It has no count of modules, but is none of the kernels that had none.
kernel_tree "$work/uncounted" "$patch"
rm "$work/uncounted/include/linux/lsm_count.h"
refuses 'a tree between the patches' 'listed\.patch does not apply' "$work/uncounted"

check_equal 'kconfig: no tree is a usage error' 2 "$(status_of "$install")"
check_equal 'kconfig: an unknown option is a usage error' 2 "$(status_of "$install" "$tree" --frob)"

tap_end
