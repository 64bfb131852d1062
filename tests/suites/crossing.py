# SPDX-License-Identifier: MIT
"""Kernels that lose one of the registers that the scenarios `crossing` and `crossing-pairs` look for."""
import re

import options as run_options
import qemu_run
import system
from suites import faulty
from suites.testing import Failed, Suite, one_by_one

SECONDS = 60
SWITCH = "kernel/arch/x86_64/arch/switch.h"
VCPU = "kernel/arch/x86_64/guest/vcpu.c"
EXCHANGE = ': "r"(from), "r"(to), "a"(~0u)'
LOAD = 'xrstor64 (%0)" : : "r"(area), "a"(~0u)'
SAVED = '__asm__ volatile("rdfsbase %0" : "=r"(from->fs_base));\n\t'
NULLS = '__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs" : : "m"(selector_null));\n\t'
FS_BASE = '__asm__ volatile("wrfsbase %0" : : "r"(to->fs_base));\n\t'
LOADED = "bases_load(const struct arch_thread *to)\n{\n\t"


def without(components):
    """XSAVE and XRSTOR leave these state components alone (Intel SDM 1, 13.1)."""
    return [(SWITCH, old, old.replace("~0u", f"~{components}u")) for old in (EXCHANGE, LOAD)]


def lost(old, new):
    return [(SWITCH, old, new)]


# The scenario and the register, as its component says it: what is changed in the kernel.
CALLS, PAIRS = ("crossing", "crossing-client"), ("crossing-pairs", "crossing-pairs")
FAULTS = {
    "x87-control": (without(1), {CALLS: "x87 control", PAIRS: "x87 control"}),
    "x87-tags": (without(1), {CALLS: "x87 tags", PAIRS: "x87 tags"}),
    "x87-value": (without(1), {CALLS: "x87 value", PAIRS: "x87 values"}),
    "x87-operand": (
        lost('volatile(FPU_RESET "xrstor64 (%0)', 'volatile("xrstor64 (%0)')
        + lost('FPU_RESET "xrstor64 (%1)', '"xrstor64 (%1)'),
        {PAIRS: "x87 operand"},
    ),
    "xmm7": (without(2), {CALLS: "XMM7", PAIRS: "XMM"}),
    "ymm7-upper": (without(4), {CALLS: "YMM7, upper", PAIRS: "YMM, upper"}),
    "mxcsr": (without(6), {CALLS: "MXCSR", PAIRS: "MXCSR"}),
    "selectors": (
        lost(SAVED + NULLS, SAVED) + lost(LOADED + NULLS, LOADED),
        {CALLS: "selectors", PAIRS: "selectors"},
    ),
    "fs-base": (
        lost(SAVED + NULLS + FS_BASE, SAVED + NULLS) + lost(LOADED + NULLS + FS_BASE, LOADED + NULLS),
        {CALLS: "FS base", PAIRS: "FS base"},
    ),
    "gs-base": (
        lost("mov %2, %%gs; wrgsbase %1; swapgs", "mov %2, %%gs; swapgs")
        + lost("mov %1, %%gs; wrgsbase %0; swapgs", "mov %1, %%gs; swapgs"),
        {CALLS: "GS base", PAIRS: "GS base"},
    ),
    "number": (
        lost("if (__builtin_expect(cpu->number != 0, 0))\n\t\tnumber_set(cpu, 0);\n\t", ""),
        {PAIRS: "TSC_AUX"},
    ),
    "kernel-gs-base": (
        [(VCPU, "\tcpu->kernel_gs = vcpu->kernel_gs;\n", "\tif (!cpu->kernel_gs)\n\t\tcpu->kernel_gs = vcpu->kernel_gs;\n")],
        {PAIRS: "process: GS base of the kernel"},
    ),
}


def boot(scenario, component, kernel, log):
    options = run_options.parse([scenario, "--smp", "1"])
    system.build(options)
    options.kernel = kernel
    with qemu_run.prepared(options) as prepared:
        prepared.log = log
        qemu_run.observe(prepared, [f"[{component}] ", " passed, ", " failed"], SECONDS)
    return log.read_text(errors="replace")


def test(changes, found):
    def run(log):
        kernel = faulty.build(log.stem, changes)
        for (scenario, component), register in found.items():
            text = boot(scenario, component, kernel, log)
            if not re.search(rf"FAILED .*{re.escape(register)}\b", text):
                raise Failed(f"{scenario}: nobody says that {register} is lost")

    return run


def suites():
    functions = {f"crossing/finds-{name}": test(*fault) for name, fault in FAULTS.items()}
    return [Suite(list(functions), one_by_one(functions))]
