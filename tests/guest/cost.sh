#!/bin/bash
# What isolates costs, in instructions: the difference between two
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

# The most that an operation may cost, for a task that is not confined and for one that is.
# What has no limit here is for the reader. Four of the 22 and of the 24 are the file's blob,
# zeroed: what was opened before a task is confined is told from the rest by that. Ten or
# eleven are the kernel's call of any module, and ten ours.
declare -rA limits=(
	['elsewhere: open+close /etc/passwd']=22
	['elsewhere: open+close of 66 bytes, 6 deep']=22
	['elsewhere: stat']=10
	['elsewhere: kill(self, 0)']=14
	['elsewhere: socket+close']=24
	['confined: open+close /etc/passwd']=350
	['confined: open+close of 66 bytes, 6 deep']=950
	['confined: stat']=300
	['confined: kill(self, 0)']=60
	['confined: socket+close']=100
)
# A check must not cost more for the number of rules: that many per cent at most.
readonly spread=5
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
		limit=${limits[${state%% by *}: $operation]:-}
		[[ $limit ]] || continue
		status=0
		[[ $more -le $limit ]] || status=1
		tap_result "$status" "cost: $operation, $state: at most $limit instructions more"
	done
	few=$(($(cost 'confined by 10 rules' "$operation") - off))
	many=$(($(cost 'confined by 10000 rules' "$operation") - off))
	status=0
	[[ $((many * 100)) -le $((few * (100 + spread))) ]] || status=1
	tap_result "$status" "cost: $operation: the same with 10 and with 10,000 rules"
done
check 'cost: all states were measured' test "${#states[@]}" -eq 5 -a "${#operations[@]}" -eq 6
tap_end
