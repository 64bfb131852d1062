# SPDX-License-Identifier: MIT
"""Descriptions damaged at random: what dtc and check-system do not accept they refuse, with place and reason, and never crash."""
import random
import re

import scenario
import system
from common import Refused
from suites.testing import FOLDER, Failed, Suite, one_by_one

SOURCES = ("usb", "two", "native-sessions", "deaths", "apart", "platform-death")
CASES = 400
MEMORY = 512 << 20
TOKENS = re.compile(r'"[^"\n]*"|[A-Za-z_][\w,-]*|0x[0-9a-fA-F]+|\d+|[^\s\w]')
WORDS = ["0", "-1", "0xffffffff", "0x100000000", "99999999999999999999", "<>", "<0>", '""', '"x"', '"100G"', "&core", "&nobody", "{", "}", ";", "\x01", "é",
         "memory", "restarts", "pci", "type", "routes", "vcpus", "cpus", "core", "linux", "/delete-node/ &core;", "/include/ \"nothing.dtsi\"", "/*"]  # fmt: skip


def damaged(text, chance):
    """Some of its tokens left out, doubled, exchanged or replaced; every other time values only, which dtc takes as they are."""
    values = chance.random() < 0.5
    for _ in range(chance.randrange(1, 4)):
        tokens = [token for token in TOKENS.finditer(text) if not values or token[0][0] in '"0123456789']
        one, other = chance.choice(tokens), chance.choice(tokens)
        new = other[0] if values else chance.choice(["", one[0] + " " + one[0], other[0], chance.choice(WORDS), one[0] + chance.choice(WORDS)])
        text = text[: one.start()] + new + text[one.end() :]
    return text


def refusal(path, modules):
    """What the front door says against it; None: nothing."""
    try:
        scenario.Scenario(path)
        scenario.check(path, MEMORY, 2, modules)
    except Refused as refused:
        judge(path, str(refused))
        return str(refused)
    return None


def judge(path, said):
    if "Sanitizer" in said or "runtime error" in said:
        raise Failed(f"{path}: {said[-300:]}")
    if not re.search(r"[\w.-]+\.dtsi?:\d+[^:]*: *\S|\.dtsi?:\d+\.\d+-[\d.]+ \w", said):
        raise Failed(f"{path}: refused without place or reason: {said[:300]!r}")


def modules():
    named = [re.findall(r'(?:binary|kernel|initrd) = "([^"]+)"', path.read_text()) for path in scenario.FOLDER.rglob("*.dts*")]
    return sorted({name for names in named for name in names})


def test_damaged(log):
    system.make_all()
    path = FOLDER / "damaged.dts"
    path.parent.mkdir(parents=True, exist_ok=True)
    counts, known = {True: 0, False: 0}, modules()
    for seed in range(CASES):
        chance = random.Random(seed)
        source = scenario.FOLDER / f"{chance.choice(SOURCES)}.dts"
        path.write_text(damaged(source.read_text(), chance))
        said = refusal(path, known)
        counts[said is not None] += 1
        with open(log, "a") as report:
            report.write(f"{seed} {source.name}: {(said or 'accepted').strip().splitlines()[0]}\n")
    # Both must happen, else nothing was tried.
    if min(counts.values()) < CASES // 20:
        raise Failed(f"refused: {counts[True]}, accepted: {counts[False]}")


def test_judge(log):
    """What the test above looks for it would see."""
    log.write_text("")
    for said in ("", "no", "a.dts: no", "a.dts:3:", "a.dts:1: runtime error: x", "AddressSanitizer: a.dts:1: x"):
        try:
            judge("a.dts", said)
        except Failed:
            continue
        raise Failed(f"taken for right: {said!r}")
    judge("a.dts", "a.dts:3: the reason")
    judge("a.dts", "Error: a.dts:2.9-10 syntax error")


def suites():
    functions = {"damaged/descriptions": test_damaged, "damaged/judge": test_judge}
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
