# SPDX-License-Identifier: MIT
"""A result as tables for a terminal: values with ratios, events, and what is behind."""
import math

from bench import compare, places, rows

NAME_WIDTH = 24
BEHIND_MARGIN = 1.005


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}".rstrip("0").rstrip(".")


def columns(result):
    """Places in order: those without a base first among the ones that compare with them."""
    places = result["places"]
    bases = [name for name, place in places.items() if place["base"] is None]
    ordered = [name for base in bases for name in (base, *(n for n, p in places.items() if p["base"] == base))]
    return ordered + [name for name in places if name not in ordered]


def record(result, place, test):
    return result["places"].get(place, {}).get("tests", {}).get(test)


def ratio(result, place, test):
    """Value relative to its base's, as it is shown: bandwidth below 1 is worse."""
    base = result["places"][place]["base"]
    ours, theirs = record(result, place, test), base and record(result, base, test)
    return ours["value"] / theirs["value"] if ours and theirs and theirs["value"] else None


def cost(result, place, test):
    base = result["places"][place]["base"]
    ours, theirs = record(result, place, test), base and record(result, base, test)
    return rows.cost(ours["value"], theirs["value"], ours["unit"]) if ours and theirs else None


def mean(result, place):
    """The geometric mean of the place's costs beside its base, of all that is timed."""
    costs = [
        cost(result, place, test)
        for test, one in result["places"][place]["tests"].items()
        if one["unit"] not in rows.COUNTS
    ]
    logs = [math.log(each) for each in costs if each]
    return math.exp(sum(logs) / len(logs)) if logs else None


def cell(result, place, test):
    one = record(result, place, test)
    if one is None:
        return "-"
    beside = ratio(result, place, test)
    return number(one["value"]) + (f" {beside:6.2f}x" if beside is not None else "")


def laid_out(lines):
    """Columns as wide as they must be, the first to the left."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.ljust(widths[0]) if i == 0 else text.rjust(widths[i]) for i, text in enumerate(line)).rstrip()
        for line in lines
    )


def values(result):
    names = columns(result)
    measured = rows.in_order(test for name in names for test in result["places"][name]["tests"])
    lines = [["", *(f"{name}" for name in names), "aim"]]
    for test in measured:
        lines.append([test, *(cell(result, name, test) for name in names), rows.row(test).aim_text()])
    means = [mean(result, name) if result["places"][name]["base"] else None for name in names]
    if any(means):
        lines.append(["geometric mean", *(f"{each:.2f}x" if each else "" for each in means), ""])
    return laid_out(lines)


def event_cell(one):
    found = compare.events_of(one) if one else None
    return f"{found['cr3']:.4g} / {found['returns']:.4g}" if found else "-"


def events(result):
    """CR3 writes / returns to a less privileged mode; nothing where nobody counted."""
    names = [n for n in columns(result) if any("events" in t for t in result["places"][n]["tests"].values())]
    measured = rows.in_order(test for name in names for test in result["places"][name]["tests"])
    if not names:
        return ""
    lines = [["", *names, "at most"]]
    for test in measured:
        row = rows.row(test)
        most = f"{row.switches:g} / {row.returns:g}" if row.switches is not None else ""
        lines.append([test, *(event_cell(record(result, name, test)) for name in names), most])
    return laid_out(lines)


def peers(result, place):
    """Measured systems a place can be behind: those with another base's ratio, and pti; not another shape of itself."""
    return [name for name, one in result["places"].items() if one["base"] and name != place and name not in places.SHAPED]


def behind(result, place="purlin"):
    """[(test, what it is behind, reason)] of one place's rows."""
    found = []
    if place not in result["places"]:
        return found
    for test in rows.in_order(result["places"][place]["tests"]):
        own, row = cost(result, place, test), rows.row(test)
        if own is None:
            continue
        who = [peer for peer in peers(result, place) if (cost(result, peer, test) or own) * BEHIND_MARGIN < own]
        others = [name for name in row.better_anchors(own) if name not in result["places"]]
        who += [f"{rows.ANCHORS[name]} (others' figure)" for name in others]
        base = result["places"][place]["base"]
        one = record(result, place, test)
        if not row.reaches_aim(one["value"], record(result, base, test)["value"], one["unit"]):
            who.insert(0, f"its aim {row.aim_text()}")
        if who:
            found.append((test, who, row.reason))
    return found


def behind_text(result, place="purlin"):
    lines = [f"{test} is behind {', '.join(who)}" + (f": {reason}" if reason else "") for test, who, reason in behind(result, place)]
    return "\n".join(lines)
