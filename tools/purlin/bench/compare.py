# SPDX-License-Identifier: MIT
"""Which rows became slower or faster than a stored result by more than noise."""
from dataclasses import dataclass

from bench import rows

# A time the host decides moves more than a count of instructions.
TIME_NOISE = 15.0
EVENTS = {"cr3": "address-space switches", "returns": "returns"}
EVENT_NOISE_PERCENT = 3.0
EVENT_NOISE_LEAST = 0.2


@dataclass
class Change:
    place: str
    test: str
    what: str
    before: float
    after: float
    percent: float  # above 0: costs more

    def line(self):
        return (
            f"{self.place} {self.test}: {self.what}{self.before:,.2f} -> {self.after:,.2f} "
            f"({'slower' if self.percent > 0 else 'faster'}, {self.percent:+.1f} %)"
        )


def noise(test, old, new, currency):
    """Percent two results may differ by without anything having changed."""
    known = rows.row(test).noise
    if currency == "time":
        known = max(known, TIME_NOISE)
    return max(known, old["spread"] + new["spread"])


def returns(events):
    return events.get("sysret", 0) + events.get("iret", 0)


def events_of(record):
    events = record.get("events")
    return {"cr3": events.get("cr3", 0), "returns": returns(events)} if events else {}


def value_change(place, test, old, new, currency):
    cost = rows.cost(new["value"], old["value"], new["unit"])
    if cost is None or old["unit"] != new["unit"]:
        return []
    percent = (cost - 1) * 100
    if abs(percent) <= noise(test, old, new, currency):
        return []
    return [Change(place, test, "", old["value"], new["value"], percent)]


def event_changes(place, test, old, new):
    found = []
    before, after = events_of(old), events_of(new)
    for name in before.keys() & after.keys():
        step = after[name] - before[name]
        allowed = max(EVENT_NOISE_LEAST, before[name] * max(EVENT_NOISE_PERCENT, rows.row(test).noise) / 100)
        if abs(step) > allowed:
            percent = 100 * step / before[name] if before[name] else 100.0
            found.append(Change(place, test, EVENTS[name] + " ", before[name], after[name], percent))
    return found


def changes(old, new):
    """What both have and what differs, costs first; nothing where there is no old result."""
    found = []
    for name, place in new["places"].items():
        before = (old or {"places": {}})["places"].get(name, {}).get("tests", {})
        for test, record in place["tests"].items():
            if test in before:
                found += value_change(name, test, before[test], record, new["currency"])
                found += event_changes(name, test, before[test], record)
    return sorted(found, key=lambda change: -change.percent)
