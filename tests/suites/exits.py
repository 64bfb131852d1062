# SPDX-License-Identifier: MIT
"""The ways out of the kernel, met by gdb: an IRETQ that faults, an NMI or a machine check between SWAPGS and IRETQ."""
import re
import subprocess
import threading

import options as run_options
import qemu_run
import scenario
import system
from command_debug import PATIENCE
from machine import observed
from suites.testing import Failed, Suite, one_by_one

SCENARIO = "guest"
SECONDS = 300
# SWAPGS is three bytes, the last instruction before these.
PLACES = ("iret_event", "iret_resume", "iret_thread")
BAD_SELECTOR = "set {unsigned long}($rsp + 8) = 0x23"
MACHINE_CHECK = "monitor mce 0 0 0xbd00000000000000 0x5 0 0"
# The frame of a second #DB, which comes before the first instruction for the first one: RIP and CS.
SECOND_DEBUG = ("set {unsigned long}($rsp + 16) = ((unsigned long *)&exception_entries)[1]", "set {unsigned long}($rsp + 24) = 8")
REFUSED = "the processor refuses to return to it"


def at(place, *then):
    return [f"hbreak *{place}", "continue", *then, "delete"]


def gdb_log(log):
    return log.with_suffix(".gdb")


def run(log, commands, wanted):
    """What is missing of the texts wanted, when gdb has given the commands and the machine has gone on."""
    options = run_options.parse([SCENARIO, "--smp", "1"])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        socket = one.folder / "gdb"
        options.qemu += ["-S", "-gdb", f"unix:{socket},server=on,wait=off"]
        words = ["gdb", "-q", "-batch", "-ex", "set confirm off", "-ex", f"file {system.KERNEL}", "-ex", PATIENCE, "-ex", f"target remote {socket}"]
        for command in [*commands, "continue"]:
            words += ["-ex", command]
        with qemu_run.qemu(one.command(observed(log))) as machine, open(gdb_log(log), "w") as said:
            limit = threading.Timer(SECONDS, qemu_run.stop, [machine])
            limit.start()
            qemu_run.wait_for_socket(socket, machine)
            debugger = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, start_new_session=True)
            missing = read(machine, wanted)
            limit.cancel()
            qemu_run.stop(machine)
            debugger.wait(SECONDS)
    return missing


def read(machine, wanted):
    missing, seen = list(wanted), b""
    while missing and (data := machine.stdout.read1(1 << 16)):
        seen += data
        while missing and missing[0].encode() in seen:
            seen = seen.split(missing.pop(0).encode(), 1)[1]
    return missing


def expected():
    return scenario.load(SCENARIO).expect


def test(commands, wanted, panics=False):
    """`wanted` gives the texts when the test runs: tests are listed where no description can be compiled yet."""

    def function(log):
        missing = run(log, commands, wanted())
        if missing:
            raise Failed(f"this did not appear: {missing[0]!r}")
        # The machine met each place: gdb says where it stopped.
        said = gdb_log(log).read_text(errors="replace")
        stops = len(re.findall(r"^(?:Thread \d+ hit )?Breakpoint \d+, ", said, re.MULTILINE))
        if stops < sum(command == "continue" for command in commands):
            raise Failed(f"gdb stopped {stops} times only: see {gdb_log(log)}")
        if not panics and "panic" in log.read_text(errors="replace"):
            raise Failed("a panic")

    return function


def suites():
    # Behind the guest that was stopped the others have their turn: the machine goes on.
    functions = {
        f"exit/refused-{place.removeprefix('iret_')}": test(at(place, BAD_SELECTOR), lambda: [REFUSED, " passed, "])
        for place in ("iret_event", "iret_resume")
    }
    for place in PLACES:
        name = place.removeprefix("iret_")
        before = []
        for where in (f"{place} - 3", place):
            before += [*at(where, "monitor nmi"), *at("entry_isolated")]
        functions[f"exit/nmi-{name}"] = test(before, expected)
        functions[f"exit/machine-check-{name}"] = test(
            at(place, MACHINE_CHECK), lambda: ["kernel panic: exception 18 (machine check)", "cr2"], True
        )
    # The guest is told of a #DB at address 0, and the machine goes on.
    functions["exit/second-debug"] = test(at("entry_debug", *SECOND_DEBUG), lambda: ["FAILED", " passed, "])
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
