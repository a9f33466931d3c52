# TAP for tests written in shell: source this, call check_* and, last, tap_end.
# shellcheck shell=bash

tap_count=0
tap_failed=0

# tap_result STATUS NAME: one result line; STATUS 0 is a pass.
tap_result() {
	tap_count=$((tap_count + 1))
	if [[ $1 -eq 0 ]]; then
		printf 'ok %d - %s\n' "$tap_count" "$2"
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d - %s\n' "$tap_count" "$2"
	fi
}

# tap_note: turns its input into diagnostics.
tap_note() { sed 's/^/# /'; }

# check NAME COMMAND...: passes if the command succeeds; shows its output if not.
check() {
	local name=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	tap_result "$status" "$name"
	[[ $status -eq 0 ]] || printf '%s: exit status %d\n%s\n' "$*" "$status" "$output" | tap_note
}

# check_equal NAME WANT GOT
check_equal() {
	local status=0
	[[ $2 == "$3" ]] || status=1
	tap_result "$status" "$1"
	[[ $status -eq 0 ]] || printf 'want: %s\ngot:  %s\n' "$2" "$3" | tap_note
}

# check_match NAME PATTERN GOT: PATTERN is an extended regular expression.
check_match() {
	local status=0
	[[ $3 =~ $2 ]] || status=1
	tap_result "$status" "$1"
	[[ $status -eq 0 ]] || printf 'want: %s\ngot:  %s\n' "$2" "$3" | tap_note
}

# run COMMAND...: without input, in a folder of the test's own. Fills out, err and status;
# out.text and err.text are what it wrote, byte by byte.
run() { run_with '' "$@"; }

# run_with INPUT COMMAND...: the same with a text as its input.
# shellcheck disable=SC2034 # for those who source this
run_with() {
	local input=$1
	shift
	status=0
	"$@" >out.text 2>err.text < <(printf '%s' "$input") || status=$?
	out=$(tr -d '\0' <out.text)
	err=$(cat err.text)
}

# tap_end: the plan, and the exit status of the test program.
tap_end() {
	printf '1..%d\n' "$tap_count"
	[[ $tap_failed -eq 0 ]]
	exit
}
