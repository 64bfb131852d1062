# SPDX-License-Identifier: MIT
"""Plots of how costs grow, from tests named WHAT-NUMBER."""
import re

from bench import plot

NAME = re.compile(r"((processes|pages|instances)-[a-z]+)-(\d+)")
ACROSS = {
    "processes": "processes that exist",
    "pages": "pages that are mapped",
    "instances": "instances of Linux, all but one asleep",
}


def series(result, kind):
    """{"PLACE WHAT": [(number, value)]}"""
    found = {}
    for place, one in result["places"].items():
        for test, record in one["tests"].items():
            match = NAME.fullmatch(test)
            if match and match[2] == kind:
                line = found.setdefault(f"{place} {match[1].removeprefix(kind + '-')}", [])
                line.append((int(match[3]), record["value"]))
    return {name: sorted(line) for name, line in found.items()}


def pictures(result):
    """{kind: SVG} of what the result has."""
    drawn = {}
    for kind, across in ACROSS.items():
        lines = series(result, kind)
        if any(len(line) > 1 for line in lines.values()):
            drawn[kind] = plot.growth(f"Cost as {kind} grow in number", across, "instructions per operation", lines)
    return drawn
