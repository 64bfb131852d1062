# SPDX-License-Identifier: MIT
"""
Kernels that lack one lock of those beside the kernel's, or keep what was detached: the scenario guest-races has to find
each. The moment that the lock protects lasts 10 ms in them; a kernel that only has that, and all locks, passes.
"""
from functools import partial

import options as run_options
import qemu_run
import system
from suites import faulty
from suites.testing import Failed, Suite, one_by_one

BATCH, FOLLOW = "kernel/object/batch.c", "kernel/object/batch_follow.c"
ATTACHMENT, VCPU = "kernel/object/attachment.c", "kernel/object/vcpu.c"
SECONDS = 300
PASSED = " passed, 0 failed"


def linger(condition):
    return f"\tfor (uint64_t since = arch_time(); {condition} && arch_time() - since < arch_time_hz() / 100;)\n\t\t;\n"


# What a guest's entry says has been read, and is not yet in the kernel's table.
ENTRY = "\t\tchecks_guest_entry(batch->guest, value, PAGE_SIZE);\n"
SHORT_BATCH = (FOLLOW, ENTRY, linger("batch->alone") + ENTRY)
# The space was found, and is not yet the vCPU's.
FOUND = "\tspace = entered_find(vcpu, slot);\n"
SHORT_SWITCH = (VCPU, FOUND, FOUND + linger("space"))

CONTROLS = {
    "short-batch": [SHORT_BATCH, (FOLLOW, " || !lock_try(&batch.space->lock))", ")")],
    "batch": [SHORT_BATCH, (BATCH, "\tif (space)\n\t\tspace_lock(space);\n", "")],
    "memory-stays": [(ATTACHMENT, "\tif (spaces_clear(attachment) == CALL_RESTART ||", "\tif ((false && spaces_clear(attachment) == CALL_RESTART) ||")],
    "short-switch": [SHORT_SWITCH, (VCPU, " ||\n\t    !lock_try(&vcpu->lock))", ")")],
    "space-forgotten": [SHORT_SWITCH, (VCPU, "space *space)\n{\n\tvcpu_lock(vcpu);\n", "space *space)\n{\n")],
}  # fmt: skip
# Whatever is used after its end may as well end the kernel.
FOUND_BY = ("FAILED ", "kernel panic: ")


def play(changes, expected, log):
    system.make_all()
    options = run_options.parse(["guest-races"])
    options.kernel = faulty.build(log.stem, changes)
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        qemu_run.observe(one, expected, SECONDS)
    return log.read_text(errors="replace")


def test_control(changes, log):
    text = play(changes, [FOUND_BY[0]], log)
    if not any(line in text for line in FOUND_BY):
        raise Failed("nobody noticed that a lock is missing")


def test_all_locks(log):
    if PASSED not in play([SHORT_BATCH, SHORT_SWITCH], [PASSED], log):
        raise Failed("it failed with all locks in place")


def suites():
    functions = {f"locks/{name}": partial(test_control, changes) for name, changes in CONTROLS.items()}
    functions["locks/all"] = test_all_locks
    return [Suite(list(functions), one_by_one(functions), apart=True, linuxes=())]
