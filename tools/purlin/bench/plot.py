# SPDX-License-Identifier: MIT
"""Plots: costs beside native as bars, and how something grows as lines."""
import math
from itertools import cycle

from bench import rows, table
from bench.svg import BLACK, COLOURS, GREY, Drawing

LABELS, PLOT, BAR, GAP, TOP, BOTTOM = 370, 520, 7, 7, 60, 40
TICKS = (0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 400)


class LogAxis:
    """From a value to a place between `start` and `start + length`."""

    def __init__(self, low, high, start, length):
        self.low, self.high, self.start, self.length = math.log(low), math.log(high), start, length

    def __call__(self, value):
        span = self.high - self.low or 1
        return self.start + (math.log(value) - self.low) / span * self.length


def legend(drawing, names, y):
    x = 16
    for name, colour in names:
        drawing.bar(x, y - 9, 10, 10, colour)
        drawing.text(x + 14, y, name)
        x += 30 + 7 * len(name)


def bar_data(result):
    """[(test, {place: cost})] of what has a base and is timed."""
    compared = [name for name in table.columns(result) if result["places"][name]["base"]]
    found = []
    for test in rows.in_order(test for name in compared for test in result["places"][name]["tests"]):
        timed = [name for name in compared if (table.record(result, name, test) or {}).get("unit") not in (None, *rows.COUNTS)]
        costs = {name: table.cost(result, name, test) for name in timed}
        costs = {name: each for name, each in costs.items() if each}
        if costs and test in rows.described():
            found.append((test, costs))
    return compared, found


def aim_place(result, test):
    """The aim as a cost, where it can be told as one."""
    aim = rows.row(test).aim
    base = table.record(result, "native", test)
    if aim is None:
        return None
    if isinstance(aim, str):
        return (base["value"] + float(aim)) / base["value"] if base else None
    return 1 / aim if base and base["unit"] in rows.MORE_IS_BETTER else aim


def ratios(result, title):
    """Bars for each row and place on a logarithmic axis; a black mark where the aim is."""
    compared, data = bar_data(result)
    colours = dict(zip(compared, cycle(COLOURS)))
    block = BAR * len(compared) + GAP
    height = TOP + block * len(data) + BOTTOM
    everything = [each for _, costs in data for each in costs.values()] + [1.0]
    axis = LogAxis(min(everything) * 0.9, max(max(everything) * 1.1, 1.6), LABELS, PLOT)
    drawing = Drawing(LABELS + PLOT + 40, height, title)
    drawing.text(16, 20, title, weight="bold")
    legend(drawing, [(result["places"][n].get("title", n), colours[n]) for n in compared] + [("aim", BLACK)], 42)
    for tick in TICKS:
        if axis.low <= math.log(tick) <= axis.high:
            drawing.line(axis(tick), TOP - 6, axis(tick), height - BOTTOM + 6, BLACK if tick == 1 else GREY)
            drawing.text(axis(tick), height - BOTTOM + 22, f"{tick:g}x", "middle")
    for number, (test, costs) in enumerate(data):
        y = TOP + number * block
        drawing.text(LABELS - 8, y + block / 2, rows.row(test).title.replace("`", ""), "end")
        for slot, name in enumerate(compared):
            if name in costs:
                left, right = sorted((axis(1.0), axis(costs[name])))
                drawing.bar(left, y + slot * BAR, max(right - left, 1), BAR - 1, colours[name])
        mark = aim_place(result, test)
        if mark and axis.low <= math.log(mark) <= axis.high:
            drawing.line(axis(mark), y - 1, axis(mark), y + BAR * len(compared), BLACK, 2)
    return drawing.finish()


def decades(low, high):
    return [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def growth(title, across, upwards, lines):
    """{name: [(x, y)]} on two logarithmic axes."""
    points = [point for line in lines.values() for point in line if point[0] > 0 and point[1] > 0]
    width, height, left, top, below = 960, 420, 90, 60, 50
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x_axis = LogAxis(min(xs), max(max(xs), min(xs) * 2), left, width - left - 30)
    y_axis = LogAxis(min(ys) / 1.5, max(ys) * 1.5, height - below, -(height - below - top))
    drawing = Drawing(width, height, title)
    drawing.text(16, 20, title, weight="bold")
    legend(drawing, list(zip(lines, cycle(COLOURS))), 42)
    for tick in decades(min(ys), max(ys)):
        if y_axis.low <= math.log(tick) <= y_axis.high:
            drawing.line(left, y_axis(tick), width - 30, y_axis(tick))
            drawing.text(left - 8, y_axis(tick) + 4, f"{tick:,g}", "end")
    for x in sorted(set(xs)):
        drawing.line(x_axis(x), top, x_axis(x), height - below)
        drawing.text(x_axis(x), height - below + 18, f"{x:,g}", "middle")
    drawing.text((left + width) / 2, height - 12, across, "middle")
    drawing.text(left, top - 4, upwards)
    for line, colour in zip(lines.values(), cycle(COLOURS)):
        drawing.path([(x_axis(x), y_axis(y)) for x, y in line if x > 0 and y > 0], colour)
    return drawing.finish()
