#!/bin/bash
# What isolates costs who is not confined, in instructions: the difference between two
# guests, one without isolates and one with, whose clocks count instructions.
#
#   tests/guest/cost.sh [KERNEL]     KERNEL as in `qemu/vm --kernel`
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

kernel=${1:-test}
if [[ $kernel != test ]]; then
	printf '1..0 # SKIP the cost of the %s kernel says nothing\n' "$kernel"
	exit 0
fi

# The most that opening and closing a file may cost a task that is not confined. The other
# figures are for the reader.
limit=20
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# measure LSMS FILE: the lines of guest_cost in a guest with these security modules.
measure() {
	"$tests/../qemu/vm" --icount --append "lsm=$1" --add "$work/guest_cost" \
		-- ./guest_cost >"$2" 2>"$work/err" </dev/null && return
	tap_note <"$2"
	tap_note <"$work/err"
	return 1
}

# cost STATE OPERATION: from the lines of both guests.
cost() { sed -n "s|^$1: $2: ||p" "$work/off" "$work/on"; }

gcc -std=gnu11 -static -O2 -Wall -Wextra -Werror -o "$work/guest_cost" \
	"$tests/bench/guest_cost.c" "$tests"/guest/lib/*.c
check 'cost: measure without isolates' measure landlock,yama "$work/off"
check 'cost: measure with isolates' measure landlock,yama,isolates "$work/on"

mapfile -t operations < <(sed -n 's/^off: \(.*\): [0-9]*$/\1/p' "$work/off")
mapfile -t states < <(sed -n 's/^\([^:]*\): .*: [0-9]*$/\1/p' "$work/on" | uniq)
for operation in "${operations[@]}"; do
	off=$(cost off "$operation")
	printf '# %s: %d instructions without isolates\n' "$operation" "$off"
	for state in "${states[@]}"; do
		more=$(($(cost "$state" "$operation") - off))
		printf '#   %+d %s\n' "$more" "$state"
		[[ $operation == open* && ($state == registered || $state == elsewhere) ]] || continue
		status=0
		[[ $more -le $limit ]] || status=1
		tap_result "$status" "cost: $operation, $state: at most $limit instructions more"
	done
done
check 'cost: all states were measured' test "${#states[@]}" -eq 5 -a "${#operations[@]}" -eq 6
tap_end
