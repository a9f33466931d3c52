#!/bin/bash
# isolates beside each of the modules of which a kernel runs one at a time: what it
# decides is the same, and the kernel has nothing to report.
#
#   tests/guest/majors.sh [KERNEL]     KERNEL as in `qemu/vm --kernel`
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

kernel=${1:-test}
# A debug kernel beside whatever else a machine does takes its time.
timeout=600
[[ $kernel != debug ]] || timeout=3600
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Without network: SELinux and Smack refuse some of the odd addresses that it tries.
areas=(decisions files names signals)
adds=(--add "$tests/decisions:/tests/decisions")
for area in "${areas[@]}"; do
	gcc -std=gnu11 -static -pthread -O2 -Wall -Wextra -Werror -o "$work/$area" \
		"$tests/guest/$area.c" "$tests"/guest/lib/*.c
	adds+=(--add "$work/$area")
done

for major in apparmor selinux smack tomoyo; do
	modules=landlock,yama,$major,isolates
	status=0
	# shellcheck disable=SC2016 # the guest's shell is to expand these
	"$tests/../qemu/vm" --kernel "$kernel" --timeout "$timeout" --append "lsm=$modules" \
		"${adds[@]}" -- \
		sh -c 'cat /sys/kernel/security/lsm; echo; for area; do "./$area" || exit; done' \
		sh "${areas[@]}" >"$work/out" 2>"$work/err" </dev/null || status=$?
	check_equal "majors: $major: the modules that are on" "capability,$modules" \
		"$(head -n 1 "$work/out")"
	check_equal "majors: $major: each area comes to its end" "${#areas[@]}" \
		"$(grep -c '^1\.\.[1-9]' "$work/out")"
	check_equal "majors: $major: what isolates decides is the same" '' \
		"$(grep -A 2 -E '^(not ok|Bail out)' "$work/out" || true)"
	check_equal "majors: $major: the kernel has nothing to report" 0 "$status"
	[[ $status -eq 0 ]] || tap_note <"$work/err"
done
tap_end
