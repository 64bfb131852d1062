# SPDX-License-Identifier: MIT
"""
The fuzz targets: so many runs of each, from its corpus on; and each deliberate fault is found by the target it names.
A fault that is not found says that the target has gone blind. The inputs of a target are the same each time and on each
machine: what a test finds today it finds tomorrow.
"""
import os
import re
import shutil
import subprocess
import threading
import tomllib
from functools import partial
from pathlib import Path

import fuzz
from common import BUILD, TOP, Refused, shown, tool
from suites.testing import Failed, Suite, one_by_one

# Twenty to thirty seconds each on a slow machine, less of those whose inputs are short and whose code is small.
RUNS = {
    "acpi": 12_000, "archive": 100_000, "batch": 8_000, "block": 12_000, "boot-info": 80_000, "broker": 5_000, "calls": 12_000, "core": 20_000,
    "description": 40_000, "elf": 8_000, "guest-tree": 100_000, "init": 4_000, "interpreter": 25_000, "iommu-tables": 250_000, "pages": 70_000,
    "partitions": 20_000, "pci": 6_000, "switch": 15_000, "tlb": 100_000, "uart": 12_000, "virtio": 200_000,
    # ACPICA itself is broken by a search of seconds, which is why it is contained (tests/suites/firmware.py): its stored
    # inputs are run.
    "aml": 0,
}  # fmt: skip
SECONDS = 900  # for a target that hangs
SECONDS_FOR_A_FAULT = 900  # over when it is found
# Tests run side by side, builds one after the other: each takes all processors.
BUILDING = threading.Lock()


def built(target, fault=None):
    try:
        with BUILDING:
            return fuzz.build(target, fault)
    except Refused as refusal:
        raise Failed(str(refusal)) from refusal


def fresh_search(target, program, seconds, name, **how):
    """From the stored corpus only: what other runs have collected must not decide a test."""
    shutil.rmtree(fuzz.OUTPUT / "corpus" / name, ignore_errors=True)
    return fuzz.search(target, program, seconds, name, **how)


def test_target(target, log):
    if not any(target.corpus.glob("*")):
        raise Failed(f"{shown(target.corpus)}: no corpus")
    done = fresh_search(target, built(target), SECONDS, f"test-{target.name}", options=[f"-runs={RUNS[target.name]}"], repeatable=True)
    log.write_text(done.text)
    if done.found:
        raise Failed(f"{done.reason}; the input: {fuzz.again(target, done.found)}")
    if done.status:
        raise Failed(f"ended with status {done.status}")


def test_fault(target, fault, log):
    """Found, and by what the fault does: the same input breaks nothing without it."""
    seed = fuzz.SEED if RUNS[target.name] else [*fuzz.SEED, "-runs=0"]
    done = fresh_search(target, built(target, fault), SECONDS_FOR_A_FAULT, f"test-{target.name}-{fault.name}", options=seed)
    log.write_text(done.text)
    if not done.found:
        raise Failed(f"not found in {SECONDS_FOR_A_FAULT} s (status {done.status}): {fault.sentence}")
    right = fuzz.run(built(target), target.options, [done.found], fuzz.OUTPUT / "found" / target.name)
    if right.status:
        raise Failed(f"breaks without the fault, too: {fuzz.again(target, done.found)}")


# The architecture makes the resumes before they are dispatched; the log's owner and watcher, and the trace, outlive a
# system of the target.
NOT_MADE = {"vcpu_resume_syscall", "vcpu_resume_user", "vcpu_resume_kernel", "log_uart", "log_watch", "trace_mask"}


def test_calls_made(targets, log):
    """The corpus makes every kernel call so that it succeeds: the target generates arguments that get past the checks."""
    target = targets["calls"]
    os.environ["FUZZ_COUNTS"] = "1"  # the target tells at its end
    done = fuzz.run(built(target), ["-runs=0"], [target.corpus], fuzz.OUTPUT / "found" / target.name)
    log.write_text(done.text)
    counts = {name: int(count) for name, count in re.findall(r"^made (\w+) (\d+) \d+$", done.text, re.MULTILINE)}
    calls = {call["name"] for call in tomllib.loads((TOP / "abi/calls.toml").read_text())["call"]}
    missing = sorted(name for name in calls - NOT_MADE if not counts.get(name))
    if missing:
        raise Failed(f"never succeeds: {', '.join(missing)}")


# Where the kernel looks whether an interrupt waits; the architecture's own, in both targets, are x86-64's.
LOOKS = "arch_preemption_pending()"
LOOKING = ("kernel/object", "kernel/arch/x86_64/guest", "kernel/arch/x86_64/memory")


def looking():
    """Where the kernel looks: ("file:line", ...)."""
    found = set()
    for path in (path for folder in LOOKING for path in sorted((TOP / folder).glob("*.c"))):
        lines = enumerate(path.read_text().splitlines(), 1)
        found |= {f"{shown(path)}:{number}" for number, line in lines if LOOKS in line}
    return found


def interrupted(program, *words):
    """Where one of them found while the program ran that an interrupt waits."""
    ran = subprocess.run(
        [program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env=os.environ | {"HOST_INTERRUPTED": "1"}, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise Failed(f"{shown(program)} ended with status {ran.returncode}: {ran.stdout[-500:]}")
    places = re.findall(r"^interrupted (0x[0-9a-f]+)$", ran.stdout, re.MULTILINE)
    lines = tool("addr2line", "-e", program, *places).decode().splitlines() if places else []
    # From the top of the repository on, wherever that lay when the object was compiled.
    return {re.sub(r"^.*/(?=kernel/)", "", line.split(" ")[0]) for line in lines}


def test_restart_points(targets, log):
    """An interrupt comes at each place where the kernel looks for one, so each call is restarted from each of these."""
    found = set()
    for name in ("calls", "batch"):
        found |= interrupted(built(targets[name]), "-runs=0", targets[name].corpus)
    by_inputs = set(found)
    if fuzz.make("host-tests").returncode:
        raise Failed("make host-tests failed")
    for program in sorted((BUILD / "host").glob("kernel-*")):
        if os.access(program, os.X_OK) and program.is_file():
            found |= interrupted(program)
    log.write_text("only by unit tests: " + " ".join(sorted(looking() & found - by_inputs)) + "\n")
    missing = sorted(looking() - found)
    if missing:
        raise Failed(f"never interrupted: {', '.join(missing)}")


# A small target, and a fault of it.
STALE = "partitions-end"


def made_again(program, *words):
    """Whether make would link it anew, and the objects it would compile."""
    made = fuzz.make("-n", "V=1", f"FAULT={STALE}", *words, shown(program))
    if made.returncode:
        raise Failed(f"make -n {shown(program)} failed: {made.stderr}")
    outputs = set(re.findall(r" -o (\S+)", made.stdout))
    return shown(program) in outputs, {output for output in outputs if output.endswith(".o")}


def test_nothing_stale(targets, faults, log):
    """A program with a fault is made again when a header changes that the file with the fault includes, or an option."""
    fault = faults[STALE]
    program, source = built(targets[fault.target], fault), fault.files[0]
    folder = program.parent / f"{fault.target}.d"
    with_fault = {shown(folder / Path(source).with_suffix(".o"))}
    headers = [word for word in (folder / Path(source).with_suffix(".d")).read_text().split() if word.endswith(".h")]
    log.write_text("\n".join(headers) + "\n")
    if made_again(program) != (False, set()):
        raise Failed("what was built just now is built again")
    for header in headers:
        linked, compiled = made_again(program, "-W", header)
        if not linked or not with_fault <= compiled:
            raise Failed(f"{header}: a change of it leaves {with_fault} as it is")
    linked, compiled = made_again(program, f"FUZZ_FLAGS_{source}=-DOTHER")
    if not linked or not with_fault <= compiled:
        raise Failed(f"another option leaves {with_fault} as it is")


def suites():
    targets, faults = fuzz.targets(), fuzz.faults()
    functions = {f"fuzz/{name}": partial(test_target, target) for name, target in targets.items()}
    functions["fuzz/calls-made"] = partial(test_calls_made, targets)
    functions["fuzz/nothing-stale"] = partial(test_nothing_stale, targets, faults)
    functions["fuzz/restart-points"] = partial(test_restart_points, targets)
    for name, fault in faults.items():
        functions[f"fuzz/fault/{name}"] = partial(found_by, targets, fault)
    return [Suite(list(functions), one_by_one(functions), apart=True, linuxes=())]


def found_by(targets, fault, log):
    if fault.target not in targets:
        raise Failed(f"{shown(fault.patch)}: there is no target {fault.target}")
    test_fault(targets[fault.target], fault, log)
