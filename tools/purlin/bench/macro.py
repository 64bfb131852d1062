# SPDX-License-Identifier: MIT
"""./purlin bench macro: whole programs, in instructions of the machine, natively and on Purlin."""
import re
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import replace

import options as run_options
from bench import instances, machines, macro_groups, measure, places, programs, results
from common import Refused, say

CURRENCY = "macro"
SCENARIO = "bench"
MEMORY = "2G"
INSTANCES = "instances"
KERNEL_LINE = re.compile(r"^(?:\[kernel\] )?cpus \d+, memory (\d+) MiB, .*bundle (\d+) KiB\r?$", re.MULTILINE)
MEMORY_LINE = re.compile(r"^\[init\] memory: (\S+) (\d+) of \d+ KiB\r?$", re.MULTILINE)
HELPERS = ("workload", "growth", "started")
EXPORTS = "export LD_LIBRARY_PATH=/macro/lib LC_ALL=C; export PATH=/macro/bin:$PATH"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def iperf_server(port, *more):
    """Debian's iperf3 on this machine, as long as the guest needs it; `more`: words for it."""
    where = ("iperf3", "usr/bin/iperf3")
    command = [programs.program(*where), "-s", "-p", str(port), *more]
    environment = programs.environment_here(*where)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as server:
        try:
            yield
        finally:
            server.terminate()


@contextmanager
def nothing():
    yield


def place_of(name):
    """The same places as for ubench; Purlin's Linux has the network card, too."""
    found = places.find(name)
    return replace(found, scenario=SCENARIO) if name == "purlin" else found


def network_words():
    return ["-netdev", "user,id=net", "-device", "e1000e,netdev=net"]


def files_of(group):
    helpers = {f"bench/{name}": ((results.OWN / name).read_bytes(), 0o755) for name in HELPERS}
    return {**helpers, **group.files()}


def executed(tests):
    """Of what is timed counts what the machine executed: idling is no part of it."""
    counted = {}
    for name, record in tests.items():
        instructions = record.get("events", {}).get("instructions")
        if record["unit"] != "ns":
            counted[name] = record
        elif instructions:
            counted[name] = {**record, "value": round(instructions, 2), "unit": "instr"}
    return counted


def without_start(tests):
    """A test NAME-start is what programs of that name cost before they begin: it is taken off the others."""
    starts = {name.removesuffix("start"): one["value"] for name, one in tests.items() if name.endswith("-start")}
    told = {name: one for name, one in tests.items() if not name.endswith("-start")}
    for prefix, value in starts.items():
        for name, one in list(told.items()):
            if name.startswith(prefix):
                told[name] = {**one, "value": round(one["value"] - value / one["operations"], 2)}
    return told


def in_kib(value):
    return {"value": float(value), "unit": "KiB", "operations": 1, "spread": 0.0}


def memory_used(log, machine):
    """
    In KiB: what the components had used at the end, as init told it, and what the microkernel and the
    firmware keep of the machine's memory.
    """
    used = {f"memory-{name}": in_kib(kib) for name, kib in MEMORY_LINE.findall(log)}
    line = KERNEL_LINE.search(log)
    if line:
        used["memory-kernel"] = in_kib((machine >> 10) - (int(line[1]) << 10) - int(line[2]))
    return used


def measure_group(request, place, group, port):
    say(f"measuring: {place.title}, {group.name}")
    own = replace(request, memory=MEMORY, more_qemu=tuple(network_words()) if group.network else ())
    command = "; ".join([EXPORTS, *group.commands])
    with iperf_server(port) if group.network else nothing():
        text = measure.output_of(own, place, files_of(group), command)
    tests = results.parse(text)
    results.add_events(tests, measure.kept(request, place, "events").read_text().splitlines())
    if not tests:
        raise Refused(f"{place.name}, {group.name}: nothing was measured:\n{text[-2000:]}", 1)
    log = measure.kept(request, place, "log").read_text(errors="replace")
    return {**without_start(executed(tests)), **(memory_used(log, run_options.size("--mem", MEMORY)) if group.name == "boot" else {})}


def chosen_groups(request, port):
    known = macro_groups.groups(port)
    unknown = [name for name in request.tests if name not in (*known, INSTANCES)]
    if unknown:
        raise Refused(f"{unknown[0]}: no such group; there are {', '.join([*known, INSTANCES])}")
    return [group for group in known.values() if not request.tests or group.name in request.tests]


def measure_place(request, place, groups, port):
    """What can be measured; a group that fails does not take the others along."""
    tests = {}
    for group in groups:
        try:
            tests.update(measure_group(request, place, group, port))
        except Refused as refusal:
            say(str(refusal))
    if place.name == "purlin" and (not request.tests or INSTANCES in request.tests):
        files = {"bench/ubench": (measure.PROGRAM.read_bytes(), 0o755)}
        tests.update(executed(instances.run(replace(request, memory=MEMORY), files)))
    return tests


def run(request):
    """A result with what the chosen groups (by default all) say."""
    port = free_port()
    groups = chosen_groups(request, port)
    result = results.empty(CURRENCY)
    for name in request.places:
        place = place_of(name)
        tests = measure_place(request, place, groups, port)
        if tests:
            result["places"][name] = {
                "kernel": request.linux, "title": place.title, "base": place.base, "tests": tests
            }  # fmt: skip
    return result


def prepare(request):
    for name in request.places:
        machines.prepare(place_of(name), request)
