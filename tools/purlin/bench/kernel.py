# SPDX-License-Identifier: MIT
"""./purlin bench kernel: what the kernel's own operations cost, by the component kernel-bench."""
import re

import options as run_options
import qemu_run
import system
from bench import results, rows, table
from common import Refused, say, shown

SCENARIO = "kernel-bench"
PLACE = "kernel"
CURRENCY = "kernel"
LINE = re.compile(r"^\[kernel-bench\] (\S+) ([0-9.]+) (\w+)\r?$", re.MULTILINE)
END = "[kernel-bench] all measured"
SECONDS = 300


def parse(text):
    """{test: record} of the component's lines."""
    found = LINE.findall(text)
    if any(unit != "instructions" for _, _, unit in found):
        raise Refused("kernel-bench: the machine's time stamps do not count instructions", 1)
    return {
        name: {"value": float(value), "unit": unit, "operations": 1, "spread": 0.0} for name, value, unit in found
    }


def measure():
    options = run_options.parse([SCENARIO, "--smp", "1", "--icount"])
    system.build(options)
    log = results.OWN / "kernel.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    say("measuring: the kernel")
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, [END], SECONDS)
    if missing:
        raise Refused(f"kernel-bench did not come to its end; see {shown(log)}", 1)
    result = results.empty(CURRENCY)
    tests = parse(log.read_text(errors="replace"))
    result["places"][PLACE] = {"kernel": "Purlin", "title": "the microkernel", "base": None, "tests": tests}
    return result


def text(result):
    lines = [["", "instructions", "aim"]]
    for test, one in result["places"][PLACE]["tests"].items():
        row = rows.row(test)
        missed = row.most is not None and one["value"] > row.most
        lines.append([row.title, table.number(one["value"]), row.aim_text() + (" missed" if missed else "")])
    return table.laid_out(lines)
