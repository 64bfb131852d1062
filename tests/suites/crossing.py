# SPDX-License-Identifier: MIT
"""Kernels that lose one of the registers that the scenarios `crossing`, `crossing-pairs` and `crossing-exits` look for."""
import re

import options as run_options
import qemu_run
import system
from suites import faulty
from suites.testing import Failed, Suite, one_by_one

SECONDS = 300
SWITCH = "kernel/arch/x86_64/arch/switch.h"
VCPU, ENTRY = "kernel/arch/x86_64/guest/vcpu.c", "kernel/arch/x86_64/entry/entry.S"
EXCEPTIONS, ISOLATED = "kernel/arch/x86_64/entry/exceptions.S", "kernel/arch/x86_64/entry/isolated.S"
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
EXITS = ("crossing-exits", "guest-registers")
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

# General registers on each way out: one is lost, or shows something of the kernel's.
LOADED_ALL = "\tmovq\t%gs:CPU_CURRENT, %rsp\n\tload_registers\n\tmovq\t%gs:CPU_KERNEL_STATE, %rsp\n"
LEAVES = "\tload_registers\n\taddq\t$16, %rsp\n\tswapgs\n\t.globl iret_thread\niret_thread:"
EVENT_POPS = "\tpopq\t%rdx\n\tpopq\t%rcx\n\tpopq\t%rax\n\taddq\t$16, %rsp\n\tswapgs\n\t.globl iret_event\niret_event:"


def exits(name, old, new, register, file=ENTRY):
    FAULTS[name] = [(file, old, new)], {EXITS: register}


def after(name, place, leak, register, file=ENTRY):
    exits(name, place, place + leak, register, file)


after("system-call-rdx", "\tmovl\t$RFLAGS_FIXED, %r11d\n\tmovq\t%gs:CPU_SCRATCH, %rsp\n", "\tmovq\t%gs:CPU_KERNEL_CR3, %rdx\n", "system call")
after("resume-syscall-rsi", "\tmovq\t%gs:CPU_USER_CR3, %rsp\n\tmovq\t%rsp, %cr3\n", "\tmovq\t%rsp, %rsi\n", "resume_syscall")
exits("resume-rcx", "\tmovq\t%gs:CPU_SCRATCH2, %rcx\n", "", "resume_user, exception")
exits("resume-r11", "\tmovq\tPURLIN_VCPU_R11(%rsp), %r11\n", "", "resume_user, exception")
exits("resume-kernel-rdi", "\tmovq\t%rax, FRAME_RFLAGS(%rcx)\n\tjmp\tresume_iret\n",
      "\tmovq\t%rax, FRAME_RFLAGS(%rcx)\n\tmovq\t%rcx, %rdi\n\tjmp\tresume_iret\n", "resume_kernel")  # fmt: skip
exits("exception-rdx", EVENT_POPS, EVENT_POPS.replace("popq\t%rdx", "addq\t$8, %rsp"), "resume_user, exception", EXCEPTIONS)
after("batch-r9", LOADED_ALL, "\tmovq\t%rsp, %r9\n", "resume_user with a batch")
exits("short-batch-r8", "\tmovq\t%gs:CPU_KERNEL_STATE, %rsp\n\tjz\tresume_batch_full\n",
      "\tmovq\t%rsp, %r8\n\tmovq\t%gs:CPU_KERNEL_STATE, %rsp\n\tjz\tresume_batch_full\n", "resume_user, short batch")  # fmt: skip
exits("pending-rcx", "\t\tframe->rcx = STATE_READ(state->frame.rcx);\n", "", "resume_user, event pending", VCPU)
exits("single-step-rcx", "\tmovq\t(%rcx), %rcx\n\tjmp\tsave_and_trap\n", "\tjmp\tsave_and_trap\n", "single step", ISOLATED)
# Only where the pattern is in RBP or RBX: all components leave here.
exits("interrupt-r10", LEAVES, LEAVES.replace("load_registers\n", "load_registers\n\tcmpl\t$0x66666666, %ebp\n\tjne\t7f\n\tmovq\t%rsp, %r10\n7:\n"), "interrupt", EXCEPTIONS)
after("call-r8", "leave_syscall:\n\tload_most_registers\n", "\tcmpl\t$0x22222222, %ebx\n\tjne\t7f\n\tmovq\t%rsp, %r8\n7:\n", "native call", EXCEPTIONS)


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
    return [Suite(list(functions), one_by_one(functions), apart=True, linuxes=())]
