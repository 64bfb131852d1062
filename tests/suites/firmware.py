# SPDX-License-Identifier: MIT
"""
Tables of firmware that break the interpreter of AML: it ends, and nothing else. tests/firmware holds
tables that a fuzzer found, with which ACPICA reads through a null pointer, and one that is sound and asks for too much.
"""
from functools import partial

import iso
import options as run_options
import qemu_run
import system
from common import TOP
from machine import Boot
from suites.testing import FOLDER, Failed, Suite, one_by_one

TABLES = TOP / "tests/firmware"
SECONDS = 300


def observe(log, arguments, expect, dsdt=None):
    system.make_all()
    options = run_options.parse(["edu", "--", *arguments])
    if dsdt:
        options.boot = partial(boot_with, dsdt)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, expect, SECONDS)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")


def test_supplement(log):
    """The board's own table is read all the same: interrupt routes are known, and the driver's tests pass."""
    tables = [word for table in sorted(TABLES.glob("broken-*.aml")) for word in ("-acpitable", f"file={table}")]
    if not tables:
        raise Failed(f"no tables in {TABLES}")
    expect = ["fault: vector 14", "the interpreter has ended", "without its supplements", " passed, 0 failed"]
    observe(log, tables, expect)


def boot_with(dsdt, options, initrd):
    """By GRUB, which puts a table in place of the board's: QEMU can only add supplements."""
    disc = FOLDER / "firmware.iso"
    iso.write(disc, system.KERNEL, system.members(options, initrd, FOLDER), "broken DSDT", 0, dsdt=dsdt)
    return Boot(system.KERNEL, None, disc=disc)


def test_dsdt(log):
    """What the board says of itself breaks the interpreter: nobody knows where lines go, and all the rest works."""
    table = bytearray((TABLES / "broken-operator-at-null.aml").read_bytes())
    table[:4] = b"DSDT"
    table[9] = (table[9] - sum(table)) % 256
    expect = [
        "fault: vector 14", "from now on no AML is run", "no usable ACPI: no interrupt routes",
        "ok bars_answer_sizing_only", "FAILED intx_is_given: INTx: no such device",
        "ok msi_is_given", "ok msi_transfer_both_ways", "ok detached_memory_is_out_of_reach",
        "init ends the run (power-off): resetting the machine",
    ]  # fmt: skip
    observe(log, [], expect, dsdt=bytes(table))


def test_greedy(log):
    """AML gets neither RAM nor the local APIC, and its recursion ends; the rest of the tables is used."""
    refused = [f"Could not map memory at 0x{address:016X}" for address in (0x100000, 0xFEE00300)]
    expect = [*refused, "Method reached maximum reentrancy limit", " passed, 0 failed"]
    observe(log, ["-acpitable", f"file={TABLES / 'greedy.aml'}"], expect)


def suites():
    functions = {"firmware/broken-supplement": test_supplement, "firmware/greedy-supplement": test_greedy, "firmware/broken-dsdt": test_dsdt}
    return [Suite(list(functions), one_by_one(functions))]
