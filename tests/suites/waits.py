# SPDX-License-Identifier: MIT
"""
How long processors wait for each other: for the kernel's lock, and until others have flushed their TLBs. The debug
kernel measures it in Bochs, whose processors run in step: a tick is an instruction of each.
"""
import re

import system
from suites import bochs
from suites.testing import FOLDER, Failed, Suite, one_by_one

# docs/latency.md. The lock: each other processor holds it once, for as long as a call may take.
LOCK_LIMIT = 50000
FLUSH_LIMIT = 5000
# What the component does has to have made processors wait.
LEAST_TIMES = 20
LINE = re.compile(r"waited for (the lock|flushes): (\d+) ticks at most, (\d+) times")
# `enum damage` in kernel/checks_on/damage.h.
LATE_ANSWER, LONG_HOLD = 14, 15

DESCRIPTION = """/include/ "waiting.dts"
/ {{ components {{ waiting {{ cpus = <{cpus}>; }}; }}; }};
"""


def measure(processors, log, words=""):
    """{what was waited for: ticks}"""
    path = FOLDER / f"waiting-{processors}.dts"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(DESCRIPTION.format(cpus=" ".join(str(number) for number in range(processors))))
    system.make_all()
    wanted = ["[waiting] ", " passed, 0 failed", "waited for the lock", "waited for flushes", " times"]
    bochs.expect(bochs.run_in_bochs(path, log, wanted, kernel=system.DEBUG_KERNEL, smp=processors, words=words), wanted)
    found = {}
    for what, ticks, times in LINE.findall(log.read_text(errors="replace")):
        if int(times) < LEAST_TIMES:
            raise Failed(f"processors waited for {what} {times} times only: that proves nothing")
        found[what] = int(ticks)
    return found


def late(found, processors):
    limits = {"the lock": LOCK_LIMIT * (processors - 1), "flushes": FLUSH_LIMIT}
    return {what: ticks for what, ticks in found.items() if ticks > limits[what]}


def test_waits(processors):
    def run(log):
        found = measure(processors, log)
        if late(found, processors):
            raise Failed(f"a processor waited too long: {late(found, processors)}")

    return run


def test_finds(damage, what):
    def run(log):
        found = measure(2, log, f"damage={damage}")
        if what not in late(found, 2):
            raise Failed(f"nobody noticed the fault: {found}")

    return run


def suites():
    functions = {f"waits/{processors}-processors": test_waits(processors) for processors in (2, 4)}
    functions["waits/finds-late-answer"] = test_finds(LATE_ANSWER, "flushes")
    functions["waits/finds-long-hold"] = test_finds(LONG_HOLD, "the lock")
    return [Suite(list(functions), one_by_one(functions))]
