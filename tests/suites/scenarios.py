# SPDX-License-Identifier: MIT
"""Scenarios that say what they print: run until it has appeared, in order."""
import options as run_options
import qemu_run
import scenario
import system
from suites import faulty
from suites.testing import PATIENCE, Failed, Suite, one_by_one

# What counts in instructions wants a machine whose time is counted in them.
COUNTED = {name: ["--smp", "1", "--icount"] for name in ("latency", "slow-reset")}


# Components with a fault made for the test, and what the scenario says then.
CONTROLS = {
    "edu-attack": (
        {"platform": "platform-open"},
        ["out of reach: memory that was never attached", "DAMAGED: a page that was freed", "DAMAGED: registers of a neighbour"],
    ),
    "edu-attack-amd": (
        {"platform": "platform-open"},
        ["out of reach: memory that was never attached", "DAMAGED: a page that was freed", "DAMAGED: registers of a neighbour"],
    ),
    "turnover": ({"platform": "platform-leaking"}, ["FAILED memory of the platform component"]),
    "slow-reset": ({"platform": "platform-one-turn"}, ["[steady] FAILED no round waited for a reset"]),
}
# The same for a kernel with a fault.
FAULTY = {
    "hoards": (
        [("kernel/object/account.c", "parent->depth + 1 >= ACCOUNT_DEPTH_MAX || pages == 0", "pages == 0")],
        ["FAILED accounts in accounts are limited"],
    ),
}


def test(name, variants=None, expect=None, changes=None):
    def run(log):
        one = scenario.load(name)
        options = run_options.parse([name, *COUNTED.get(name, [])])
        options.variants = variants or {}
        if changes:
            system.make_all()
            options.kernel = faulty.build(log.stem, changes)
        system.build(options)
        with qemu_run.prepared(options) as prepared:
            prepared.log = log
            missing = qemu_run.observe(prepared, expect or one.expect, one.timeout * PATIENCE)
        if missing:
            raise Failed(f"within {one.timeout * PATIENCE} s this did not appear: {missing[0]!r}")

    return run


def suites():
    texts = {name: scenario.source(name).read_text() for name in scenario.names()}
    names = [name for name, text in texts.items() if "expect = " in text]
    functions = {f"scenario/{name}": test(name) for name in names}
    functions |= {f"scenario/{name}-control": test(name, variants, found) for name, (variants, found) in CONTROLS.items()}
    functions |= {f"scenario/{name}-control": test(name, expect=found, changes=made) for name, (made, found) in FAULTY.items()}
    linux = {f"scenario/{name}" for name, text in texts.items() if 'type = "linux"' in text} & set(functions)
    return [
        Suite([name for name in functions if name not in linux], one_by_one(functions), linuxes=()),
        Suite(sorted(linux), one_by_one(functions)),
    ]
