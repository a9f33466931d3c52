#!/bin/bash
# The profiles of Debian's packages apparmor-profiles and apparmor-profiles-extra: what
# apparmor_parser takes, ipolc takes, and what it refuses, ipolc refuses. Where the packages
# are not installed there is nothing to compare. IPOLC names the binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
base=/etc/apparmor.d
extra=/usr/share/apparmor/extra-profiles

if ! command -v apparmor_parser >/dev/null || [[ ! -d $extra ]]; then
	echo '1..0 # SKIP apparmor, apparmor-profiles and apparmor-profiles-extra are not installed'
	exit
fi

# takes COMMAND...: "takes it" or "refuses it".
takes() {
	if "$@" >/dev/null 2>&1; then echo 'takes it'; else echo 'refuses it'; fi
}

for profile in "$base"/* "$extra"/*; do
	[[ -f $profile && ${profile##*/} != README ]] || continue
	check_equal "apparmor: ${profile#/}" \
		"$(takes apparmor_parser -QKTS -b "$base" "$profile")" \
		"$(takes "$ipolc" check --no-lint -I "$base" "$profile")"
done
tap_end
