# SPDX-License-Identifier: MIT
"""Several vCPUs of one guest: kernels with a fault that the scenario guest-several (or guest) has to find."""
from functools import partial

import options as run_options
import qemu_run
import system
from suites import faulty
from suites.testing import Failed, Suite, one_by_one

TLB, CONTEXT = "kernel/arch/x86_64/memory/tlb.c", "kernel/arch/x86_64/entry/context.c"
VCPU, SCHEDULER = "kernel/arch/x86_64/guest/vcpu.c", "kernel/core/scheduler.c"
FOLLOW, TARGET = "kernel/object/batch_follow.c", "kernel/object/batch_target.h"
UNMAPPED = "FAILED page unmapped, kernel mode"
WATCHES, TABLES = "kernel/arch/x86_64/guest/watches.c", "kernel/arch/x86_64/guest/guest_tables.c"
# The fault, and the lines of which one has to come.
CONTROLS = {
    "no-shoot-down": ([(TLB, "flush_ids(request.id, request.second_id, request.batch);", "(void)0;")], [UNMAPPED]),
    "one-processor-skipped": (
        [(TLB, "request.batch = batch;\n\trequest.gone = 0;\n\task(*processors);", "request.batch = batch;\n\trequest.gone = 0;\n\task(*processors & ~2ull);")],
        [UNMAPPED],
    ),
    "kernel-half": (
        [(TLB, "\tif (cpu_features.pcid)\n\t\tinvpcid(3, 0, 0);\n\telse\n\t\tflush_loaded(batch);\n", "\t(void)batch;\n")],
        ["FAILED kernel half: page unmapped"],
    ),
    "old-tables": (
        [(TARGET, "recent->space == space &&\n\t\t\t\t     recent->generation == batch->guest->generation,", "recent->space == space,")],
        ["FAILED space destroyed, user mode", "kernel panic"],
    ),
    "no-eviction": ([(CONTEXT, "\t\t\ttlb_gather(1ull << i);\n", "\t\t\t(void)0;\n")], ["kernel panic: ", "FAILED   it does not run any more"]),
    "yield-to-nobody": ([(SCHEDULER, "\tcurrent->slice_left = thread->slice_left = 0;\n", "\treturn true;\n")], ["FAILED a slice goes to the one"]),
    "alert-in-critical-range": (
        [(VCPU, "\tif (in_critical_range(vcpu)) {\n\t\tvcpu_alert_again(vcpu);", "\tif (false) {\n\t\tvcpu_alert_again(vcpu);")],
        ["FAILED alert: not in the critical range"],
    ),
    "watches-stay": ([(VCPU, "\tif (cpu->watches)\n", "\tif (false)\n")], ["guest-test: fault: vector 1"]),
    "large-page-stays": ([(TABLES, "\tarch_guest_flush(guest, space, &gone);\n", "\t(void)guest, (void)space, (void)gone;\n")], ["FAILED large: the rest is gone"]),
    "large-replaced": (
        [(FOLLOW, "\t/* One address will do, as in the kernel half. */\n\tif (", "\tif (false && ")],
        ["FAILED large: not dirty any more"],
    ),
    "large-keeps-table": (
        [(TABLES, "\tarch_guest_flush(guest, space, &everything);\n\taccount", "\t(void)space;\n\taccount")],
        ["FAILED large: in place of a page", "kernel panic"],
    ),
    "watches-anywhere": ([(WATCHES, "address < PURLIN_GUEST_USER_END", "true")], ["FAILED debug: upper half"]),
}  # fmt: skip
SECONDS = 300
# What a processor has for a root has become something else: the machine panics, or resets, before the guest's end is told.
ROOTS_GONE = {
    "guest-root-stays": [(TABLES, "\ttlb_leave(&guest->arch.cpus, guest->arch.id, 0);\n", "")],
    "no-leave": [(TLB, "ask(*processors);\n\t*processors = 0;", "*processors = 0;")],
}


def test_control(scene, changes, found, log):
    system.make_all()
    options = run_options.parse([scene])
    options.kernel = faulty.build(log.stem, changes)
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        qemu_run.observe(one, [found[0]], SECONDS)
    text = log.read_text(errors="replace")
    if not any(line in text for line in found):
        raise Failed(f"nobody noticed the fault: {found[0]!r} did not appear")


def test_root_gone(changes, log):
    system.make_all()
    options = run_options.parse(["guest-several"])
    options.kernel = faulty.build(log.stem, changes)
    system.build(options)
    processes = []
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, [" passed, "], SECONDS, started=processes.append)
    text = log.read_text(errors="replace")
    if not missing:
        raise Failed("nobody noticed that a processor has a root that is gone")
    if "kernel panic: " not in text and processes[0].returncode != 0:
        raise Failed("the machine neither panicked nor reset")


def suites():
    functions = {f"vcpus/{name}": partial(test_root_gone, changes) for name, changes in ROOTS_GONE.items()}
    for name, (changes, found) in CONTROLS.items():
        scene = "guest" if name.startswith(("alert", "large", "watches")) else "guest-several"
        functions[f"vcpus/{name}"] = lambda log, scene=scene, changes=changes, found=found: test_control(scene, changes, found, log)
    return [Suite(list(functions), one_by_one(functions), apart=True, linuxes=())]
