# SPDX-License-Identifier: MIT
"""Scenarios that say what they print: run until it has appeared, in order, within their time limit."""
import options as run_options
import qemu_run
import scenario
import system
from suites.testing import Failed, Suite, one_by_one

# What counts in instructions wants a machine whose time is counted in them.
COUNTED = {"latency": ["--smp", "1", "--icount"]}


def test(name):
    def run(log):
        one = scenario.load(name)
        options = run_options.parse([name, *COUNTED.get(name, [])])
        system.build(options)
        with qemu_run.prepared(options) as prepared:
            prepared.log = log
            missing = qemu_run.observe(prepared, one.expect, one.timeout)
        if missing:
            raise Failed(f"within {one.timeout} s this did not appear: {missing[0]!r}")

    return run


def suites():
    names = [name for name in scenario.names() if 'expect = ' in scenario.source(name).read_text()]
    functions = {f"scenario/{name}": test(name) for name in names}
    return [Suite(list(functions), one_by_one(functions))]
