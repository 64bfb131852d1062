# SPDX-License-Identifier: MIT
"""A processor that lacks what Purlin needs is refused in one line, before anything else; any other boots."""
import options as run_options
import qemu_run
import scenario
import system
from suites.testing import Failed, Suite, expect_equal, one_by_one

SCENARIO = "guest"
SECOND = "socket-id=1,core-id=0,thread-id=0"
REFUSED = {
    "qemu64": (["-cpu", "qemu64"], "Purlin cannot run on this processor: it lacks FSGSBASE, XSAVE"),
    "nehalem": (["-cpu", "Nehalem"], "Purlin cannot run on this processor: it lacks FSGSBASE, XSAVE"),
    "xsave-without-leaf": (["-cpu", "Nehalem,+fsgsbase,+xsave"], "Purlin cannot run on this processor: it lacks XSAVE"),
    "no-nx": (["-cpu", "max,-nx,-pat"], "Purlin cannot run on this processor: it lacks PAT, NX"),
}
# The second processor differs from the first: after the kernel's first lines, nothing but the refusal.
SECOND_REFUSED = {
    "second-without-smap": ("smap=off,smep=off", "Purlin cannot run on processor 1: it lacks SMEP, SMAP, which the first one has"),
    "second-without-fsgsbase": ("fsgsbase=off", "Purlin cannot run on processor 1: it lacks FSGSBASE, which the first one has"),
}
BOOTS = {
    "no-smap": "max,-smap",
    "no-xsaveopt": "max,-xsaveopt",
    "no-avx": "max,-avx",
    "no-large-pages": "max,-pdpe1gb",
}
# What the kernel says of models of processors, as QEMU's emulation offers them: without microcode's help, and without TSX.
INTEL = "Meltdown, Spectre 2 (kernel), Spectre 2 (between components), BHI, MDS, MMIO stale data, RFDS, GDS"
ZEN = "Spectre 2 (kernel), Spectre 2 (between components), SRSO (kernel)"
OPEN = {
    "Skylake-Server": INTEL, "Cascadelake-Server": INTEL, "Icelake-Server": INTEL, "EPYC": ZEN, "EPYC-Rome": ZEN, "Dhyana": ZEN,
    "EPYC-Milan": f"{ZEN}, TSA",
}  # fmt: skip
OPEN_SCENARIO = "hello"
SECONDS = 300


def run(log, arguments, wanted, name=SCENARIO):
    options = run_options.parse([name, "--", *arguments])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS)
    lines = log.read_text(errors="replace").splitlines()
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    if any("panic" in line for line in lines):
        raise Failed("a panic, where a line was to say what is missing")
    return lines


def refused(arguments, line):
    return lambda log: expect_equal("the log", run(log, arguments, [line]), [line])


def second_refused(differs, line):
    arguments = ["-smp", "1,sockets=2,maxcpus=2", "-device", f"max-x86_64-cpu,{differs},{SECOND}"]
    return lambda log: expect_equal("the last line", run(log, arguments, [line])[-1], line)


def boots(cpu):
    return lambda log: run(log, ["-cpu", cpu], scenario.load(SCENARIO).expect) and None


def is_open(cpu, faults):
    line = f"warning: processor open to {faults}: components may read memory of others"
    return lambda log: run(log, ["-cpu", f"{cpu},check=off"], [line, *scenario.load(OPEN_SCENARIO).expect], OPEN_SCENARIO) and None


def suites():
    functions = {f"processor/{name}": refused(*what) for name, what in REFUSED.items()}
    functions |= {f"processor/{name}": second_refused(*what) for name, what in SECOND_REFUSED.items()}
    functions |= {f"processor/{name}": boots(cpu) for name, cpu in BOOTS.items()}
    functions |= {f"processor/open-{cpu}": is_open(cpu, faults) for cpu, faults in OPEN.items()}
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
