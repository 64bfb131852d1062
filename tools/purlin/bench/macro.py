# SPDX-License-Identifier: MIT
"""./purlin bench macro: whole programs, in instructions of the machine, natively and on Purlin."""
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import replace

from bench import machines, macro_groups, measure, places, programs, results
from common import Refused, say

CURRENCY = "macro"
SCENARIO = "bench"
MEMORY = "2G"
HELPERS = ("workload", "growth")
EXPORTS = "export LD_LIBRARY_PATH=/macro/lib LC_ALL=C; export PATH=/macro/bin:$PATH"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def iperf_server(port):
    """Debian's iperf3 on this machine, as long as the guest needs it."""
    where = ("iperf3", "usr/bin/iperf3")
    command = [programs.program(*where), "-s", "-p", str(port)]
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
    # The host's answers take real time: while the guest idles its clock must not run ahead.
    return ["-netdev", "user,id=net", "-device", "e1000e,netdev=net", "-icount", "shift=0,sleep=on"]


def files_of(group):
    helpers = {f"bench/{name}": ((results.OWN / name).read_bytes(), 0o755) for name in HELPERS}
    return {**helpers, **group.files()}


def executed(tests):
    """What counts is what the machine executed: idling is no part of it."""
    counted = {}
    for name, record in tests.items():
        instructions = record.get("events", {}).get("instructions")
        if instructions:
            counted[name] = {**record, "value": round(instructions, 2), "unit": "instr"}
    return counted


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
    return executed(tests)


def run(request):
    """A result with what the chosen groups (by default all) say."""
    port = free_port()
    known = macro_groups.groups(port)
    unknown = [name for name in request.tests if name not in known]
    if unknown:
        raise Refused(f"{unknown[0]}: no such group; there are {', '.join(known)}")
    result = results.empty(CURRENCY)
    for name in request.places:
        place = place_of(name)
        tests = {}
        for group in known.values():
            if not request.tests or group.name in request.tests:
                tests.update(measure_group(request, place, group, port))
        result["places"][name] = {"kernel": request.linux, "title": place.title, "base": place.base, "tests": tests}
    return result


def prepare(request):
    for name in request.places:
        machines.prepare(place_of(name), request)
