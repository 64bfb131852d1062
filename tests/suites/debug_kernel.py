# SPDX-License-Identifier: MIT
"""The debug kernel: scenarios run on it as on the other, and each of its checks finds the fault that is made for it."""
import hashlib
import re
from functools import partial

import options as run_options
import qemu_run
import scenario
import system
from suites import usb
from suites.testing import Failed, Suite, expect_equal, in_linux, one_by_one

SCENARIOS = ("guest", "guest-fuzz", "call-fuzz", "native-sessions", "translations", "deaths", "storm")
# `enum damage` in kernel/checks_on/damage.h, what the check says, and where: "guest" if nothing else is said.
DAMAGES = {
    "privilege": (1, "leaves with the right to use ports"),
    "segment": (2, "leaves with segments of the kernel"),
    "address": (3, "which is no address"),
    "root": (4, "leaves with a root that is not its own"),
    "foreign-page": (5, "is of no attachment, or has more rights"),
    "uncached-memory": (6, "is of no attachment, or has more rights"),
    "write-to-freed-page": (7, "a freed page was written to"),
    "stale-translation": (8, "a freed page was written to", "translations"),
    "lost-credit": (9, "account->used == pages"),
    "lost-reference": (10, "object->references == at->references"),
    "lost-wakeup": (11, "said[state] == queued[state]"),
    "lost-timeout-order": (12, "timeout->rank == ", "latency"),
}
DAMAGE_SECONDS = 60
# The checks cost time: a scenario's limit is for the kernel without.
SLOWER = 4


def observe(name, log, wanted, seconds, qemu=(), words=()):
    options = run_options.parse([name, "--debug-kernel", *words])
    options.qemu = list(qemu)
    system.build(options)
    with qemu_run.prepared(options) as prepared:
        prepared.log = log
        missing = qemu_run.observe(prepared, wanted, seconds)
    if missing:
        raise Failed(f"within {seconds} s this did not appear: {missing[0]!r}")


def test_scenario(name, log):
    one = scenario.load(name)
    observe(name, log, one.expect, one.timeout * SLOWER)
    no_panic(log)


def no_panic(log):
    if "kernel panic: " in log.read_text(errors="replace"):
        raise Failed("the kernel panicked")


# Processes that come and go and share their pages, files that come and go, sums of what was written.
LOAD = """
for i in $(seq 150); do echo $i | sed s/^/a/ | sort > /tmp/word; cat /tmp/word; done | sha256sum
for i in 1 2 3; do (seq 20000 | sort -n | sha256sum) & done; wait
for i in 1 2 3; do dd if=/dev/zero of=/tmp/zeros bs=1M count=16 2>/dev/null; sha256sum < /tmp/zeros; rm /tmp/zeros; done
"""
LINUX_SECONDS = 480


def digest(data):
    return hashlib.sha256(data).hexdigest() + "  -\n"


def test_linux(log):
    output = in_linux(["linux", "--debug-kernel", "--exec", LOAD], log, LINUX_SECONDS)
    words = digest(b"".join(b"a%d\n" % i for i in range(1, 151)))
    numbers = digest(b"".join(b"%d\n" % i for i in range(1, 20001)))
    expect_equal("exit status", output.status, 0)
    expect_equal("sums", output.text, words + 3 * numbers + 3 * digest(bytes(16 << 20)))
    no_panic(log)


def test_usb(log):
    """Its driver has memory pinned, interrupts bound and registers mapped."""
    usb.test_sums(("usb", "--debug-kernel", "--timeout", str(LINUX_SECONDS)), "vfat", False)(log)
    no_panic(log)


def test_damage(name, log):
    number, text, scene = (*DAMAGES[name], "guest")[:3]
    observe(scene, log, ["kernel panic: check: ", text], DAMAGE_SECONDS, ["-append", f"damage={number}"])


def test_times(log):
    """An emulator that counts instructions gives those: more than what is not worth telling."""
    observe("guest", log, [" passed, 0 failed"], DAMAGE_SECONDS * SLOWER, words=("--icount", "--smp", "1"))
    found = re.findall(r"interrupts off: (\d+) ticks, (.*?)\r?\n", log.read_text(errors="replace"))
    table = {way: max(int(ticks) for ticks, other in found if other == way) for _, way in found}
    for way in ("call memory_create", "call object_destroy", "call vcpu_apply"):
        if table.get(way, 0) < 1000:
            raise Failed(f"no time for {way!r}: {table}")


def suites():
    functions = {f"debug-kernel/{name}": partial(test_scenario, name) for name in SCENARIOS}
    functions |= {f"debug-kernel/finds-{name}": partial(test_damage, name) for name in DAMAGES}
    functions["debug-kernel/linux"] = test_linux
    functions["debug-kernel/usb"] = test_usb
    functions["debug-kernel/times"] = test_times
    return [Suite(list(functions), one_by_one(functions))]
