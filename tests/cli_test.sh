#!/bin/bash
# The commands of ipolc, with right input and with wrong: what they say, their exit
# status, and that nothing changes when they fail. IPOLC names the binary.
#
# What the kernel is told is tested against plain files in its place, in a mount
# namespace of its own; that needs root. What the kernel makes of it the guest tests show.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The second half runs this file again, inside.
if [[ ${1:-} != --inside ]]; then
	ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
	work=$(mktemp -d)
	chmod 755 "$work"
	trap 'rm -rf "$work"' EXIT
	export ipolc work
fi
cd "$work"
export NO_COLOR=1
unset -v out err status

# shellcheck source=tests/tap.bash
source "$tests/tap.bash"
tap_count=${2:-0}

# expect STATUS NAME PATTERN: of the last run; the pattern is of what it said, on stdout
# if it succeeded and on stderr if not.
expect() {
	local said=$out
	[[ $1 -eq 0 ]] || said=$err
	check_equal "$2: exit status" "$1" "$status"
	check_match "$2" "$3" "$said"
}

# refused STATUS NAME PATTERN: in one line of stderr, and nothing on stdout.
refused() {
	expect "$1" "$2" "$3"
	check_equal "$2: one line" 1 "$(wc -l <err.text)"
	check_equal "$2: no result" '' "$out"
}

without_kernel() {
	run "$ipolc"
	refused 2 'usage: no command' 'subcommand is required'
	run "$ipolc" chek
	refused 2 'usage: unknown command' "unknown command 'chek'; did you mean 'check'"
	run "$ipolc" check
	refused 2 'usage: no file' 'FILE is required'
	run "$ipolc" check --nonsense a.ipol
	refused 2 'usage: unknown option' 'nonsense'
	run "$ipolc" --version
	expect 0 'usage: version' '^ipolc [0-9]+\.'
	run "$ipolc" load --help
	expect 0 'usage: help' 'Usage: ipolc load'

	cat >good.ipol <<-'POLICY'
		@{WWW} = /srv/www
		policy web {
		  @{WWW}/** r,
		  deny @{WWW}/private/** r errno=ENOENT,
		  deny syscall mkdirat errno=EACCES,
		  network (connect) inet stream peer=(ip=10.0.0.0/8 port=5432),
		  signal (send) peer=web,
		}
	POLICY
	cat >bad.ipol <<-'POLICY'
		policy web {
		  /a rq,
		  capabilty x,
		  /b r
		}
	POLICY
	echo 'policy odd { /x R, }' >odd.ipol

	run "$ipolc" check good.ipol
	expect 0 'check: a good policy' '^ok: 1 policy, 5 rules$'
	run "$ipolc" check bad.ipol
	expect 1 'check: every error has line, column and caret' \
		$'bad.ipol:2:7: error: .*\n.*\n      \\|       \\^\n.*bad.ipol:3:3: error: .*bad.ipol:4:7: error: '
	check_equal 'check: a bad policy has no result' '' "$out"
	run "$ipolc" check good.ipol odd.ipol
	expect 0 'check: a warning is no error' '2 policies'
	check_match 'check: but it is told' 'odd.ipol:1:17: warning' "$err"
	run "$ipolc" check --werror odd.ipol
	expect 1 'check: unless asked for' 'warnings are errors'
	run "$ipolc" check nowhere.ipol
	refused 3 'check: a missing file' 'cannot read nowhere.ipol: No such file or directory'
	run "$ipolc" check "$work"
	refused 3 'check: a folder' 'Is a directory'
	run "$ipolc" check good.ipol good.ipol
	expect 1 'check: one file twice' "there is a policy 'web' already"
	: >empty.ipol
	run "$ipolc" check empty.ipol
	expect 1 'check: an empty file' 'empty.ipol has no policy'
	run "$ipolc" check --json bad.ipol
	check_equal 'check: JSON, exit status' 1 "$status"
	check_match 'check: JSON has the errors' '"errors": 3' "$out"
	check_match 'check: JSON has the places' '"column": 7' "$out"
	check_equal 'check: with JSON nothing else is said' '' "$err"
	run "$ipolc" check --json nowhere.ipol
	check_match 'check: JSON has the reason of a failure' '"error": "cannot read nowhere.ipol' "$out"

	mkdir -p include
	echo '  /from/include r,' >include/more
	printf 'policy a {\n  include <more>\n  @{GIVEN}/x r,\n}\n' >needs.ipol
	run "$ipolc" check needs.ipol
	expect 1 'check: -I and -D are missing' 'there is no file <more>'
	run "$ipolc" check -I include -D GIVEN=/given needs.ipol
	expect 0 'check: -I and -D' 'ok: 1 policy, 2 rules'
	run "$ipolc" check -D nonsense good.ipol
	refused 2 'check: -D without a value' "-D takes NAME=VALUE, not 'nonsense'"

	printf 'include = "include"\n[define]\nGIVEN = "/given"\n' >config.toml
	run "$ipolc" check --config config.toml needs.ipol
	expect 0 'config: --config' 'ok: 1 policy, 2 rules'
	cp config.toml ipolc.toml
	run "$ipolc" check needs.ipol
	expect 0 'config: ./ipolc.toml is found' 'ok: 1 policy, 2 rules'
	rm ipolc.toml
	run "$ipolc" check --config nowhere.toml good.ipol
	expect 2 'config: a missing file' 'cannot read nowhere.toml'
	printf 'includes = "include"\ncolor = 5\n' >config.toml
	run "$ipolc" check --config config.toml good.ipol
	expect 2 'config: unknown keys, with their places' \
		"config.toml:1:1: error: unknown key 'includes'.*config.toml:2:9: error"

	run "$ipolc" compile -o one.blob good.ipol
	expect 0 'compile: writes a blob' '^$'
	check_equal 'compile: it begins as one' isolates "$(head -c 8 one.blob)"
	run "$ipolc" compile -o two.blob good.ipol
	check 'compile: the same text gives the same bytes' cmp one.blob two.blob
	run "$ipolc" compile -o - good.ipol
	check 'compile: - is the standard output' cmp one.blob out.text
	run "$ipolc" compile -o one.blob bad.ipol
	expect 1 'compile: a bad policy' 'bad.ipol:2:7'
	check 'compile: leaves the old blob' cmp one.blob two.blob
	run "$ipolc" compile -o nowhere/one.blob good.ipol
	refused 3 'compile: nowhere to write' 'cannot write nowhere/one.blob: No such file'
	check_equal 'compile: leaves nothing beside it' '' "$(find . -name '*.blob.*')"
	run "$ipolc" compile good.ipol
	refused 2 'compile: no -o' 'output is required'
	run "$ipolc" compile -o out.blob one.blob odd.ipol
	expect 0 'compile: blobs and sources into one' '^$'
	run "$ipolc" check out.blob
	expect 0 'check: a blob' 'ok: 2 policies, 6 rules'
	head -c 1000 one.blob >cut.blob
	run "$ipolc" check cut.blob
	refused 1 'check: a truncated blob' 'cut.blob is no valid blob: '
	run "$ipolc" compile -o out.blob one.blob two.blob
	refused 1 'compile: two blobs with one policy' "two policies 'web'"

	run "$ipolc" explain good.ipol read /srv/www/index.html
	expect 0 'explain: allowed, and by which rule' $'^allowed\nby good.ipol:3: @\{WWW\}/\*\* r,$'
	run "$ipolc" explain good.ipol read /srv/www/private/x
	check_equal 'explain: denied, exit status' 1 "$status"
	check_equal 'explain: denied, errno and rule' \
		$'denied (ENOENT): read\nby good.ipol:4: deny @{WWW}/private/** r errno=ENOENT,' "$out"
	run "$ipolc" explain one.blob read /srv/www/private/x
	check_match 'explain: a blob knows its rules too' 'by good.ipol:4: deny' "$out"
	run "$ipolc" explain good.ipol w /srv/www/x
	check_match 'explain: no rule allows it' 'no rule allows it' "$out"
	printf 'policy p { /bin/a Pix -> b, /bin/b ix, /bin/c Ux, /bin/d cx, }\n' >exec.ipol
	run "$ipolc" explain exec.ipol exec /bin/a
	check_match 'explain: where an exec leads' \
		"the program runs under the policy 'b'; if there is none, under this one; its environment is scrubbed" "$out"
	run "$ipolc" explain exec.ipol exec /bin/b
	check_match 'explain: an exec that leads nowhere' 'the program stays under this policy' "$out"
	run "$ipolc" explain exec.ipol exec /bin/c
	check_match 'explain: an exec that leads out' 'the program runs under no policy' "$out"
	run "$ipolc" explain exec.ipol exec /bin/d
	check_match 'explain: an exec that leads to a child' 'under the child that attaches to it; if there is none, it does not run' "$out"
	run "$ipolc" explain --json exec.ipol exec /bin/a
	check_match 'explain: where an exec leads, as JSON' '"fallback": "stay"' "$out"
	printf 'policy p {\n  link subset /a* -> /b,\n  deny link /a1 -> /b,\n}\n' >pairs.ipol
	run "$ipolc" explain pairs.ipol link /a /b
	expect 0 'explain: a pair of links' 'by pairs.ipol:2: link subset'
	run "$ipolc" explain pairs.ipol link /a1 /b
	check_match 'explain: a pair that is denied' 'by pairs.ipol:3: deny link' "$out"
	run "$ipolc" explain pairs.ipol link /a
	refused 2 'explain: half a pair' 'write link NAME FILE'
	run "$ipolc" explain good.ipol signal send term peer=unconfined
	check_equal 'explain: a signal' $'denied (EPERM)\nno rule allows it' "$out"
	run "$ipolc" explain good.ipol network connect inet stream 10.0.0.1:5432
	expect 0 'explain: a connection' 'by good.ipol:6:'
	run "$ipolc" explain good.ipol syscall mkdirat
	check_equal 'explain: a system call' 1 "$status"
	check_match 'explain: a system call, errno' 'denied \(EACCES\)' "$out"
	run "$ipolc" explain --json good.ipol read /srv/www/private/x
	check_match 'explain: JSON' '"errno": "ENOENT"' "$out"
	run "$ipolc" explain good.ipol reed /x
	refused 2 'explain: an unknown operation' "did you mean 'read'"
	run "$ipolc" explain good.ipol read
	refused 2 'explain: no path' 'a path is missing'
	run "$ipolc" explain good.ipol
	refused 2 'explain: no operation' 'OPERATION is required'
	{ cat good.ipol; echo 'policy odd { /x r, }'; } >both.ipol
	run "$ipolc" explain both.ipol read /x
	refused 2 'explain: several policies' 'choose with --policy: odd, web'
	run "$ipolc" explain --policy odd both.ipol read /x
	check_equal 'explain: one of several' 0 "$status"
	run "$ipolc" explain --policy nobody both.ipol read /x
	check_match 'explain: an unknown policy' "no policy 'nobody' in both.ipol" "$err"

	# Wrong arguments are found without a kernel.
	run "$ipolc" bind web nonsense
	refused 2 'bind: no namespace' "write KIND:WHERE"
	run "$ipolc" bind web nte:/x
	refused 2 'bind: an unknown kind' "did you mean 'net'"
	run "$ipolc" attach web nobody
	refused 2 'attach: no number' "'nobody' is no number of a process"
	run "$ipolc" attach web 0
	refused 2 'attach: a number that no process has' "'0' is no number of a process"
	run "$ipolc" attach web
	refused 2 'attach: no process' 'PID is required'
	run "$ipolc" attach web 4194304
	refused 3 'attach: a process that is not there' 'there is no process 4194304'
	run "$ipolc" detach web -- -1
	refused 2 'detach: no number' "'-1' is no number of a process"
	run "$ipolc" unbind web net:0
	refused 2 'unbind: no number' "'0' is neither a path"
	run "$ipolc" run --policy web
	refused 2 'run: no command' 'COMMAND is required'
	run "$ipolc" run -- true
	refused 2 'run: no policy' 'policy is required'
	run "$ipolc" run --policy web --ns pid,nte -- true
	refused 2 'run: an unknown kind' "did you mean 'net'"
	run "$ipolc" load bad.ipol
	expect 1 'load: a bad policy' 'bad.ipol:2:7'

	if [[ -e /sys/kernel/security/isolates ]]; then
		echo '# this kernel has isolates: what is said without it is not tested'
	else
		for command in 'load good.ipol' 'unload web' list 'bind web net:/proc/self/ns/net' \
			'unbind web net:1' 'run --policy web -- true' "attach web $$" "detach web $$" ps seal; do
			# shellcheck disable=SC2086 # words
			run "$ipolc" $command
			refused 3 "${command%% *}: no isolates in this kernel" 'no isolates in this kernel'
		done
	fi
}

# With plain files in place of the kernel's.
readonly files=/sys/kernel/security/isolates

# written FILE: what a command wrote there; and begins anew.
written() {
	cat "$files/$1"
	: >"$files/$1"
}

with_files() {
	mount -t tmpfs tmpfs /sys/kernel/security
	mkdir -p "$files/policies/old" "$files/policies/a.b"
	touch "$files/load" "$files/unload" "$files/bind" "$files/unbind" "$files/attach" "$files/detach" "$files/seal"
	printf '%d %d resident a b\n%d %d attached web\n%d 4194304 pending web\n' $$ $$ $$ $$ $$ >"$files/tasks"
	printf 'abi 1\nformat 1\nclasses file\n' >"$files/abi"
	chmod 600 "$files"/*
	chmod 700 "$files/policies"
	printf 'old\n' >"$files/policies/old/name"
	printf 'a/b\n' >"$files/policies/a.b/name"
	for policy in old a.b; do
		printf 'enforce\n' >"$files/policies/$policy/mode"
		printf 'abcd\n' >"$files/policies/$policy/sha256"
		printf 'net 17\npid 18 on exec\n' >"$files/policies/$policy/bindings"
		echo 'policy old { /old r, }' >old.ipol
		"$ipolc" compile -o "$files/policies/$policy/blob" old.ipol
	done
	net=$(stat -Lc %i /proc/self/ns/net)

	run "$ipolc" load good.ipol
	expect 0 'load: says what it loaded' '^loaded web$'
	check 'load: writes what compile does' cmp one.blob "$files/load"
	: >"$files/load"
	run "$ipolc" load one.blob odd.ipol
	expect 0 'load: a blob and a source' $'^loaded odd\nloaded web$'
	"$ipolc" compile -o both.blob one.blob odd.ipol 2>/dev/null
	check 'load: are published as one' cmp both.blob "$files/load"
	: >"$files/load"

	printf 'policy bound {\n  bind net /proc/self/ns/net,\n  bind pid of %d,\n  bind net %d,\n}\n' $$ "$net" >bound.ipol
	run "$ipolc" load --json bound.ipol
	expect 0 'load: binds what the policy names' '"loaded": \['
	check_match 'load: by its number' "\"number\": $net" "$out"
	check_match 'load: the command is kind, descriptor and name' '^net [0-9]+ bound' "$(written bind)"
	: >"$files/load"

	printf 'policy bound {\n  bind net %s,\n}\n' '/run/netns/nowhere' >nowhere.ipol
	run "$ipolc" load nowhere.ipol
	refused 3 'load: a namespace that is not there' \
		"nowhere.ipol:2: cannot bind 'bound': cannot open /run/netns/nowhere: No such file"
	printf 'policy bound {\n  bind net 1,\n}\n' >nowhere.ipol
	run "$ipolc" load nowhere.ipol
	refused 3 'load: a number that no live namespace has' 'no live net namespace has the number 1'
	printf 'policy bound {\n  bind net /proc/self/ns/pid,\n}\n' >nowhere.ipol
	run "$ipolc" load nowhere.ipol
	refused 3 'load: a namespace of another kind' 'is a pid namespace, not a net namespace'
	printf 'policy bound {\n  bind net %s,\n}\n' "$work/good.ipol" >nowhere.ipol
	run "$ipolc" load nowhere.ipol
	refused 3 'load: a file that is no namespace' 'good.ipol is no namespace'
	check_equal 'load: nothing was loaded' '' "$(written load)"
	check_equal 'load: nothing was bound' '' "$(written bind)"

	# A bind file that cannot be written stands for a kernel that refuses.
	printf 'policy old {\n  /new r,\n  bind net /proc/self/ns/net,\n}\npolicy fresh { }\n' >undone.ipol
	mv "$files/bind" "$files/bind.away"
	run "$ipolc" load undone.ipol
	expect 3 'load: a binding fails behind the load' "undone.ipol:3: cannot bind 'old'"
	check 'load: then the old policy is loaded again' \
		cmp -n "$(stat -c %s "$files/policies/old/blob")" "$files/policies/old/blob" "$files/load"
	check_equal 'load: and the new one unloaded' 'force fresh' "$(written unload)"
	mv "$files/bind.away" "$files/bind"
	: >"$files/load"

	run "$ipolc" unload old
	expect 0 'unload: says so' '^unloaded old$'
	check_equal 'unload: the command' old "$(written unload)"
	run "$ipolc" unload --force a/b
	check_equal 'unload: by force, by its real name' 'force a/b' "$(written unload)"
	run "$ipolc" unload old a/b old
	expect 0 'unload: several' 'unloaded a/b$'
	check_equal 'unload: all in one write, each once' $'old\na/b' "$(written unload)"
	run "$ipolc" unload old nobody
	refused 3 'unload: an unknown policy' "no policy 'nobody' is loaded"
	check_equal 'unload: stops all' '' "$(written unload)"

	run "$ipolc" mode a/b
	expect 0 'mode: says it' '^enforce$'
	run "$ipolc" mode a/b complain
	expect 0 'mode: changes it' '^a/b is in mode complain$'
	check_equal 'mode: the command' complain "$(cat "$files/policies/a.b/mode")"
	run "$ipolc" mode --json a/b kill
	check_match 'mode: JSON' '"mode": "kill"' "$out"
	run "$ipolc" mode a/b enforced
	refused 2 'mode: an unknown one' "unknown mode 'enforced'; did you mean 'enforce'"
	run "$ipolc" mode a/b quux
	refused 2 'mode: nothing like one' "unknown mode 'quux'; there are enforce, complain, kill, disabled"
	run "$ipolc" mode nobody
	refused 3 'mode: an unknown policy' "no policy 'nobody' is loaded"
	run "$ipolc" mode
	refused 2 'mode: no policy' 'POLICY is required'
	# The kernel takes a word, a plain file has what was in it before behind that.
	printf 'enforce\n' >"$files/policies/a.b/mode"

	run "$ipolc" list
	expect 0 'list: names, modes and bindings' \
		$'^a/b \(enforce\) net:17 pid:18\(on exec\)\nold \(enforce\) net:17 pid:18\(on exec\)$'
	run "$ipolc" list --json
	check_match 'list: JSON has what waits' '"on_exec": true' "$out"
	check_match 'list: JSON' '"sha256": "abcd"' "$out"

	run "$ipolc" bind web net:/proc/self/ns/net
	expect 0 'bind: says so' "^bound net $net to web\$"
	check_match 'bind: the command' '^net [0-9]+ web$' "$(written bind)"
	run "$ipolc" bind --host 'a policy' "net:$net"
	check_match 'bind: of the host, with a blank in the name' '^host net [0-9]+ a policy$' "$(written bind)"
	run "$ipolc" bind web "pid:pid=$$"
	check_match 'bind: by a process' '^pid [0-9]+ web$' "$(written bind)"
	run "$ipolc" bind --on-exec web net:/proc/self/ns/net
	expect 0 'bind: on exec, says so' "^bound net $net to web on exec\$"
	check_match 'bind: on exec' '^on-exec net [0-9]+ web$' "$(written bind)"
	run "$ipolc" bind --host --on-exec --json web net:/proc/self/ns/net
	check_match 'bind: of the host, on exec' '^host on-exec net [0-9]+ web$' "$(written bind)"
	check_match 'bind: JSON' '"on_exec": true' "$out"
	run "$ipolc" bind web net:/nowhere
	refused 3 'bind: a namespace that is not there' 'cannot open /nowhere: No such file'
	run "$ipolc" bind web net:1
	refused 3 'bind: a number that no live namespace has' 'no live net namespace has the number 1'
	run "$ipolc" bind web net:pid=4194304
	refused 3 'bind: a process that is not there' 'there is no process 4194304'
	run "$ipolc" bind web net:/proc/self/ns/pid
	refused 3 'bind: another kind' 'is a pid namespace, not a net namespace'
	check_equal 'bind: nothing was written' '' "$(written bind)"
	run "$ipolc" unbind web "net:$net"
	expect 0 'unbind: says so' "^unbound net $net from web\$"
	check_equal 'unbind: the command' "net $net web" "$(written unbind)"
	run "$ipolc" unbind web net:17
	check_equal 'unbind: a number need not be alive' 'net 17 web' "$(written unbind)"

	run "$ipolc" attach 'a policy' $$
	expect 0 'attach: says so' "^attached $$ to a policy\$"
	check_match 'attach: the command is descriptor and name' '^[0-9]+ a policy$' "$(written attach)"
	run "$ipolc" attach --on-exec web $$
	expect 0 'attach: on exec, says so' "^attached $$ to web on exec\$"
	check_match 'attach: on exec' '^on-exec [0-9]+ web$' "$(written attach)"
	run "$ipolc" attach --json web $$
	check_match 'attach: JSON' '"attached": true' "$out"
	written attach >/dev/null
	run "$ipolc" attach web 4194304
	refused 3 'attach: nobody there' 'there is no process 4194304'
	check_equal 'attach: nothing was written' '' "$(written attach)"
	run "$ipolc" detach web $$
	expect 0 'detach: says so' "^detached $$ from web\$"
	check_match 'detach: the command' '^[0-9]+ web$' "$(written detach)"
	run "$ipolc" ps
	expect 0 'ps: a process is one line, with its command and policies' "^$$ +[^ ]+ +a b, web \(attached\)"
	check_match 'ps: and so is a thread that differs' "$$/4194304 +web \(on exec\)\$" "$out"
	run "$ipolc" ps --json
	check_match 'ps: JSON' '"how": "resident",.*"name": "a b"' "${out//$'\n'/}"
	check_match 'ps: JSON has the thread' '"thread": 4194304' "$out"
	: >"$files/tasks"
	run "$ipolc" ps
	expect 0 'ps: nobody' '^$'
	run "$ipolc" seal
	expect 0 'seal: says so' '^sealed until the next boot$'
	check_equal 'seal: the command' 1 "$(written seal)"

	# shellcheck disable=SC2016 # for the shells inside
	{
		run "$ipolc" run --policy web -- sh -c 'echo $$; exit 7'
		check_equal 'run: passes the exit status on' 7 "$status"
		check_equal 'run: the command is process 1' 1 "$out"
		# The second, shorter command over the first.
		check_match 'run: the pid namespace is bound, on exec and when that is done' \
			$'^pid [0-9]+ web\nd [0-9]+ web$' "$(written bind)"
		run "$ipolc" run --policy web --ns uts,net -- \
			sh -c 'hostname inside; cd /proc/self/ns; readlink uts net pid | paste -s'
		check_equal 'run: in the namespaces asked for, and no other' 'new new same' \
			"$(paste <(tr '\t' '\n' <<<"$out") <(cd /proc/self/ns && readlink uts net pid) |
				awk '{ print $1 == $2 ? "same" : "new" }' | paste -sd ' ')"
		check_match 'run: else the first is bound' '^uts [0-9]+ web' "$(written bind)"
		check 'run: the caller stays outside' test "$(hostname)" != inside
		run "$ipolc" run --policy web -- sh -c 'cd /proc; echo [0-9]*; mount -t tmpfs tmpfs /mnt; touch /mnt/in'
		expect 0 'run: has a /proc of its own' '^1( [0-9]+)?$'
		check 'run: what is mounted stays inside' test ! -e /mnt/in
		run "$ipolc" run --policy web -- sh -c 'kill -KILL $$; sh -c "kill -KILL \$\$"; exit $?'
		check_equal 'run: a signal inside' 137 "$status"
		run "$ipolc" run --policy web --ns user,mnt -- sh -c 'id -u'
		expect 0 'run: a user namespace' '^0$'
		written bind >/dev/null
		"$ipolc" run --policy web -- sh -c 'trap "exit 9" TERM; echo up; while :; do sleep 0.1; done' >up.text &
		pid=$!
		until [[ -s up.text ]]; do sleep 0.1; done
		kill -TERM "$pid"
		status=0
		wait "$pid" || status=$?
		check_equal 'run: signals are passed on' 9 "$status"
	}
	run "$ipolc" run --policy web -- /nowhere/program
	refused 3 'run: no such program' "there is no program '/nowhere/program'"
	: >"$files/bind"
	mv "$files/bind" "$files/bind.away"
	run "$ipolc" run --policy web -- touch ran
	refused 3 'run: not without its policy' "has no file 'bind'"
	check 'run: the command was not run' test ! -e ran
	mv "$files/bind.away" "$files/bind"

	if command -v setpriv >/dev/null; then
		nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
		for command in 'load good.ipol' list 'bind web net:/proc/self/ns/net' 'unload web' \
			"attach web $$" ps seal; do
			# shellcheck disable=SC2086 # words
			run "${nobody[@]}" "$ipolc" $command
			refused 3 "${command%% *}: not root" '^ipolc: error: not permitted: '
		done
	fi
	check_equal 'not root: nothing was written' '' "$(cat "$files/load" "$files/bind" "$files/unload")"
}

if [[ ${1:-} == --inside ]]; then
	tap_failed=0
	with_files
	echo "$tap_count $tap_failed" >counts
	exit
fi
without_kernel
if [[ $(id -u) -eq 0 ]] && unshare --mount true 2>/dev/null; then
	unshare --mount "$tests/cli_test.sh" --inside "$tap_count" || tap_result 1 'the tests with files in place of the kernel end'
	if [[ -e counts ]]; then
		read -r tap_count inside_failed <counts
		tap_failed=$((tap_failed + inside_failed))
	fi
else
	echo '# not root: what the kernel is told is not tested'
fi
tap_end
