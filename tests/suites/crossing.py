# SPDX-License-Identifier: MIT
"""Kernels that lose one of the registers that scenario `crossing` looks for: it has to say which."""
import re

import options as run_options
import qemu_run
import system
from suites import faulty
from suites.testing import Failed, Suite, one_by_one

SECONDS = 60
SWITCH = "kernel/arch/x86_64/arch/switch.h"
EXCHANGE = ': "r"(from), "r"(to), "a"(~0u)'
SAVED = '__asm__ volatile("rdfsbase %0" : "=r"(from->fs_base));\n\t'
NULLS = '__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs" : : "m"(selector_null));\n\t'
FS_BASE = '__asm__ volatile("wrfsbase %0" : : "r"(to->fs_base));\n\t'


def without(components):
    """XSAVE and XRSTOR leave these state components alone (Intel SDM 1, 13.1)."""
    return EXCHANGE, EXCHANGE.replace("~0u", f"~{components}u")


# The register: what is changed in the kernel.
FAULTS = {
    "x87 control": without(1),
    "x87 tags": without(1),
    "x87 value": without(1),
    "XMM7": without(2),
    "YMM7, upper": without(4),
    "MXCSR": without(6),
    "selectors": (SAVED + NULLS, SAVED),
    "FS base": (SAVED + NULLS + FS_BASE, SAVED + NULLS),
    "GS base": ("mov %2, %%gs; wrgsbase %1; swapgs", "mov %2, %%gs; swapgs"),
}


def test(register):
    def run(log):
        options = run_options.parse(["crossing", "--smp", "1"])
        system.build(options)
        options.kernel = faulty.build(log.stem, [(SWITCH, *FAULTS[register])])
        with qemu_run.prepared(options) as prepared:
            prepared.log = log
            qemu_run.observe(prepared, ["[crossing-client] ", " passed, ", " failed"], SECONDS)
        if not re.search(rf"FAILED .*: {re.escape(register)}\b", log.read_text(errors="replace")):
            raise Failed(f"nobody says that {register} is lost")

    return run


def name_of(register):
    return "crossing/finds-" + re.sub(r"\W+", "-", register.lower())


def suites():
    functions = {name_of(register): test(register) for register in FAULTS}
    return [Suite(list(functions), one_by_one(functions))]
