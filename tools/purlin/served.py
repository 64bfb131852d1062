# SPDX-License-Identifier: MIT
"""
What a broker serves of the disks and sticks that the front door makes: their serial numbers are disk0, disk1, ... and
stick0, ..., and of the rules that name such a one those stay that the machine has a disk or a stick for.
"""
import re

from common import Refused

BROKER = "broker"
MADE = re.compile(r"serial:(disk|stick)(\d+)")


def counts(one, options):
    """How many there are of each. Without a stick of the person's the machine has a sample, but for a Debian."""
    sample = one.has_usb and not options.debian
    return {"disk": len(options.disks), "stick": len(options.sticks) or int(sample)}


def made(rule):
    """Kind and number of a rule's device; nothing if the front door does not make it."""
    words = rule.split()
    found = MADE.fullmatch(words[3]) if len(words) > 3 else None
    return (found[1], int(found[2])) if found else None


def check_enough(node, numbers, there):
    for kind, count in there.items():
        rules = 1 + max((number for what, number in numbers if what == kind), default=-1)
        if numbers and rules < count and (kind in {what for what, _ in numbers}):
            raise Refused(f"--{kind}: {node.name} serves {rules} of them at most")


def changes(one, options):
    """{component: {property: texts}}: where this run has fewer devices than the description has rules."""
    changed, there = {}, counts(one, options)
    for node in one.components:
        if node.text("binary", "") != BROKER:
            continue
        rules = node.texts("serves")
        check_enough(node, [made(rule) for rule in rules if made(rule)], there)
        gone = [rule for rule in rules if made(rule) and made(rule)[1] >= there[made(rule)[0]]]
        if not gone:
            continue
        if len(gone) == len(rules):
            raise Refused(f"{node.name} serves disks and sticks, and the machine has none of those: give it one by --disk or --stick")
        changed[node.name] = {"serves": [rule for rule in rules if rule not in gone]}
        for client in one.linuxes:
            labels = [rule.split()[0] for rule in gone if rule.split()[1] == client.name]
            if labels:
                changed[client.name] = {"disks": [label for label in client.texts("disks") if label not in labels]}
    return changed
