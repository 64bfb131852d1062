# SPDX-License-Identifier: MIT
"""The kernel boots with little memory and with much, whatever its pages, wherever its bundle."""
import subprocess
from functools import partial

import options as run_options
import qemu_run
import system
from command_debug import gdb_environment
from machine import escaped
from suites.testing import Failed, Suite, one_by_one

SCENARIO = "hello"
EXPECTED = "Hello, world"
SECONDS = 60
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
        words = [f"target remote {socket}", "hbreak pvh_read", "continue", f"set {module} = {address:#x}", "detach"]
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
    return [Suite(list(functions), one_by_one(functions))]
