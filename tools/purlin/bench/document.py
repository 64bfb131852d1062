# SPDX-License-Identifier: MIT
"""
The tables of docs/performance.md, made from bench/results/*.json: what stands between
`<!-- NAME: from bench/results -->` and `<!-- end -->` is written by ./purlin bench document.
"""
import re
import textwrap
from functools import partial

from bench import document_more, places, plot, results, rows, table
from common import TOP, write_if_changed

PAGE = TOP / "docs/performance.md"
PICTURE = TOP / "docs/performance.svg"
BLOCK = re.compile(r"(<!-- (?P<name>[a-z-]+): from bench/results -->\n).*?(<!-- end -->)", re.DOTALL)
OURS = ("native", "pti", "purlin")


def markdown(head, lines, texts=(0,)):
    """`texts`: the columns that are no numbers."""
    marks = ["---" if number in texts else "--:" for number in range(len(head))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, marks, *lines]) + "\n"


def present(result, names):
    return [name for name in names if name in result["places"]]


def ratio_text(result, name, test):
    ratio = table.ratio(result, name, test) if name in result["places"] else None
    return "" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def value_text(result, name, test):
    one = table.record(result, name, test)
    return table.number(one["value"]) if one else ""


def peer_text(result, name, test):
    """A measured ratio, else what others measured."""
    known = getattr(rows.row(test), name, None)
    measured = ratio_text(result, name, test) if name in result["places"] else ""
    return measured or (f"({known:g})" if known else "")


def is_counted(result, test):
    return any(test in p["tests"] and p["tests"][test]["unit"] in rows.COUNTS for p in result["places"].values())


def measured_tests(result, names, counted=False):
    tests = rows.in_order(test for name in names for test in result["places"][name]["tests"])
    return [test for test in tests if is_counted(result, test) == counted]


def mean_text(result, name):
    mean = table.mean(result, name) if name in result["places"] else None
    return f"**{mean:.2f}**" if mean and mean < 10 else f"**{mean:.0f}**" if mean else ""


def instructions():
    result = results.load(results.reference_file("instructions"))
    head = ["instructions per operation", "native", "pti=on", "Purlin", "ratio", "pti", "Xen PV", "UML", "L4Linux", "aim"]
    lines = []
    for test in measured_tests(result, present(result, OURS)):
        lines.append(
            [rows.row(test).title]
            + [value_text(result, name, test) for name in OURS]
            + [ratio_text(result, "purlin", test), ratio_text(result, "pti", test)]
            + [peer_text(result, name, test) for name in ("xen", "uml", "l4linux")]
            + [rows.row(test).aim_text()]
        )
    means = [mean_text(result, name) for name in ("purlin", "pti", "xen", "uml")]
    lines.append(["**geometric mean** (bandwidth inverted)", "", "", "", *means, "", "1.20"])
    return markdown(head, lines)


def interrupts():
    result = results.load(results.reference_file("instructions"))
    head = ["per request", "native", "pti=on", "Purlin"]
    lines = [
        [rows.row(test).title, *(value_text(result, name, test) for name in OURS)]
        for test in measured_tests(result, present(result, OURS), counted=True)
    ]
    return markdown(head, lines)


def events():
    result = results.load(results.reference_file("instructions"))
    names = present(result, (*OURS, "xen", "uml"))
    head = ["per operation", *(places.title(name) for name in names), "at most"]
    lines = []
    for test in measured_tests(result, present(result, OURS)):
        row = rows.row(test)
        most = f"{row.switches:g} / {row.returns:g}" if row.switches is not None else ""
        cells = [table.event_cell(table.record(result, name, test)).replace("-", "") for name in names]
        lines.append([row.title, *cells, most])
    return markdown(head, lines)


def peers():
    result = results.load(results.reference_file("instructions"))
    names = present(result, ("debian", "xen", "uml"))
    head = ["instructions per operation", *(places.title(name) for name in names)]
    tests = measured_tests(result, names) if names else []
    return markdown(head, [[rows.row(test).title, *(value_text(result, n, test) for n in names)] for test in tests])


def behind():
    result = results.load(results.reference_file("instructions"))
    lines = [
        [rows.row(test).title, ratio_text(result, "purlin", test), ", ".join(who), reason]
        for test, who, reason in table.behind(result)
    ]
    return markdown(["row", "Purlin", "behind", "reason"], lines, (0, 2, 3))


def shape_title(configuration, processors):
    return f"{configuration}, {processors}"


def shapes():
    """Purlin beside native, by Linux's configuration and number of processors."""
    result = results.load(results.reference_file("instructions"))
    pairs = {shape: [places.shape_name(place, *shape) for place in (places.NATIVE, "purlin")] for shape in places.SHAPES}
    pairs = {shape: pair for shape, pair in pairs.items() if len(present(result, pair)) == 2}
    purlins = [pair[1] for pair in pairs.values()]
    lines = [
        [rows.row(test).title, *(ratio_text(result, name, test) for name in purlins)]
        for test in measured_tests(result, purlins)
    ]
    lines.append(["**geometric mean** (bandwidth inverted)", *(mean_text(result, name) for name in purlins)])
    return markdown(["Purlin / native", *(shape_title(*shape) for shape in pairs)], lines)


def kernels_text():
    result = results.load(results.reference_file("instructions"))
    kernels = {place["title"]: place["kernel"] for place in result["places"].values()}
    text = "; ".join(f"{title}: Linux {kernel}" for title, kernel in kernels.items())
    return textwrap.fill(text + ".", 100, break_on_hyphens=False) + "\n"


BLOCKS = {
    "instructions": instructions,
    "shapes": shapes,
    "interrupts": interrupts,
    "events": events,
    "peers": peers,
    "behind": behind,
    "kernels": kernels_text,
    "kernel": partial(document_more.kernel, markdown),
    "macro": partial(document_more.macro, markdown),
    "memory": partial(document_more.memory, markdown),
    "growth": partial(document_more.grown, markdown),
}


def renewed(text):
    return BLOCK.sub(lambda match: match[1] + BLOCKS[match["name"]]() + match[3], text)


def stale():
    """Names of the blocks that differ from what the results say."""
    text = PAGE.read_text()
    return [match["name"] for match in BLOCK.finditer(text) if match[0] != renewed(match[0])]


def write():
    result = results.load(results.reference_file("instructions"))
    write_if_changed(PAGE, renewed(PAGE.read_text()).encode())
    write_if_changed(PICTURE, plot.ratios(result, "Instructions per operation, beside native Linux"))
    return [PAGE, PICTURE, *document_more.write_pictures()]


