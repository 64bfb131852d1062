# SPDX-License-Identifier: MIT
"""
Each server and each client dies at every message: each death is told, nothing hangs and nothing is left. All of it
is done three times. What is free or held at a life of the third round has to be what it was at that life of the second.
"""
import re

import options as run_options
import qemu_run
import system
from common import TOP
from suites.testing import FOLDER, Failed, Suite, expect_equal, one_by_one

DESCRIPTION = TOP / "tests/components/deaths/every-message.dts"
SECONDS = 600
ENDS = ["visitor asks for the machine's power-off"]
VARIANTS = {"core": "core-census", "init": "init-census", "uart": "uart-fatal", "platform": "platform-fatal"}
VARIANTS |= {"echo-server": "echo-fatal-none"}
SHORT = {"fates": "fates-short"}
SERVERS = ("uart", "platform", "echo")
COUNTED = ("core", "init", *SERVERS)
# After so many clients a server has the threads that it keeps for all others.
WARM_UP = 2
# A thread keeps the capability that it has replied with until its next request: four open sessions.
RESERVE = {"platform": 4}
# What each fault that is made for the test (variants of components) is found by.
FAULTS = {
    "leak-in-server": ({"echo-server": "echo-fatal-leak"}, ENDS, "echo holds something else after a client"),
    "leak-in-init": ({"init": "init-census-leak"}, ENDS, "FAILED free pages"),
    "silence": ({"echo-server": "echo-fatal-silence"}, ["[init] echo: does not answer"], "does not answer"),
}


def run(log, ends, variants):
    options = run_options.parse([str(DESCRIPTION), "--smp", "1"])
    options.variants = VARIANTS | variants
    system.build(options)
    with qemu_run.prepared(options) as prepared:
        prepared.log = log
        missing = qemu_run.observe(prepared, ends, SECONDS)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    return log.read_text(errors="replace").splitlines()


def check_deaths(lines):
    """init names who died, and why, before anybody dies again."""
    pending = None
    for line in lines:
        death = re.match(r"\[fates\] (?:(the client) dies|death) at message \d+ of (\w+), operation", line)
        if death and pending:
            raise Failed(f"init says nothing of the death of {pending} before: {line}")
        if death:
            pending = "visitor" if death[1] else death[2]
        elif pending and line.startswith(f"[init] {pending}: ") and not line.endswith(": is started again"):
            pending = None


def censuses(lines):
    """For each round, for each life to be compared: what each component held."""
    rounds, life = [[]], {}
    for line in lines:
        census = re.match(r"\[(\w+)\] census: (.*)", line)
        if census:
            life[census[1]] = census[2]
        elif line.startswith("[fates] life "):
            if line.endswith("to be compared"):
                rounds[-1].append(life)
            life = {}
        elif line.startswith("[fates] end of round"):
            rounds.append([])
    return rounds


def check_held(lines):
    _, before, after = censuses(lines)[:3]
    for life, (was, now) in enumerate(zip(before, after, strict=True)):
        for name in COUNTED:
            if was[name] != now[name]:
                raise Failed(f"{name} holds something else at life {life} of round 2: {now[name]}, not {was[name]}")


def changed(name, was, now):
    (slots, *others), (slots_now, *others_now) = was, now
    return others != others_now or abs(slots_now - slots) > RESERVE.get(name, 0)


def check_servers(lines):
    """As long as a server lives, whoever died at it has left nothing there."""
    held = {}
    for line in lines:
        census = re.match(r"\[(\w+)\] census: (.*)", line)
        restart = re.match(r"\[init\] (\w+): is started again", line)
        if restart:
            held.pop(restart[1], None)
        elif census and census[1] in SERVERS:
            name, now = census[1], [int(number) for number in re.findall(r"\d+", census[2])]
            before = held.setdefault(name, [])
            before.append(now)
            if before[WARM_UP:] and changed(name, before[WARM_UP], now):
                raise Failed(f"{name} holds something else after a client: {now}, not {before[WARM_UP]}")


def check(lines):
    for line in lines:
        if "FAILED" in line or "does not answer" in line:
            raise Failed(line)
    if not any(re.fullmatch(r"\[fates\] \d+ passed, 0 failed", line) for line in lines):
        raise Failed("the fates have not come to an end")
    check_deaths(lines)
    check_held(lines)
    check_servers(lines)


def test_all(log):
    check(run(log, ENDS, {}))


def test_fault(name):
    variants, ends, found = FAULTS[name]

    def test(log):
        lines = run(log, ends, SHORT | variants)
        try:
            check(lines)
        except Failed as failure:
            if found in str(failure):
                return
            raise
        raise Failed(f"nobody found the fault: {found!r} was to be said")

    return test


NEVER_BACK = """/include/ "platform-death.dts"
/ { components { platform { restarts = <0>; }; owner { on-fault = "stop"; }; }; };
"""
KEPT = "[init] platform: what its devices may still reach stays taken: memory and interrupts"


def test_never_back(log):
    """Nobody silences the devices of a platform component that stays away: what they reach is told, once."""
    path = FOLDER / "never-back.dts"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(NEVER_BACK)
    options = run_options.parse([str(path), "--smp", "1"])
    system.build(options)
    with qemu_run.prepared(options) as prepared:
        prepared.log = log
        missing = qemu_run.observe(prepared, [KEPT, "[init] platform: stays away", "[init] owner: stays away"], SECONDS, in_order=False)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    expect_equal("times it was told", log.read_text(errors="replace").count(KEPT), 1)


def suites():
    functions = {"deaths/every-message": test_all, "deaths/never-back": test_never_back}
    functions |= {f"deaths/finds-{name}": test_fault(name) for name in FAULTS}
    return [Suite(list(functions), one_by_one(functions))]
