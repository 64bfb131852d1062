# SPDX-License-Identifier: MIT
"""A PCI device is moved from one running Linux to another and back: purlinctl move."""
import re

from common import TOP
from suites.testing import Failed, Suite, expect_equal, in_linux, one_by_one

SCENARIO = TOP / "scenarios/linux-move.dts"
ROUNDS = 20
# Each line of output is `name: what came`, so that one boot does for all.
COMMAND = rf"""
say() {{ echo "$1: $(shift; "$@" 2>&1 | tr '\n' ';')"; }}
has() {{ purlinctl devices | tr -s ' ' | grep '^00:01.0' | cut -d' ' -f4,5; }}
back() {{ purlinctl move 00:01.0 here && /purlin/find-disk /dev/sda > /dev/null 2>&1; }}
disks() {{ ls /sys/block | wc -l; }}
# By its interrupts: there is no other sign of it here.
used() {{ until [ "$(purlinctl devices | sed -n 's/^00:01.0.*: //p')" -ge 50 ]; do sleep 0.1; done; }}
say first has
whole=$(md5sum /dev/sda)
say move purlinctl move 00:01.0 other
say moved has
say without disks
used
say back purlinctl move 00:01.0 here
/purlin/find-disk /dev/sda > /dev/null 2>&1
say had has
say same sh -c "test '$whole' = \"\$(md5sum /dev/sda)\" && echo same"
say nobody purlinctl move 00:01.0 nobody
say not-its-own purlinctl move 00:1f.2 other
say no-device purlinctl move 09:09.1 other
say no-place purlinctl move usb other
say few-words purlinctl move 00:01.0
say option purlinctl move 00:01.0 other --timeout 0
say itself purlinctl move 00:01.0 here
say unchanged has
while dd if=/dev/sda of=/dev/null bs=4096 iflag=direct 2> /dev/null; do :; done &
reader=$!
say busy purlinctl move 00:01.0 other
wait $reader
say reader-ended echo $?
say kill purlinctl kill other
say killed purlinctl move 00:01.0 other
say its-next-life has
back > /dev/null
for round in $(seq {ROUNDS}); do
	purlinctl move 00:01.0 other > /dev/null && back > /dev/null || break
done
say rounds echo $round
say same-again sh -c "test '$whole' = \"\$(md5sum /dev/sda)\" && echo same"
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'
"""
SAYS = {
    "first": "owned linux/pci;",
    "move": "00:01.0 is with other/pci;",
    "moved": "owned other/pci;",
    "without": "0;",
    "back": "00:01.0 is with linux/pci;",
    "had": "owned linux/pci;",
    "same": "same;",
    "nobody": "purlinctl: there is no nobody that this Linux may act on;",
    "not-its-own": "purlinctl: 00:1f.2: the system description does not allow it: `moves` here, `pci` there, and `used-devices` there "
    "if the device cannot be reset;",
    "no-device": "purlinctl: 09:09.1: `purlinctl devices` does not show it;",
    "no-place": "purlinctl: a device is bus:device.function, as `purlinctl devices` prints it;",
    "few-words": "purlinctl: a device and the name of a component are wanted;",
    "option": "purlinctl: --timeout: 1 to 86400 seconds;",
    "itself": "00:01.0 is with linux/pci;",
    "unchanged": "owned linux/pci;",
    "busy": "00:01.0 is with other/pci;",
    "reader-ended": "0;",
    "kill": "",
    "killed": "00:01.0 is with other/pci;",
    "its-next-life": "owned other/pci;",
    "rounds": f"{ROUNDS};",
    "same-again": "same;",
}


def test_linux_move(log):
    done = in_linux([str(SCENARIO), "--exec", COMMAND], log)
    lines = [line.partition(": ") for line in done.text.splitlines()]
    said = {name: text for name, between, text in lines if between}
    for name, wanted in SAYS.items():
        expect_equal(name, said.get(name), wanted)
    expect_equal("lines besides", [line for line in lines if line[0].rstrip(":") not in SAYS], [])
    if not re.search(r"\[other\] usb-storage .*: USB Mass Storage device detected", done.log):
        raise Failed("the other Linux has not found the stick")


def suites():
    return [Suite(["linux-move/purlinctl"], one_by_one({"linux-move/purlinctl": test_linux_move}))]
