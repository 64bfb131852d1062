# SPDX-License-Identifier: MIT
"""./purlin run many --instances N: how many small Linux instances a description keeps, and what a run says of them."""
import re

from common import Refused

SCENARIO = "many"
NAME = re.compile(r"small(\d+)")
MEMORY = 36 << 20  # of the machine, for each: RAM, and what the kernel needs
BASE = 192 << 20  # all the rest
COMMAND = "/purlin/start-many"
DEFAULT = 4
MOST = 16
READY = re.compile(r"\[(small\d+)\].*ready after (\d+\.\d+) s")


def instances(one):
    return [node.name for node in one.components if NAME.fullmatch(node.name)]


def settle(options, one):
    """--instances and what follows from it: before anything is built."""
    there = len(instances(one))
    if options.instances is not None and not there:
        raise Refused(f"--instances: scenario {options.scenario} has no small Linux")
    if not there:
        return
    options.instances = options.instances or DEFAULT
    if options.instances > there:
        raise Refused(f"--instances {options.instances}: scenario {options.scenario} has {there}")
    if "--mem" not in options.given:
        options.mem = BASE + MEMORY * options.instances
    if options.exec is None:
        options.exec = COMMAND


def change(one, options):
    """As DTS: {component: properties} and the nodes that go."""
    wanted = options.instances
    names = instances(one)
    if not names or wanted is None or wanted == len(names):
        return {}, ""
    starter = next(node.name for node in one.linuxes if "control" in node.properties)
    kept = " ".join(f"&{name}" for name in names[:wanted])
    return {starter: f" control = <{kept}>;"}, "".join(f"\t\t/delete-node/ {name};\n" for name in names[wanted:])


def summary(log):
    """What the instances said themselves: how long each took from its first instruction to its first program."""
    seconds = sorted(float(match[2]) for match in READY.finditer(log))
    if not seconds:
        return "no instance came up"
    return f"{len(seconds)} instances came up, each within {seconds[0]:.2f} to {seconds[-1]:.2f} s of its own time"
