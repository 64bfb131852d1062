# SPDX-License-Identifier: MIT
"""
Tables of firmware that break the interpreter of AML: it ends, and nothing else. tests/firmware holds
tables that a fuzzer found, with which ACPICA reads through a null pointer, and one that is sound and asks for too much.
"""
import options as run_options
import qemu_run
import system
from common import TOP
from suites.testing import Failed, Suite, one_by_one

TABLES = TOP / "tests/firmware"
SECONDS = 300


def observe(log, arguments, expect):
    system.make_all()
    options = run_options.parse(["edu", "--", *arguments])
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


def test_greedy(log):
    """AML gets neither RAM nor the local APIC, and its recursion ends; the rest of the tables is used."""
    refused = [f"Could not map memory at 0x{address:016X}" for address in (0x100000, 0xFEE00300)]
    expect = [*refused, "Method reached maximum reentrancy limit", " passed, 0 failed"]
    observe(log, ["-acpitable", f"file={TABLES / 'greedy.aml'}"], expect)


def suites():
    functions = {"firmware/broken-supplement": test_supplement, "firmware/greedy-supplement": test_greedy}
    return [Suite(list(functions), one_by_one(functions))]
