#!/bin/bash
# `ipolc diff`: what it prints, and its exit status: 0 nothing more is allowed, 1 more
# is, 2 usage or a policy that is wrong, 3 a file that cannot be read. IPOLC names the
# binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export NO_COLOR=1

# policy NAME RULES [FLAGS]: a file NAME.ipol with the policy "web".
policy() { printf 'policy web %s {\n%s\n}\n' "${3:-}" "$2" >"$1.ipol"; }

# differ STATUS NAME PATTERN ARGUMENT...: the exit status, and a pattern of what is said,
# on stdout if there was an answer and on stderr if not.
differ() {
	local want=$1 name=$2 pattern=$3 status=0 said
	shift 3
	said=$("$ipolc" diff "$@" 2>err.text </dev/null) || status=$?
	[[ $status -le 1 ]] || said=$(cat err.text)
	check_equal "$name: exit status" "$want" "$status"
	check_match "$name" "$pattern" "$said"
}

# both NAME OLD NEW PATTERN: NEW allows more, as PATTERN says; the other way round it is
# the same line with the other sign, and nothing more is allowed.
both() {
	policy old "$2"
	policy new "$3"
	differ 1 "$1" "^new.ipol allows more than old.ipol:"$'\n'"\\+ web: $4" old.ipol new.ipol
	differ 0 "$1, back" "^old.ipol allows nothing more than new.ipol:"$'\n'"- web: $4" new.ipol old.ipol
}

both 'a limit' 'set rlimit nofile <= 1024,' '' 'rlimit nofile > 1024$'
both 'a lower limit' 'set rlimit as <= 1M,' 'set rlimit as <= 1G,' 'rlimit as > 1[A-Z0-9]+, <= 1[A-Z0-9]+$'
both 'a path' '' '/etc/passwd r,' 'file read /etc/passwd$'
both 'a tree' '/srv/** r,' '/srv/** r, /srv/www/cgi/* (write),' 'file write /srv/www/cgi/\*   e.g. /srv/www/cgi/a$'
both 'an owner' '' 'owner /home/** r,' 'owner file read /home/\*\*   e.g. /home/a$'
both 'a directory' '' '/srv/ (mkdir),' 'file mkdir /srv/$'
both 'a denial less' '/a** r, deny /ab r,' '/a** r,' 'file read /ab$'
both 'an example that is real' '' '/../x r, /a//b r, /./y r, /z r,' 'file read /a/b, /z   e.g. /z$'
both 'a glob with an ending' '' '/var/log/*.log r, /etc/[^a]x r,' 'file read /etc/\[\^a\]x, /var/log/\*.log   e.g. /etc/bx$'
both 'a glob but for an exception' '/home/*/id r,' '/home/** r,' 'file read some of /home/\*\*   e.g. /home/a$'
both 'a signal' '' 'signal (send) set=kill peer=db,' 'signal send set=kill peer=db$'
both 'a prefix of addresses' '' 'network (connect) inet stream peer=(ip=10.0.0.0/8 port=5432),' \
	'network connect inet stream peer=\(ip=10.0.0.0/8 port=5432\)   e.g. '
both 'a capability' '' 'capability net_bind_service,' 'capability net_bind_service$'
both 'a move, which has its flag' 'mount, deny mount options in (move),' 'mount, deny mount options=(move),' 'mount mount some of $'
both 'a system call' 'deny syscall mkdirat,' '' 'syscall mkdirat$'
both 'an argument of a system call' 'deny syscall socket(0 == 17),' '' 'syscall some of socket, e.g. socket\(17, '

# Neither policy allows all that the other does.
policy old '/bin/x ix,'
policy new '/bin/x ux,'
differ 1 'an exec that leaves the policy' '\+ web: file exec /bin/x -> unconfined' old.ipol new.ipol
differ 1 'an exec that stays' '- web: file exec /bin/x -> unconfined' new.ipol old.ipol
policy new '/bin/x px -> web,'
differ 1 'an exec elsewhere' '\+ web: file exec /bin/x -> web.*- web: file exec /bin/x -> this policy' old.ipol new.ipol
both 'an exec more' '/bin/x ux,' '/bin/x ux, /bin/y ux,' 'file exec /bin/y -> unconfined$'

policy old 'bind net /run/netns/a,'
policy new ''
differ 1 'a binding less' '\+ web: no longer bound to net /run/netns/a$' old.ipol new.ipol
differ 0 'a binding more' '- web: bound to net /run/netns/a$' new.ipol old.ipol
policy new 'bind net /run/netns/a on exec,'
differ 1 'a binding that waits' '\+ web: no longer bound to net /run/netns/a at once$' old.ipol new.ipol
differ 0 'a binding that waits no more' '- web: bound to net /run/netns/a at once$' new.ipol old.ipol
policy old ''
differ 1 'a binding on exec less' '\+ web: no longer bound to net /run/netns/a on exec$' new.ipol old.ipol
differ 0 'a binding on exec more' '- web: bound to net /run/netns/a on exec$' old.ipol new.ipol

policy old '/a r,'
policy new '/a r,' 'flags=(complain)'
differ 1 'a mode that denies nothing' '\+ web: mode complain' old.ipol new.ipol
differ 0 'a mode that denies' '- web: mode enforce' new.ipol old.ipol

# The same, differently written.
policy old '/{a,b}/** r, deny /a/x r,'
policy new '/b/** r, /a/** r, deny /a/[x] r, /a/y r,'
differ 0 'the same in other words' '^no difference in what is allowed$' old.ipol new.ipol

# Policies as a whole.
printf 'policy web { /a r, }\npolicy db { /a r, }\n' >two.ipol
printf 'policy web { /a r, }\n' >one.ipol
differ 1 'a policy that is gone' '\+ db: the policy is gone' two.ipol one.ipol
differ 0 'a policy that is new' '- db: the policy is new' one.ipol two.ipol

# Blobs on either side.
"$ipolc" compile -o one.blob one.ipol
"$ipolc" compile -o two.blob two.ipol
differ 1 'blobs' '\+ db: the policy is gone' two.blob one.blob
differ 0 'a blob and a source' '^no difference' one.blob one.ipol

# The same options on both sides.
printf 'policy web { @{D}/a r, }\n' >variable.ipol
differ 0 'variables' '^no difference' -D D=/srv variable.ipol variable.ipol

# JSON.
policy old ''
policy new '/a r,'
status=0
"$ipolc" diff --json old.ipol new.ipol >json.text || status=$?
check_equal 'json: exit status' 1 "$status"
check 'json: one object' python3 -c '
import json
said = json.load(open("json.text"))
assert said["allows_more"] is True
change = said["policies"][0]["changes"][0]
assert change["change"] == "allowed" and change["operations"] == ["read"]
assert change["patterns"] == [{"text": "/a", "exact": True}] and change["example"] == "/a"
'

# What cannot be compared is neither 0 nor 1.
printf 'policy web { /a r }\n' >wrong.ipol
differ 2 'a policy that is wrong' 'wrong.ipol:1:' one.ipol wrong.ipol
differ 2 'the old one is wrong' 'wrong.ipol:1:' wrong.ipol one.ipol
differ 2 'one file' 'NEW is required' one.ipol
differ 2 'three files' '' one.ipol one.ipol one.ipol
differ 3 'no such file' 'cannot read absent' one.ipol absent
head -c 100 one.blob >cut.blob
differ 2 'a blob that is cut' 'no valid blob' one.blob cut.blob
: >empty
differ 2 'an empty file' 'has no policy' one.ipol empty
tap_end
