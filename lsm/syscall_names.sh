#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Print a C table of every system call name, sorted, with the symbols of all its
# entries, from the kernel's tables: syscall_64.tbl (which holds x32 as well) and
# syscall_32.tbl.
#
# A rule names a call as the tables do, and denies each of its entries: the one of
# 64-bit tasks, of x32, of int $0x80 and of its compat form. See
# arch/x86/include/asm/syscall_wrapper.h for how the symbols are formed.
#
# What 64-bit tasks know by one name may be two calls to 32-bit ones, an old and a new
# one (chown, chown32; futex, futex_time64). The new one runs the same function as the
# 64-bit call, so it is an entry of that, too.
#
# A call whose entry the compiler knows not to return is marked: what comes behind
# the call of it is no code, so it cannot be made to return. Older tables do not say
# it, and the compiler did not know; such a call is the same call there, so it is marked too.
set -e

awk '
function entry(name, symbol) {
	if (!((name, symbol) in seen)) {
		seen[name, symbol] = 1
		ends = $6 == "noreturn" || $3 == "exit" || $3 == "exit_group"
		print name, symbol, ends ? "true" : "false"
	}
}
/^[0-9]/ && NF >= 4 {
	native = $4
	compat = (NF >= 5 && $5 != "-") ? $5 : ""
	if (FILENAME ~ /syscall_64/) {
		name_of[native] = $3
		entry($3, "__x64_" native)
	} else {
		symbol = "__ia32_" (compat != "" ? compat : native)
		entry($3, symbol)
		if (native in name_of)
			entry(name_of[native], symbol)
	}
}' "$1" "$2" | LC_ALL=C sort -k1,1 -k2,2r | awk '
function flush() {
	if (name != "")
		printf "\t{ \"%s\", { %s }, %s },\n", name, entries, noreturn
}
$1 != name { flush(); name = $1; noreturn = $3; entries = ""; count = 0 }
{
	if (++count > 4) {
		print "too many entries of " name > "/dev/stderr"
		exit 1
	}
	entries = entries (entries == "" ? "" : ", ") "\"" $2 "\""
}
END { flush() }'
