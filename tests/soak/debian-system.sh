# SPDX-License-Identifier: MIT
# shellcheck shell=dash
# What tests/soak/debian does in every Debian. One line for each step; a step works if it ends with 0.

try() { # name command...
	name=$1
	shift
	if ("$@"); then echo "ok: $name"; else echo "FAILED: $name"; fi
}

running() { [ "$(systemctl is-system-running)" = running ]; }
no_unit_failed() {
	systemctl --failed --plain --no-legend
	[ -z "$(systemctl --failed --plain --no-legend)" ]
}
address() { /lib/systemd/systemd-networkd-wait-online --timeout=60 && ip -4 addr show scope global | grep -q 10.0.2.15; }
memory_limit() { # the program wants 100 MB, gets 20 and is killed
	! systemd-run --quiet --wait -p MemoryMax=20M -p MemorySwapMax=0 \
		python3 -c 'print(len(b"x" * 10**8))'
}
sandboxed_service() {
	systemd-run --quiet --wait -p DynamicUser=yes -p ProtectSystem=strict -p PrivateTmp=yes \
		-p SystemCallFilter=@system-service true
}
journal() { journalctl -b --no-pager | grep -q 'Linux version'; }
module() { # loads, unloads, loads again
	modprobe dummy && rmmod dummy && modprobe dummy && ip link add dummy0 type dummy && ip link del dummy0
}
# Of every kind, with those they need; what was there before stays.
many_modules() {
	for name in btrfs xfs squashfs wireguard vxlan nf_tables iptable_nat dm_crypt raid456 zram nbd \
		snd_hda_intel snd_usb_audio virtio_gpu r8169 usbserial nfsv4 9p fuse vsock algif_skcipher; do
		for _ in 1 2; do
			modprobe "$name" || return 1
			[ "$(cat "/sys/module/$name/refcnt" 2>/dev/null)" != 0 ] || modprobe -r "$name" || return 1
		done
	done
}
name_spaces() { unshare --user --map-root-user --net --pid --fork --mount-proc sh -c 'ip link set lo up'; }
installs() { # from the mirror, by the network card
	apt-get -qq update && apt-get -qq install -y hello >/dev/null && hello | grep -q 'Hello'
}
packages_whole() { [ -z "$(dpkg --audit)" ]; }
file_systems() { findmnt --verify && touch /a-file && sync && rm /a-file; }

try "systemd says running" running
try "no unit failed" no_unit_failed
try "login on the console" systemctl is-active --quiet serial-getty@hvc0
try "address by DHCP" address
try "the gateway answers" ping -q -c 3 10.0.2.2
try "cgroups v2: a limit of memory holds" memory_limit
try "a service without privileges" sandboxed_service
try "journal" journal
try "a module loads, unloads, loads" module
try "modules of every kind" many_modules
try "name spaces" name_spaces
try "python" python3 -c 'print(sum(i * i for i in range(100000)))'
try "apt" installs
try "packages are whole" packages_whole
try "file systems" file_systems
