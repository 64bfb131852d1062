# SPDX-License-Identifier: MIT
"""A program's intervals (bench/mark.h) with all instructions of the machine counted (bench/total.c)."""
import re

import initramfs
import options as run_options
import packages
import qemu_run
import system
from bench import results
from common import LINUX_VERSIONS, TOP, Refused, say, tool

# Ticks while the machine waits for a busy host only add: the least of several rounds counts.
ROUNDS = 3
ROW = re.compile(r"^row (\S+) (\d+)\r?$", re.MULTILINE)
INTERVAL = re.compile(r"^interval (\d+)$", re.MULTILINE)


def prepare():
    packages.need("run the benchmark", packages.RUN + packages.linux_sources([LINUX_VERSIONS[0]]))
    system.make_all()
    tool("make", "-s", "-C", TOP, "bench")
    initramfs.build()


def least(rows, said, intervals):
    """Of each row the least instructions for an operation; None: the rows or intervals are not those of all rounds."""
    found = ROW.findall(said)
    if [row for row, _ in found] != [*rows] * ROUNDS or len(intervals) != len(found):
        return None
    costs = [total / int(count) for (_, count), total in zip(found, intervals)]
    return [min(costs[i :: len(rows)]) for i in range(len(rows))]


def run(name, words, commands, rows, before=(), qemu=(), heard=None):
    """
    The instructions for one operation of each of `rows`, which the commands print in this order. The programs they begin
    with are bench/NAME; `before` is done once. `heard` gets what the machine says, as it comes.
    """
    stem = results.OWN / re.sub(r"\W+", "-", name)
    counted, said = stem.with_suffix(".count"), bytearray()
    counted.unlink(missing_ok=True)

    def sink(data):
        said.extend(data)
        if heard:
            heard(data)

    # While a machine waits for its host, its clock goes on, and ticks cost instructions: so idle time passes as on the host.
    all_commands = [*before, *(f"/bench/{command}" for command in [*commands] * ROUNDS)]
    options = run_options.parse([*words, "--smp", "1", "--icount", "--exec", " && ".join(all_commands)])
    options.qemu = ["-icount", "sleep=on", "-plugin", f"{results.OWN / 'total'}.so,out={counted}", *qemu]
    programs = {command.split()[0] for command in commands}
    options.extra_files = {f"bench/{program}": ((results.OWN / program).read_bytes(), 0o755) for program in programs}
    system.build(options)
    say(f"measuring: {name}")
    with qemu_run.prepared(options) as one:
        one.log = stem.with_suffix(".log")
        qemu_run.execute(one, sink)
    intervals = [int(count) for count in INTERVAL.findall(counted.read_text() if counted.exists() else "")]
    costs = least(rows, said.decode(errors="replace"), intervals)
    if not costs:
        raise Refused(f"{name}: not all rows were measured; log: {one.log}", 1)
    return costs
