# SPDX-License-Identifier: MIT
"""Scenarios in Bochs, which has what QEMU's interpreter lacks; and kernels with faults that it has to find."""
import tempfile
from pathlib import Path

import bochs
import disc as discs
import options as run_options
import packages
import scenario
import system
from common import TOP
from suites import faulty
from suites.testing import Failed, Suite, one_by_one

SECONDS = 900  # for a machine that hangs; the runs take seconds
FEATURES = "processor features: PCID, INVPCID, x2APIC, TSC-deadline, SMEP, SMAP"
SLICES = TOP / "tests/bochs"
# Has IBRS, IBPB and UMIP besides.
WITH_BARRIERS = "tigerlake"
OPEN_TO_SPECTRE = "Spectre 2"


def run_in_bochs(name, log, wanted, model=bochs.MODEL, kernel=None, smp=2, words=""):
    """Build the scenario (a name or a path), boot it, keep both logs. `words`: of the kernel's command line."""
    packages.need("run Bochs", packages.BOCHS)
    options = run_options.parse([str(name), "--smp", str(smp)])
    system.build(options)
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        disc = Path(folder) / "disc.iso"
        discs.make(options, disc, wait=0, kernel=kernel or system.KERNEL, words=words)
        result = bochs.run(bochs.Machine(disc, model, smp), folder, wanted, SECONDS)
    log.write_text(result.text)
    log.with_suffix(".bochs").write_bytes(result.bochs_log)
    return result


def expect(result, wanted):
    """All texts came, and nothing panicked."""
    if result.why == bochs.PANICKED:
        raise Failed(bochs.panic_text(result))
    if result.missing:
        raise Failed(f"{result.why}: {result.missing[0]!r} did not appear")


def test_scenario(name, model=bochs.MODEL):
    def run(log):
        wanted = [FEATURES, *scenario.load(str(name)).expect]
        result = run_in_bochs(name, log, wanted, model)
        expect(result, wanted)
        if model == WITH_BARRIERS and OPEN_TO_SPECTRE in result.text:
            raise Failed("the kernel does not know the processor's barriers")

    return run


def test_control(name, faults, found):
    """A kernel with these faults is found out: by a panic whose reason holds `found`, or by failed checks, in order."""

    def run(log):
        system.make_all()
        kernel = faulty.build(log.stem, faults)
        wanted = [FEATURES, *found] if isinstance(found, list) else scenario.load(name).expect
        result = run_in_bochs(name, log, wanted, kernel=kernel)
        seen = not result.missing if isinstance(found, list) else result.why == bochs.PANICKED and found in bochs.panic_text(result)
        if not seen:
            raise Failed(f"nobody noticed the fault: {result.why}")

    return run


ENTRY, ISOLATED, TLB = "kernel/arch/x86_64/entry/entry.S", "kernel/arch/x86_64/entry/isolated.S", "kernel/arch/x86_64/memory/tlb.c"
# What is broken on purpose, and who has to notice.
CONTROLS = {
    "rip": (
        "guest", [(ENTRY, "\tjnz	bad_rip_user\n", "")],
        ["guest: stopped: the processor refuses to return to it, 800000000000", "FAILED the guest came to its end"],
    ),
    "rip-and-refusal": (
        "guest", [(ENTRY, "\tjnz	bad_rip_user\n", ""), (ISOLATED, "\tje	return_refused\n", "")],
        "canonical RIP violation",
    ),
    "kernel-half": (
        "guest", [(TLB, "invpcid(3, 0, 0);", "(void)0;")],
        ["FAILED table: kernel half, taken away", "FAILED kernel half unmapped"],
    ),
    "lower-half": (
        "guest-several", [(TLB, "invpcid(0, pcid, batch->page[i]);", "(void)0;")],
        ["FAILED page unmapped, kernel mode"],
    ),
    "one-processor": (
        "guest-several", [(TLB, "request.batch = batch;\n\trequest.gone = 0;\n\task(*processors);", "request.batch = batch;\n\trequest.gone = 0;\n\task(*processors & ~2ull);")],
        ["FAILED page unmapped, kernel mode"],
    ),
    "one-page": (
        "translations", [(TLB, "invpcid(0, pcid, batch->page[i]);", "(void)0;")],
        ["FAILED   the child has had the page"],
    ),
    "shoot-down": (
        "translations", [(TLB, "flush_ids(request.id, request.second_id, request.batch);", "(void)0;")],
        ["ok a page unmapped under a thread of another processor", "FAILED   the child has faulted", "FAILED   and saw nothing newer"],
    ),
}  # fmt: skip


def suites():
    functions = {f"bochs/{name}": test_scenario(name) for name in ("hello", "guest", "guest-several", "native-sessions", "translations", "kernel-bench", "deaths", "faults")}
    functions |= {f"bochs/{path.stem}": test_scenario(path) for path in sorted(SLICES.glob("*.dts"))}
    functions["bochs/guest-with-barriers"] = test_scenario("guest", WITH_BARRIERS)
    functions |= {f"bochs/control-{name}": test_control(*control) for name, control in CONTROLS.items()}
    return [Suite(list(functions), one_by_one(functions), apart=True, linuxes=())]
