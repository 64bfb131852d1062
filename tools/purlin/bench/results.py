# SPDX-License-Identifier: MIT
"""
Results: what ubench and the events plugin say, as one JSON file by currency:
{"format": 1, "currency": C, "places": {NAME: {"kernel": ..., "base": ..., "tests": {TEST: {"value", "unit",
"operations", "spread", "events": {EVENT: per operation}}}}}}
"""
import json
import re

from common import BUILD, TOP, Refused, write_if_changed

FORMAT = 1
OWN = BUILD / "bench"
REFERENCE = TOP / "bench/results"
LINE = re.compile(r"^(\S+) +([0-9.]+) (\S+) +(\d+) +([0-9.]+)%\r?$", re.MULTILINE)
EVENT = re.compile(r"(\w+)=(\d+)")


def parse(output):
    """{test: record} of ubench's lines."""
    return {
        name: {"value": float(value), "unit": unit, "operations": int(count), "spread": float(spread)}
        for name, value, unit, count, spread in LINE.findall(output)
    }


def add_events(tests, lines):
    """The plugin's lines, one for each test in the same order, into the tests' records: for each operation."""
    for record, line in zip(tests.values(), lines):
        events = {name: int(count) / record["operations"] for name, count in EVENT.findall(line)}
        record["events"] = {name: round(each, 3) for name, each in events.items()}


def empty(currency):
    return {"format": FORMAT, "currency": currency, "places": {}}


def own_file(currency):
    return OWN / f"last-{currency}.json"


def reference_file(currency):
    return REFERENCE / f"{currency}.json"


def load(path):
    """A result, or nothing where there is no file."""
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise Refused(f"{path}: {error}", 1) from error
    if found.get("format") != FORMAT or "places" not in found:
        raise Refused(f"{path}: not a result of this benchmark (format {FORMAT})", 1)
    return found


def merged(old, new):
    """The new places and tests, and the old ones that were not measured now."""
    if old is None or old["currency"] != new["currency"]:
        return new
    places = dict(old["places"])
    for name, place in new["places"].items():
        before = places.get(name, {}).get("tests", {})
        places[name] = {**place, "tests": {**before, **place["tests"]}}
    return {**new, "places": places}


def save(path, result):
    write_if_changed(path, (json.dumps(result, indent=1) + "\n").encode())


def value(result, place, test):
    record = result["places"].get(place, {}).get("tests", {}).get(test)
    return record["value"] if record else None


def tests(result):
    """Names of all tests any place has."""
    return [test for place in result["places"].values() for test in place["tests"]]
