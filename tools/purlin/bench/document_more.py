# SPDX-License-Identifier: MIT
"""Tables and plots of the microkernel's own operations and of whole programs, for docs/performance.md."""
from bench import growth, results, rows, table
from common import TOP

PLACES = ("native", "purlin")
PICTURES = TOP / "docs"
# Told elsewhere, or only there to be taken off.
NOT_PROGRAMS = ("processes-", "pages-", "instances-", "memory-", "linux-", "kernel-")


def stored(currency):
    return results.load(results.reference_file(currency)) or results.empty(currency)


def cells(result, test, names=PLACES):
    records = [table.record(result, name, test) for name in names]
    return [table.number(one["value"]) if one else "" for one in records]


def ratio(result, test):
    if "purlin" not in result["places"]:
        return ""
    found = table.ratio(result, "purlin", test)
    return f"{found:.2f}" if found is not None else ""


def kernel(markdown):
    tests = stored("kernel")["places"].get("kernel", {}).get("tests", {})
    lines = [[rows.row(name).title, table.number(one["value"]), rows.row(name).aim_text()] for name, one in tests.items()]
    return markdown(["instructions per operation", "Purlin", "aim"], lines)


def macro(markdown):
    result = stored("macro")
    tests = rows.in_order(test for name in PLACES for test in result["places"].get(name, {}).get("tests", {}))
    programs = [test for test in tests if not test.startswith(NOT_PROGRAMS) and not test.endswith("-start")]
    lines = [[rows.row(test).title, *cells(result, test), ratio(result, test)] for test in programs]
    return markdown(["instructions", "native", "Purlin", "ratio"], lines)


def memory(markdown):
    result = stored("macro")
    tests = result["places"].get("purlin", {}).get("tests", {})
    told = [test for test in tests if test.startswith(("memory-", "linux-", "kernel-"))]
    return markdown(["KiB", "native", "Purlin"], [[rows.row(test).title, *cells(result, test)] for test in told])


def grown(markdown):
    result = stored("macro")
    lines = []
    for kind in growth.ACROSS:
        for name, points in growth.series(result, kind).items():
            told = ", ".join(f"{number:,}: {table.number(value)}" for number, value in points)
            lines.append([kind, name, told])
    return markdown(["what grows", "place and operation", "instructions per operation"], lines, (0, 1, 2))


def write_pictures():
    written = []
    for kind, drawn in growth.pictures(stored("macro")).items():
        path = PICTURES / f"growth-{kind}.svg"
        path.write_bytes(drawn)
        written.append(path)
    return written
