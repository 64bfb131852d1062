# SPDX-License-Identifier: MIT
"""
Tables of firmware that break the interpreter of AML: it ends, and nothing else. tests/firmware holds
tables that a fuzzer found, with which ACPICA reads through a null pointer, and one that is sound and asks for too much.
Beside these, the board's own table is damaged at random (tests/soak/firmware does more of that).
"""
import random
import re
import subprocess
from functools import partial

import iso
import options as run_options
import qemu_run
import system
from common import BUILD, TOP
from machine import Boot
from suites.testing import FOLDER, Failed, Suite, one_by_one

TABLES = TOP / "tests/firmware"
MACHINE = BUILD / "host/machines/q35.mem"  # of SeaBIOS, which has put its tables there
HEADER = 36
SEEDS = (1, 2, 3)
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


def board_dsdt():
    """As QEMU's own firmware has it."""
    system.make_all()
    subprocess.run(["make", "-s", "-C", str(TOP), str(MACHINE.relative_to(TOP))], check=True)
    memory = MACHINE.read_bytes()
    for found in re.finditer(b"DSDT", memory):
        table = memory[found.start() :][: int.from_bytes(memory[found.start() + 4 :][:4], "little")]
        if HEADER < len(table) < 1 << 16 and not sum(table) % 256:
            return table
    raise Failed(f"{MACHINE}: no DSDT")


def damaged(table, seed):
    """Some bytes of its AML are others; its sum is right."""
    chance, table = random.Random(seed), bytearray(table)
    for _ in range(chance.choice((1, 2, 4, 8, 16, 64))):
        table[chance.randrange(HEADER, len(table))] = chance.randrange(256)
    table[9] = (table[9] - sum(table)) % 256
    return bytes(table)


def observe_damaged(log, seed):
    """Whatever the AML does now: a device works, and cannot reach what is not its owner's; the run ends."""
    expect = [
        "ok bars_answer_sizing_only", "ok msi_transfer_both_ways",
        "ok detached_memory_is_out_of_reach", "init ends the run",
    ]  # fmt: skip
    observe(log, [], expect, dsdt=damaged(board_dsdt(), seed))


def test_damaged(log):
    for seed in SEEDS:
        observe_damaged(log, seed)


def test_greedy(log):
    """AML gets neither RAM nor the local APIC, and its recursion ends; the rest of the tables is used."""
    refused = [f"Could not map memory at 0x{address:016X}" for address in (0x100000, 0xFEE00300)]
    expect = [*refused, "Method reached maximum reentrancy limit", " passed, 0 failed"]
    observe(log, ["-acpitable", f"file={TABLES / 'greedy.aml'}"], expect)


def suites():
    functions = {"firmware/broken-supplement": test_supplement, "firmware/greedy-supplement": test_greedy, "firmware/broken-dsdt": test_dsdt, "firmware/damaged-dsdt": test_damaged}
    return [Suite(list(functions), one_by_one(functions))]
