# SPDX-License-Identifier: MIT
"""Which Linux of a scenario has this terminal and runs --exec, and what its description then says about consoles."""
from common import Refused

CONSOLE, EXEC = "console", "exec"
# Labels that name one serial line (drivers/uart): only one client can have each.
LINES = {"console": 1, "exec": 2, "aux": 2}
MOST = 4


def listed(nodes):
    return ", ".join(node.name for node in nodes)


def target(one, options):
    """The Linux --in names, or the one meant without it; nothing if no run has to know."""
    if options.component is not None:
        for node in one.linuxes:
            if node.name == options.component:
                return node
        there = f"there are {listed(one.linuxes)}" if one.linuxes else "there is none"
        raise Refused(f"--in {options.component}: no Linux of scenario {options.scenario} has this name; {there}")
    if options.exec is None:
        return None
    if not one.linuxes:
        raise Refused(f"--exec: there is no Linux in scenario {options.scenario}")
    meant = [node for node in one.linuxes if EXEC in node.texts("consoles")]
    if len(meant) != 1:
        meant = one.linuxes
    if len(meant) > 1:
        raise Refused(f"--exec: scenario {options.scenario} has several Linux ({listed(meant)}): say which with --in NAME")
    return meant[0]


def terminal(node):
    """What its route for Terminal leads to."""
    routes = node.child("routes")
    return routes.properties.get("Terminal") if routes else None


def wanted(node, runs_command):
    """The target's labels: hvc0 is this terminal, and hvc1 the clean channel of --exec."""
    first = [CONSOLE, EXEC] if runs_command else [CONSOLE]
    taken = {LINES[label] for label in first}
    rest = [label for label in node.texts("consoles") if LINES.get(label) not in taken]
    return (first + rest)[:MOST]


def left_over(node, labels):
    """The labels of another Linux that the target's do not take away."""
    taken = {LINES.get(label) for label in labels} - {None}
    return [label for label in node.texts("consoles") if LINES.get(label) not in taken]


def changes(one, options):
    """{Linux: its consoles in this run}, for those where the description says otherwise."""
    chosen = target(one, options)
    if chosen is None:
        return {}
    option = "--exec" if options.component is None else f"--in {options.component}"
    if not terminal(chosen):
        raise Refused(f"{option}: {chosen.name} has no route for Terminal in scenario {options.scenario}")
    labels = wanted(chosen, options.exec is not None)
    new = {chosen.name: labels}
    for node in one.linuxes:
        if node is not chosen and terminal(node) == terminal(chosen):
            new[node.name] = left_over(node, labels)
    return {node.name: new[node.name] for node in one.linuxes if new.get(node.name, node.texts("consoles")) != node.texts("consoles")}
