# The virtual machine: its initramfs, its QEMU, and whether KVM can run it.
# shellcheck shell=bash

# initramfs BASE TREE: BASE with the files of TREE over it, on stdout. The kernel
# unpacks archives that follow each other into one tree, so that BASE is made once.
initramfs() {
	cat "$1"
	(cd "$2" && find . -mindepth 1 | cpio --quiet -o -H newc -R 0:0)
}

# boot DIR IMAGE ACCELERATOR MEMORY PARAMETERS TIMEOUT [QEMU_ARGUMENT]...
#
# Boots the kernel IMAGE with DIR/initramfs and MEMORY MiB, and waits for its end. Leaves
# the kernel's log in DIR/log, and in DIR/status the line that init.c reports. Fails if
# QEMU did, with status 124 or 137 after TIMEOUT seconds. Sets qemu_pid while it runs.
#
# The machine is microvm: without PCI, ACPI or a BIOS to speak of it boots in a second
# under TCG. Its clock chip is there because the kernel waits a second for an absent one.
boot() {
	local dir=$1 image=$2 accelerator=$3 memory=$4 parameters=$5 timeout=$6
	shift 6
	# shellcheck disable=SC2054 # the commas are QEMU's
	local -a qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot
		-M microvm,x-option-roms=off,acpi=off,pic=on,pit=on,rtc=on,isa-serial=on
		-m "$memory" -kernel "$image" -initrd "$dir/initramfs"
		-chardev "file,id=log,path=$dir/log" -serial chardev:log
		-device virtio-serial-device
		-chardev "file,id=status,path=$dir/status"
		-device virtserialport,nr=3,chardev=status)
	local -a words=(console=ttyS0 reboot=t panic=-1 oops=panic printk.devkmsg=on
		tsc=reliable no_timer_check rcupdate.rcu_cpu_stall_timeout=120)

	case $accelerator in
	kvm) qemu+=(-accel kvm -cpu host -smp 2) ;;
	tcg)
		# One host thread for both CPUs. With a thread for each, QEMU 7.2 may go on
		# running the translation of code that another CPU has just patched, and a
		# kernel that switches static keys or arms probes dies of a stale int3.
		qemu+=(-accel tcg,thread=single -cpu max -smp 2)
		;;
	icount)
		# Nothing in such a guest may depend on the host: not its random numbers, not
		# its date. The local APIC's timer is calibrated by busy loops, which take
		# half a minute when every device access ends a translation block.
		qemu+=(-accel tcg,thread=single -icount shift=0,sleep=off,align=off -smp 1
			-cpu 'max,rdrand=off,rdseed=off' -seed 1 -rtc base=2024-01-01,clock=vm)
		words+=(nolapic_timer norandmaps)
		;;
	esac
	qemu+=("$@" -append "${words[*]} $parameters")

	: >"$dir/log"
	: >"$dir/status"
	# In the background, for else a signal to us would wait for its end.
	timeout --foreground --kill-after=5 "$timeout" "${qemu[@]}" <&0 &
	qemu_pid=$!
	local status=0
	wait "$qemu_pid" || status=$?
	qemu_pid=
	return "$status"
}

# accelerator IMAGE BASE: prints kvm or tcg.
#
# /dev/kvm may exist, open, and still hang the guest in its firmware (nested, on some
# clouds), so only a guest that was booted to its end shows that KVM works. The answer
# holds until the host reboots.
accelerator() {
	local image=$1 base=$2 answer=tcg boot_id dir
	if [[ ! -r /dev/kvm || ! -w /dev/kvm ]]; then
		echo tcg
		return
	fi
	boot_id=$(</proc/sys/kernel/random/boot_id)
	if [[ -f $cache/accelerator-$boot_id ]]; then
		cat "$cache/accelerator-$boot_id"
		return
	fi
	note 'trying KVM'
	dir=$(mktemp -d -p "$work")
	mkdir -p "$dir/tree/vm"
	printf 'true\0' >"$dir/tree/vm/argv"
	initramfs "$base" "$dir/tree" >"$dir/initramfs"
	if boot "$dir" "$image" kvm 512 '' 6 \
		-chardev null,id=out -device virtserialport,nr=1,chardev=out \
		-chardev null,id=err -device virtserialport,nr=2,chardev=err \
		>&2 && [[ $(<"$dir/status") == 'exit 0 '* ]]; then
		answer=kvm
	fi
	rm -rf "$dir"
	note "this host's KVM $([[ $answer == kvm ]] && echo works || echo 'does not run a guest: emulating')"
	rm -f "$cache"/accelerator-*
	echo "$answer" >"$cache/accelerator-$boot_id.partial"
	mv "$cache/accelerator-$boot_id.partial" "$cache/accelerator-$boot_id"
	echo "$answer"
}
