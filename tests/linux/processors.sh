#!/bin/sh
# SPDX-License-Identifier: MIT
# Each processor but the first leaves and comes back under load, and a device interrupts the one it
# is told to. With one processor there is nothing to do.
set -eu

fail()
{
	echo "FAILED: $*"
	exit 1
}

count=$(nproc)
[ "$count" -eq "$(grep -c '^processor' /proc/cpuinfo)" ] || fail "nproc says $count"

# One package, in which each processor is a core, as in a machine of that many cores.
topology() { cat /sys/devices/system/cpu/cpu*/topology/"$1" | sort -u | wc -l; }
[ "$(topology physical_package_id)" -eq 1 ] || fail "$(topology physical_package_id) packages"
[ "$(topology core_id)" -eq "$count" ] || fail "$(topology core_id) cores"
[ "$(topology package_cpus)" -eq 1 ] || fail "processors differ in who is in their package"

# Something to move away: a loop for each processor and one more.
for _ in $(seq 0 "$count"); do
	(while :; do :; done) &
done
trap 'kill $(jobs -p) 2>/dev/null' EXIT

for round in 1 2 3; do
	for n in $(seq 1 $((count - 1))); do
		online=/sys/devices/system/cpu/cpu$n/online
		echo 0 >"$online"
		[ "$(nproc)" -eq $((count - 1)) ] || fail "round $round: $(nproc) processors without $n"
		! grep -q "^processor.*: $n$" /proc/cpuinfo || fail "round $round: $n is still there"
		echo 1 >"$online"
		[ "$(nproc)" -eq "$count" ] || fail "round $round: $(nproc) processors with $n again"
	done
done

# interrupts NUMBER PROCESSOR: how many there were on it.
interrupts()
{
	awk -v line="$1:" -v field=$(($2 + 2)) '$1 == line { print $field }' /proc/interrupts
}

line=$(awk '/xhci_hcd/ { sub(":", "", $1); print $1; exit }' /proc/interrupts)
if [ "$count" -gt 1 ]; then
	[ -n "$line" ] && [ -e /dev/sda ] || fail "no stick"
	for n in $(seq $((count - 1)) -1 0); do
		echo "$n" >"/proc/irq/$line/smp_affinity_list"
		# The first one after the change may still be on its way to the old one.
		dd if=/dev/sda of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null
		before=$(interrupts "$line" "$n")
		others=$(awk -v line="$line:" '$1 == line' /proc/interrupts)
		dd if=/dev/sda of=/dev/null bs=4k count=8 iflag=direct 2>/dev/null
		after=$(interrupts "$line" "$n")
		[ "$after" -ge $((before + 8)) ] || fail "processor $n took $((after - before)) of 8: $others"
	done
fi
echo "all checks passed"
