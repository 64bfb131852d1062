# SPDX-License-Identifier: MIT
"""The benchmark's rows as bench/tests.toml tells them: titles, aims, others' figures, noise, reasons."""
import tomllib
from dataclasses import dataclass
from functools import cache

from common import TOP, Refused

SOURCE = TOP / "bench/tests.toml"
# Systems others measured, by their name in the file.
ANCHORS = {"xen": "Xen PV", "l4linux": "L4Linux", "uml": "UML"}
MORE_IS_BETTER = ("MB/s", "bogo-ops", "requests/s")
# Counted, not timed: not part of a mean of costs.
COUNTS = ("irqs", "KiB")
USUAL_NOISE = 1.0


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    aim: float | str | None = None
    xen: float | None = None
    l4linux: float | None = None
    uml: float | None = None
    switches: float | None = None
    returns: float | None = None
    noise: float = USUAL_NOISE
    reason: str = ""
    # Not a ratio: as much as this at most.
    most: float | None = None

    def aim_text(self):
        if self.most is not None:
            return f"< {self.most:g}"
        return "" if self.aim is None else self.aim if isinstance(self.aim, str) else f"{self.aim:.2f}"

    def reaches_aim(self, value, base, unit):
        """Within the aim, to the two digits that are shown."""
        if self.aim is None or not base:
            return True
        if isinstance(self.aim, str):
            return value - base <= float(self.aim)
        ratio = round(value / base, 2)
        return ratio >= self.aim if unit in MORE_IS_BETTER else ratio <= self.aim

    def better_anchors(self, cost):
        """Others whose cost (beside their own native system) is less than ours."""
        inverted = self.name == "pipe-bandwidth"
        known = {name: getattr(self, name) for name in ANCHORS if getattr(self, name)}
        return [name for name, ratio in known.items() if (1 / ratio if inverted else ratio) < round(cost, 2)]


@cache
def described():
    """{name: Row} in the order of the table."""
    try:
        parsed = tomllib.loads(SOURCE.read_text())
        return {name: Row(name, **facts) for name, facts in parsed.items()}
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise Refused(f"{SOURCE}: {error}", 1) from error


def row(name):
    """What is known of a test; one nobody described has its name for a title."""
    return described().get(name) or Row(name, name)


def in_order(names):
    """Described tests as in the file, the others behind them as they come."""
    order = {name: number for number, name in enumerate(described())}
    return sorted(dict.fromkeys(names), key=lambda name: order.get(name, len(order)))


def cost(value, base, unit):
    """How many times the base's cost this is: above 1 is worse, whatever the unit."""
    if not value or not base:
        return None
    return base / value if unit in MORE_IS_BETTER else value / base
