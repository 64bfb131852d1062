# SPDX-License-Identifier: MIT
"""
The kernel boots with little memory and with much, whatever its pages, wherever its bundle. Linux gets
nearly all of it, and devices reach that.
"""
import hashlib
import random
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import options as run_options
import qemu_run
import system
from command_debug import PATIENCE, gdb_environment
from machine import escaped
from suites.testing import Failed, Suite, expect_equal, in_linux, one_by_one

SCENARIO = "hello"
EXPECTED = "Hello, world"
SECONDS = 300
# Around 30 GiB the bitmap outgrows what start.S maps by chance; from a tebibyte on, 40 bits of address.
SIZES = ("64M", "3G", "30000M", "31744M", "32768M", "40960M", "70000M", "1T")
# Without pages of 1 GiB the direct map of a tebibyte has a thousand tables.
SMALL_PAGES = "-cpu", "max,phys-bits=46,-pdpe1gb"
GIBIBYTE = 1 << 30
# Where a loader may put the bundle of so many bytes: address, memory of the machine. Of 8 GiB, q35 has 6 above 4 GiB.
BUNDLES = {
    "bundle-misaligned": (lambda size: 0x8000123, "512M"),
    "bundle-above-4g": (lambda size: 5 * GIBIBYTE, "8G"),
    "bundle-above-4g-misaligned": (lambda size: 5 * GIBIBYTE + 0x7FF, "8G"),
    "bundle-at-the-end": (lambda size: 10 * GIBIBYTE - size - 1, "8G"),
    "bundle-above-512g": (lambda size: 700 * GIBIBYTE + 1, "800G"),
}
# The module list's address and the first module's, at their place in hvm_start_info.
DIRECT_MAP = 0xFFFF808000000000
LIST_AT = 16


# Linux's RAM in several pieces. The page cache takes pages above 4 GiB first: an xHCI reaches them, a UHCI by bounce buffers.
LINUX = {"linux-8G": ("8G", "xhci"), "linux-3G-bounced": ("3G", "uhci")}
LINUX_SHARE = 0.9  # of the machine, at least
STICK_BYTES = 2 << 20
# Read, written from one place to the other, and read again from the device.
COPY = """
head -1 /proc/meminfo
sha256sum </dev/sda
dd if=/dev/sda of=/tmp/half bs=64k count=16 2>/dev/null
dd if=/tmp/half of=/dev/sda bs=64k seek=16 conv=fsync 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches; sha256sum </dev/sda
"""


def test_linux(size, controller, log):
    content = random.Random(size).randbytes(STICK_BYTES)
    half = content[: STICK_BYTES // 2]
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        stick = Path(folder) / "stick.img"
        stick.write_bytes(content)
        words = ["usb", "--smp", "1", "--mem", size, "--usb", controller, "--stick", str(stick), "--exec", COPY]
        done = in_linux(words, log)
        expect_equal("the stick", stick.read_bytes() == half + half, True)
    total, first, second = (line.split() for line in done.text.splitlines())
    machine = run_options.size("--mem", size) >> 10
    if int(total[1]) < LINUX_SHARE * machine:
        raise Failed(f"of {machine} KiB Linux has {total[1]}")
    expect_equal("what was read", first[0], hashlib.sha256(content).hexdigest())
    expect_equal("what was written", second[0], hashlib.sha256(half + half).hexdigest())


def observe(one, started=None):
    missing = qemu_run.observe(one, [EXPECTED], SECONDS, started)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")


def prepared(size, qemu):
    options = run_options.parse([SCENARIO, "--mem", size])
    options.qemu = list(qemu)
    system.build(options)
    return qemu_run.prepared(options)


def test_size(size, qemu, log):
    with prepared(size, qemu) as one:
        one.log = log
        observe(one)


def test_bundle(name, log):
    """QEMU's loader puts the bundle low; gdb tells the kernel of a copy at another place."""
    place, size = BUNDLES[name]
    with prepared(size, []) as one:
        one.log = log
        address = place(one.boot.initrd.stat().st_size)
        socket = one.folder / "gdb"
        one.options.qemu += ["-S", "-gdb", f"unix:{socket},server=on,wait=off"]
        one.options.qemu += ["-device", f"loader,file={escaped(one.boot.initrd)},addr={address:#x},force-raw=on"]
        module = f"*(unsigned long *)({DIRECT_MAP:#x} + *(unsigned long *)({DIRECT_MAP:#x} + $rdi + {LIST_AT}))"
        words = [PATIENCE, f"target remote {socket}", "hbreak pvh_read", "continue", f"set {module} = {address:#x}", "detach"]
        command = ["gdb", "-q", "-batch", str(system.KERNEL), *(part for word in words for part in ("-ex", word))]

        def moved(process):
            qemu_run.wait_for_socket(socket, process)
            done = subprocess.run(command, env=gdb_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
            if b"Breakpoint 1, pvh_read" not in done.stdout:
                qemu_run.stop(process)
                raise Failed(f"gdb did not reach pvh_read: {done.stdout.decode(errors='replace')[-200:]}")

        observe(one, moved)


def suites():
    functions = {f"memory/{size}": partial(test_size, size, []) for size in SIZES}
    functions["memory/64M-small-pages"] = partial(test_size, "64M", SMALL_PAGES)
    functions["memory/1T-small-pages"] = partial(test_size, "1T", SMALL_PAGES)
    functions |= {f"memory/{name}": partial(test_bundle, name) for name in BUNDLES}
    functions |= {f"memory/{name}": partial(test_linux, *one) for name, one in LINUX.items()}
    return [Suite(list(functions), one_by_one(functions))]
