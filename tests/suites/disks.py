# SPDX-License-Identifier: MIT
"""Disks by sessions (scenario/disks): without the kernel's help a client's death would be its server's."""
import options as run_options
import qemu_run
import system
from suites import faulty
from suites.testing import Failed, Suite, one_by_one

NOT_KEPT = [("kernel/arch/x86_64/entry/trap.c", "region_refill(thread->pd, address)", "false && address")]
FOUND = "[init] module-disk: page fault"
SECONDS = 300


def test_not_kept(log):
    system.make_all()
    options = run_options.parse(["disks"])
    options.kernel = faulty.build(log.stem, NOT_KEPT)
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        qemu_run.observe(one, [FOUND], SECONDS)
    if FOUND not in log.read_text(errors="replace"):
        raise Failed(f"a client destroyed its memory, and the server did not fault: {FOUND!r} did not appear")


def suites():
    return [Suite(["disks/memory-not-kept"], one_by_one({"disks/memory-not-kept": test_not_kept}))]
