# SPDX-License-Identifier: MIT
"""
What assembly and C both count on is written once or asserted: with a number, an offset or an order changed in one place,
one of the files that use it does not compile any more.
"""
import re
import shlex
import shutil
import subprocess
from functools import partial

import system
from common import BUILD, TOP, shown, tool
from suites.faulty import changed
from suites.testing import Failed, Suite, one_by_one

X86 = "kernel/arch/x86_64"
FRAME, CPU, BOOT = f"{X86}/arch/frame.h", f"{X86}/arch/cpu.h", f"{X86}/arch/boot.h"
STATE, STATE_OF_X86 = "abi/purlin/vcpu.h", "abi/purlin/arch/x86_64/vcpu.h"
CALLS, REGISTERS = "abi/calls.toml", "abi/purlin/arch/x86_64/registers.toml"
ENTRY, TRAP, VCPU = f"{X86}/entry/entry.S", f"{X86}/entry/trap.c", f"{X86}/guest/vcpu.c"
TRAMPOLINE, SMP, SETUP = f"{X86}/boot/trampoline.S", f"{X86}/boot/smp.c", f"{X86}/machine/cpu_setup.c"

# What is changed, and who has to notice. Two texts change places where there is no new one.
CHANGES = {
    "call-numbers": (CALLS, ('"vcpu_resume_user"', '"vcpu_resume_kernel"'), None, ENTRY),
    "call-order": (CALLS, ('"vcpu_resume_syscall"', '"vcpu_apply"'), None, ENTRY),
    "argument-registers": (REGISTERS, '"r10", "r8"', '"r8", "r10"', TRAP),
    "number-register": (REGISTERS, 'number = "rax"', 'number = "rbx"', TRAP),
    "frame-order": (FRAME, "uint64_t r15, r14,", "uint64_t r14, r15,", TRAP),
    "frame-size": (FRAME, "uint64_t error;", "uint64_t error, more;", TRAP),
    "frame-offset": (FRAME, "#define FRAME_RFLAGS (19 * 8)", "#define FRAME_RFLAGS (20 * 8)", TRAP),
    "cpu-self": (CPU, "#define CPU_SELF 0x00", "#define CPU_SELF 0x10", TRAP),
    "cpu-scratch": (CPU, "#define CPU_SCRATCH 0x08", "#define CPU_SCRATCH 0x10", TRAP),
    "cpu-entry": (CPU, "#define CPU_ENTRY_SYSCALL 0x40", "#define CPU_ENTRY_SYSCALL 0x48", TRAP),
    "cpu-order": (CPU, "uint64_t entry_syscall, entry_event,", "uint64_t entry_event, entry_syscall,", TRAP),
    "state-batch": (CPU, "#define STATE_BATCH 0x1000", "#define STATE_BATCH 0x1010", VCPU),
    "state-offset": (STATE_OF_X86, "#define PURLIN_VCPU_ERROR 0x40", "#define PURLIN_VCPU_ERROR 0x48", VCPU),
    "state-pending": (STATE, "#define PURLIN_VCPU_ALERT_PENDING 0x02", "#define PURLIN_VCPU_ALERT_PENDING 0x03", ENTRY),
    "batch-operation": (STATE, "#define PURLIN_BATCH_TABLE 5", "#define PURLIN_BATCH_TABLE 7", ENTRY),
    "user-selectors": (FRAME, "#define USER_CS 0x33", "#define USER_CS 0x3b", SETUP),
    "kernel-selectors": (FRAME, "#define KERNEL_SS 0x18", "#define KERNEL_SS 0x20", SETUP),
    "trampoline-offset": (BOOT, "#define TRAMPOLINE_CR3 24", "#define TRAMPOLINE_CR3 28", TRAMPOLINE),
    "trampoline-order": (SMP, "uint64_t stack, cpu, entry;", "uint64_t stack, entry, cpu;", SMP),
}  # fmt: skip


def after(file, old, new):
    text = (TOP / file).read_text()
    if new is not None:
        return changed(text, file, old, new)
    one, other = old
    for before, then in ((one, "\0"), (other, one), ("\0", other)):
        text = changed(text, file, before, then)
    return text


def command_for(source, folder):
    """How make compiles it, with what lies in `folder` found first."""
    target = BUILD / "kernel" / re.sub(r"\.\w+$", ".o", source)
    made = subprocess.run(
        ["make", "-n", "V=1", "--no-print-directory", "-C", TOP, "-W", source, target.relative_to(TOP)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in made.stdout.splitlines() if f"-o {shown(target)} " in line]
    if len(lines) != 1:
        raise Failed(f"make -n says nothing about {source}: {made.stdout[-300:]}")
    first = [option for name in (".", "abi", "gen", X86) for option in ("-I", folder / name)]
    words = shlex.split(lines[0].replace(f"-o {shown(target)} ", f"-o {folder / 'out.o'} "))
    place = folder / source
    return [words[0], *map(str, first), *words[1:-1], str(place if place.exists() else source)]


def compiled(name, file, text, source):
    """With this text of the file, in a folder of its own: nothing is written twice."""
    folder = BUILD / "tests/numbers" / name
    shutil.rmtree(folder, ignore_errors=True)
    # Headers of the contract find each other; those of the architecture are found below what is made.
    shutil.copytree(TOP / "abi", folder / "abi")
    (folder / "gen/purlin").mkdir(parents=True)
    (folder / "gen/purlin/arch").symlink_to(folder / STATE_OF_X86.removesuffix("/vcpu.h"))
    place = folder / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_text(text)
    if file.endswith(".toml"):
        tool(TOP / "tools/abi-gen", folder / CALLS, folder / REGISTERS, folder / "gen")
    return subprocess.run(
        command_for(source, folder), cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )  # fmt: skip


def test(name, log):
    file, old, new, source = CHANGES[name]
    system.make_all()
    right = compiled(f"{name}/right", file, (TOP / file).read_text(), source)
    wrong = compiled(f"{name}/wrong", file, after(file, old, new), source)
    log.write_text(right.stdout + wrong.stdout)
    if right.returncode:
        raise Failed(f"{source} does not compile with {file} as it is")
    if not wrong.returncode:
        raise Failed(f"{source} compiles with {new or old!r}")


def suites():
    functions = {f"numbers/{name}": partial(test, name) for name in CHANGES}
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
