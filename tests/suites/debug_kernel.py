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
from suites.testing import PATIENCE, Failed, Suite, expect_equal, in_linux, one_by_one

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
    # 13 to 15 are times, found by other tests.
    "native-page-of-another": (16, "differs & PTE_ADDRESS"),
    "native-right-too-many": (17, "differs & ~(PTE_ADDRESS"),
    "native-uncached-memory": (18, "differs & CACHE_BITS"),
    "native-page-of-no-region": (19, "checks_on/leaves.c"),
    "uncached-region": (20, "region_cache_right(region)"),
    "kernel-open": (21, "!(entry & PTE_USER)"),
    "kernel-text-written": (22, "image_data_start"),
    "uncached-kernel-half": (23, "allowed, "),
}
DAMAGE_SECONDS = 300
# The checks cost time: a scenario's limit is for the kernel without.
SLOWER = 4 * PATIENCE


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
LINUX_SECONDS = 1200


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


# On an emulator that counts instructions, with one processor: nothing else is in the times.
COUNTED = ("--icount", "--smp", "1")
LIMIT = 50000  # docs/latency.md
COUNTED_LOAD = """
for i in $(seq 60); do echo $i | sed s/^/a/ | sort > /tmp/word; cat /tmp/word; done | sha256sum
for i in 1 2 3; do (seq 2000 | sort -n | sha256sum) & done; wait
dd if=/dev/zero of=/tmp/zeros bs=1M count=16 2>/dev/null; sha256sum < /tmp/zeros; rm /tmp/zeros
"""


def longest_waits(log):
    found = re.findall(r"interrupts off: (\d+) ticks, (.*?)\r?\n", log.read_text(errors="replace"))
    return {way: max(int(ticks) for ticks, other in found if other == way) for _, way in found}


def expect_short(log, ways):
    """No interrupt waited longer than the limit; what is not worth telling proves nothing."""
    table = longest_waits(log)
    for way in ways:
        if table.get(way, 0) < 1000:
            raise Failed(f"no time for {way!r}: {table}")
    late = {way: ticks for way, ticks in table.items() if ticks > LIMIT}
    if late:
        raise Failed(f"more than {LIMIT} instructions with interrupts off: {late}")


def test_times(name, ways, log):
    """Whatever the component says: its own measuring has the checks in it."""
    observe(name, log, [" passed, "], scenario.load(name).timeout * SLOWER, words=COUNTED)
    expect_short(log, ways)


def test_finds_long_wait(log):
    observe("guest", log, [" passed, "], scenario.load("guest").timeout * SLOWER, ["-append", "damage=13"], COUNTED)
    try:
        expect_short(log, ())
    except Failed:
        return
    raise Failed(f"a call of {LIMIT + 10000} instructions was not noticed")


def test_times_linux(log):
    output = in_linux(["linux", "--debug-kernel", *COUNTED, "--exec", COUNTED_LOAD], log, LINUX_SECONDS)
    expect_equal("exit status", output.status, 0)
    no_panic(log)
    expect_short(log, ("call object_destroy", "call vcpu_apply", "batch"))


TIMES = {
    "guest": ("call memory_create", "call object_destroy", "call vcpu_apply", "call space_create"),
    "latency": ("call memory_map", "call guest_map", "call guest_unmap", "call object_destroy", "call memory_create"),
    "hoards": ("call object_destroy",),
}


def suites():
    functions = {f"debug-kernel/{name}": partial(test_scenario, name) for name in SCENARIOS}
    functions |= {f"debug-kernel/finds-{name}": partial(test_damage, name) for name in DAMAGES}
    functions["debug-kernel/finds-long-wait"] = test_finds_long_wait
    functions["debug-kernel/linux"] = test_linux
    functions["debug-kernel/usb"] = test_usb
    functions |= {f"debug-kernel/times-{name}": partial(test_times, name, ways) for name, ways in TIMES.items()}
    functions["debug-kernel/times-linux"] = test_times_linux
    return [Suite(list(functions), one_by_one(functions))]
