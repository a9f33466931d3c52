# The guest tier of tests/run: builds the programs in tests/guest, boots guests for them,
# and takes their results apart again.
# shellcheck shell=bash
# shellcheck disable=SC2154 # work and kernel are those of tests/run
#
# tests/guest/AREA.c is one program, linked with all of tests/guest/lib. They run one after
# the other in a single guest, since a boot costs more than most of them; only a program that
# says in a comment of its own what it needs gets a guest with that:
#
#   /* append: KERNEL PARAMETERS */    /* rootfs: debian */    /* icount */
#
# tests/guest/AREA.sh runs on the host and boots what it wants; its argument is the kernel.

# How long one program may run in the guest, in seconds: it hangs if it takes longer.
declare -rA guest_limit=([test]=300 [debug]=1200 [6.1]=300)

# Builds the programs of the given areas that are older than their sources.
build_guest_programs() {
	local area
	local -a libraries=(tests/guest/lib/*.c)
	mkdir -p build/guest
	for area; do
		if [[ ! -x build/guest/$area || $(find "tests/guest/$area.c" tests/guest/lib \
			tests/guest/*.h tests/guest.bash -newer "build/guest/$area") ]]; then
			printf '%s\0' "$area"
		fi
	done | xargs -0r -P "$(nproc)" -I{} gcc -std=gnu11 -static -pthread -O2 \
		-Wall -Wextra -Werror -I tests/guest -o build/guest/{} tests/guest/{}.c "${libraries[@]}"
}

# needs AREA: the options of qemu/vm that the program asks for, one a line.
needs() {
	sed -n -e 's|^/\* append: \(.*\) \*/$|--append\n\1|p' -e 's|^/\* rootfs: \(.*\) \*/$|--rootfs\n\1|p' \
		-e 's|^/\* icount \*/$|--icount|p' "tests/guest/$1.c"
}

# The program that runs the given areas in the guest. A program that was killed may have
# left the kernel with policies and processes that spoil the rest: it ends this guest.
guest_script() {
	cat <<-'SCRIPT'
		#!/bin/sh
		cd /tests/bin
		limit=$1
		shift
		for area; do
		    echo "=== begin $area"
		    echo "tests: $area" >/dev/kmsg
		    timeout -s KILL "$limit" "./$area" 2>&1
		    status=$?
		    echo
		    echo "=== end $area $status"
		    [ "$status" -lt 124 ] || exit 0
		done
	SCRIPT
}

# output_of AREA: what it printed in the guest, from the guest's whole output; fails if it
# did not come to its end. Sets status.
output_of() {
	awk -v begin="=== begin $1" -v end="=== end $1 " '
		$0 == begin { inside = 1; next }
		inside && index($0, end) == 1 { ended = 1; exit }
		inside { print }
		END { exit !ended }' "$work/guest.out" >"$work/output"
}

# run_guest_programs OPTIONS AREA...: boots guests until all areas have run. OPTIONS are those
# of qemu/vm, one a line.
run_guest_programs() {
	local -a options=() left=()
	local area status vm_status boot=0
	[[ ! $1 ]] || mapfile -t options <<<"$1"
	shift
	left=("$@")
	options+=(--kernel "$kernel" --add "$work/programs:/tests/bin" --add "$work/script:/tests/run")
	[[ ! -d tests/decisions ]] || options+=(--add tests/decisions:/tests/decisions)
	[[ ! -d policies ]] || options+=(--add policies:/etc/ipolc)
	guest_script >"$work/script"
	chmod +x "$work/script"

	while [[ ${#left[@]} -gt 0 ]]; do
		rm -rf "$work/programs"
		mkdir "$work/programs"
		for area in "${left[@]}"; do cp "build/guest/$area" "$work/programs/"; done
		vm_status=0
		qemu/vm "${options[@]}" --timeout $((guest_limit[$kernel] * (${#left[@]} + 1))) \
			-- /tests/run "${guest_limit[$kernel]}" "${left[@]}" \
			>"$work/guest.out" 2>"$work/guest.err" || vm_status=$?
		while [[ ${#left[@]} -gt 0 ]]; do
			area=${left[0]}
			grep -qFx -- "=== begin $area" "$work/guest.out" || break
			left=("${left[@]:1}")
			if output_of "$area"; then
				status=$(sed -n "s/^=== end $area //p" "$work/guest.out")
				judge "guest/$area" "$status" "$work/output"
			else
				judge "guest/$area" 'unknown: the guest ended' "$work/output"
			fi
		done
		boot=$((boot + 1))
		if [[ $vm_status -ne 0 ]]; then
			broken 'guest/kernel' "qemu/vm exited with status $vm_status:"
			tail -n 70 "$work/guest.err" | sed 's/^/    # /'
			# Nothing has begun: another boot would end as this one did.
			grep -q '^=== begin ' "$work/guest.out" || break
		fi
	done
	for area in "${left[@]}"; do broken "guest/$area" 'not run'; done
}

# build_guest AREA...: what guests are made of, here because it is long the first time and shows how far it is.
build_guest() {
	local area
	qemu/kernel --kernel "$kernel" >/dev/null || { broken build/kernel 'the build failed'; return 1; }
	[[ ${IPOLC:-} ]] || qemu/ipolc >/dev/null || { broken build/ipolc 'the build failed'; return 1; }
	qemu/rootfs mini >/dev/null || { broken build/rootfs 'the build failed'; return 1; }
	[[ ! $(for area; do needs "$area"; done) =~ debian ]] ||
		qemu/rootfs debian >/dev/null || { broken build/rootfs 'the build failed'; return 1; }
}

run_guest() {
	local source area option
	local -a areas=() scripts=()
	local -A groups=()
	for source in tests/guest/*.c; do
		area=$(basename "$source" .c)
		if [[ -f $source ]] && selected "guest/$area"; then areas+=("$area"); fi
	done
	for source in tests/guest/*.sh; do
		[[ -f $source ]] || continue
		if selected "guest/$(basename "$source" .sh)"; then scripts+=("$source"); fi
	done
	[[ ${#areas[@]} -gt 0 || ${#scripts[@]} -gt 0 ]] || return 0
	build_guest "${areas[@]}" || return 0
	if [[ ${#areas[@]} -gt 0 ]]; then
		if logged 'building the guest tests' guest-build build_guest_programs "${areas[@]}"; then
			for area in "${areas[@]}"; do
				option=$(needs "$area")
				groups[$option.]+="$area "
			done
			while read -r -d '' option; do
				# shellcheck disable=SC2086 # areas have no spaces
				run_guest_programs "${option%.}" ${groups[$option]}
			done < <(printf '%s\0' "${!groups[@]}" | LC_ALL=C sort -z)
		else
			broken build/guest 'the build failed'
		fi
	fi
	for source in "${scripts[@]}"; do
		run_program "guest/$(basename "$source" .sh)" "$source" "$kernel"
	done
}
