# SPDX-License-Identifier: MIT
"""RAM that Linux takes and gives back while it runs: by `purlinctl ram`, in use, with devices, again and again."""
import random
import re
import tempfile
from pathlib import Path

from common import TOP
from suites.testing import Failed, Suite, expect_equal, in_linux, one_by_one

SCENARIO = TOP / "scenarios/linux-ram.dts"
STICK_BYTES = 8 << 20
ROUNDS = 8
# Each line of output is `name: what came`, so that one boot does for all. Acts are limited to two a second.
COMMAND = r"""
slowly() { while :; do text=$("$@" 2>&1); code=$?; case $text in *'too many acts'*) sleep 1 ;; *) break ;; esac; done; [ -z "$text" ] || echo "$text"; return $code; }
say() { echo "$1: $(shift; slowly "$@" | tr '\n' ';')"; }
status() { slowly "$@" > /dev/null; echo $?; }
total() { sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo; }
kernel() { purlinctl list --json | sed -n 's/.*"name": "linux".*"memory_used": \([0-9]*\).*/\1/p'; }
lines() { yes "what a page that moves has to keep" | head -c 100000000; }
same() { lines | cmp - /large/lines && echo same; }
# Twice as much as RAM was there at the start; the stick's blocks go through the page cache, which lies there, too.
copies() { for i in 1 2 3 4 5 6 7 8; do cat /dev/sda > /large/$i; cmp /dev/sda /large/$i || echo differs; echo 1 > /proc/sys/vm/drop_caches; done; }
rounds() {
	for i in $(seq ROUNDS); do
		slowly purlinctl ram linux 288M > /dev/null || echo not taken
		slowly purlinctl ram linux 96M > /dev/null || echo not given
	done
}
mkdir /large
at_first=$(total)
say least purlinctl ram linux
say others purlinctl ram other
say more status purlinctl ram linux 288M --timeout 5
say some purlinctl ram linux
say give status purlinctl ram other 96M
say take status purlinctl ram linux 288M
# init has given all of it by then; Linux adds the last step a moment later.
until [ $(($(total) - at_first)) -ge GROWN ]; do usleep 10000; done
say total total
mount -t tmpfs -o size=90% none /large
lines > /large/lines
say stored same
say used status purlinctl ram linux 96M --timeout 8
say moved same
say part purlinctl ram linux
say wanted-again status purlinctl ram linux 288M
say copies copies
dd if=/large/3 of=/dev/sda bs=64k seek=64 count=64 conv=fsync 2> /dev/null
cat /proc/zoneinfo /proc/iomem /proc/pagetypeinfo > /dev/null
echo 1 > /proc/sys/vm/compact_memory
say kept same
umount /large
say given status purlinctl ram linux 96M
before=$(kernel)
say rounds rounds
say leak expr $(kernel) - $before
say total-at-last total
say other-most status purlinctl ram other 288M
say kill status purlinctl kill other
say again status purlinctl ram other 288M
say killed purlinctl ram other
say odd purlinctl ram linux 100M
say below purlinctl ram linux 32M
say above purlinctl ram linux 352M
say word purlinctl ram linux much
say unit purlinctl ram linux 96
say large purlinctl ram linux 99999999999999999G
say nobody purlinctl ram nobody
say none purlinctl ram
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'
"""
CANNOT = "purlinctl: linux: it cannot have as much, see `purlinctl ram NAME`;"
NO_SIZE = "purlinctl: a size is a number followed by K, M or G;"
SAYS = {
    "least": "linux: 96 MiB, is to have 96, of 96 to 288 in steps of 64;",
    "others": "other: 224 MiB, is to have 224, of 96 to 288 in steps of 64;",
    # The other has it: what is promised to it is its own. One step is promised to nobody.
    "more": "1;",
    "some": "linux: 160 MiB, is to have 288, of 96 to 288 in steps of 64;",
    "give": "0;",
    "take": "0;",
    "stored": "same;",
    # What is in use is moved, and what has no place elsewhere stays.
    "used": "1;",
    "moved": "same;",
    "wanted-again": "0;",
    "copies": "",
    "kept": "same;",
    "given": "0;",
    "rounds": "",
    "other-most": "0;",
    "kill": "0;",
    "again": "0;",
    "killed": "other: 288 MiB, is to have 288, of 96 to 288 in steps of 64;",
    "odd": CANNOT,
    "below": CANNOT,
    "above": CANNOT,
    "word": NO_SIZE,
    "unit": NO_SIZE,
    "large": NO_SIZE,
    "nobody": "purlinctl: there is no nobody that this Linux may act on;",
    "none": "purlinctl: the name of one component is wanted;",
}
KIB = 1024
GROWN = 180 * KIB  # KiB of MemTotal, at least: 192 MiB less its struct pages
LEAK = 256 * KIB  # bytes: what the kernel keeps for Linux changes by as much from one moment to the next


def check(said):
    for name, wanted in SAYS.items():
        expect_equal(name, said.get(name), wanted)
    least, most = (int(said[name].rstrip(";")) for name in ("total-at-last", "total"))
    if most - least < GROWN:
        raise Failed(f"with 192 MiB more Linux has {most} KiB in all, without {least}")
    had = int(re.search(r"linux: (\d+) MiB", said["part"])[1])
    if not 96 < had < 288:
        raise Failed(f"while 100 MB are in use it has {had} MiB")
    if abs(int(said["leak"].rstrip(";"))) > LEAK:
        raise Failed(f"after {ROUNDS} rounds the kernel spends {said['leak']} bytes more on it")


def test_ram(log):
    content = random.Random(ROUNDS).randbytes(STICK_BYTES)
    half = content[: STICK_BYTES // 2]
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        stick = Path(folder) / "stick.img"
        stick.write_bytes(content)
        words = [str(SCENARIO), "--stick", str(stick), "--exec", COMMAND.replace("ROUNDS", str(ROUNDS)).replace("GROWN", str(GROWN))]
        done = in_linux(words, log)
        expect_equal("the stick", stick.read_bytes() == half + half, True)
    lines = done.text.splitlines()
    check(dict(line.split(": ", 1) for line in lines if ": " in line))
    expect_equal("complaints of Linux", [line for line in lines if "BUG:" in line or "WARNING:" in line or "Call Trace" in line], [])


def test_refused(log):
    """Without an IOMMU devices would find it elsewhere."""
    trusted = TOP / "build/test/linux-ram-trusted.dts"
    # With what it includes, which lies beside the original.
    text = SCENARIO.read_text().replace('/include/ "', f'/include/ "{SCENARIO.parent}/')
    trusted.write_text(text.replace("control = <&linux>", "trusted-dma;\n\t\t\tcontrol = <&linux>"))
    command = "purlinctl ram linux 160M --timeout 5; purlinctl ram linux; dmesg | grep purlin-ram"
    done = in_linux([str(trusted), "--iommu", "none", "--exec", command], log)
    if "no RAM can be added: devices have no IOMMU" not in done.text:
        raise Failed("Linux does not say why it takes nothing")
    if "linux: 96 MiB, is to have 160" not in done.text:
        raise Failed("Linux has taken RAM that its devices do not find")


def suites():
    functions = {"linux-ram/taken-and-given": test_ram, "linux-ram/without-iommu": test_refused}
    return [Suite(list(functions), one_by_one(functions))]
