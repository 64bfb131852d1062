# SPDX-License-Identifier: MIT
"""What the component `devices` writes to the log (servers/devices): records to data, data to a table."""

LABEL = "[devices] "
NUMBERS = ("functions", "sessions", "faults", "number", "delivered", "storms", "devices", "mappings", "bytes", "count")


def record(line):
    """(kind, values) of a line of the log, or nothing if it is somebody else's."""
    if not line.startswith(LABEL):
        return None
    kind, _, rest = line.removeprefix(LABEL).strip().partition(" ")
    if kind == "reason":
        place, _, reason = rest.partition(" text=")
        return kind, {"at": place.removeprefix("at="), "text": reason}
    values = dict(word.partition("=")[::2] for word in rest.split())
    return kind, {name: int(value) if name in NUMBERS else value for name, value in values.items()}


class Report:
    """The records of one report, as they come."""

    def __init__(self, machine):
        self.data = {**machine, "functions": [], "domains": []}
        self.by_place = {}

    def add(self, kind, values):
        if kind == "function":
            values["resets"] = [way for way in values["resets"].split(",") if way]
            self.by_place[values["at"]] = {**values, "bars": [], "interrupts": []}
            self.data["functions"].append(self.by_place[values["at"]])
        elif kind == "domain":
            self.data["domains"].append(values)
        elif kind == "fault":
            domain = next(one for one in self.data["domains"] if one["owner"] == values["owner"])
            domain["fault"] = {name: value for name, value in values.items() if name != "owner"}
        else:
            self.of_function(kind, self.by_place[values.pop("at")], values)

    @staticmethod
    def of_function(kind, function, values):
        if kind == "owner":
            function.update(values)
        elif kind == "refused":
            function["refused"] = values
        elif kind == "reason":
            function["refused"]["reason"] = values["text"]
        else:
            function[{"bar": "bars", "interrupt": "interrupts"}[kind]].append(values)


class Reader:
    """Takes lines of the log; `whole` is the last report that came to its end."""

    def __init__(self):
        self.current = None
        self.whole = None

    def line(self, text):
        found = record(text)
        if not found:
            return
        kind, values = found
        if kind == "machine":
            self.current = Report(values)
        elif kind == "end" and self.current:
            self.whole, self.current = self.current.data, None
        elif self.current:
            self.current.add(kind, values)


def size(count):
    for unit in ("", "K", "M"):
        if count < 1024 or count % 1024:
            return f"{count}{unit}"
        count //= 1024
    return f"{count}G"


def interrupts(function):
    """msix 0,1,2: delivered 7; lines by their GSI."""
    parts = []
    for kind in ("msix", "msi", "line"):
        those = [one for one in function["interrupts"] if one["kind"] == kind]
        if those:
            numbers = f" GSI {those[0]['number']}" if kind == "line" else f" x{len(those)}"
            storms = sum(one["storms"] for one in those)
            told = f", {storms} storms" if storms else ""
            parts.append(f"{kind}{numbers}: {sum(one['delivered'] for one in those)}{told}")
    return "; ".join(parts)


def owner(function):
    if function["state"] == "owned":
        return f"{function['owner']} as {function['seen']}"
    return {"platform": "platform", "free": "nobody", "quarantined": "nobody (quarantined)"}[function["state"]]


COLUMNS = {
    "device": lambda one: one["at"],
    "id": lambda one: one["id"],
    "class": lambda one: one["class"],
    "owner": owner,
    "interrupts": interrupts,
    "reset": lambda one: ", ".join(one["resets"]) or "none",
    "group": lambda one: one["group"],
}


def aligned(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def table(data):
    """For people."""
    rows = [list(COLUMNS)] + [[show(one) for show in COLUMNS.values()] for one in data["functions"]]
    lines = [f"{len(data['functions'])} functions, {data['sessions']} sessions, IOMMU: {data['iommu']}", "", *aligned(rows), ""]
    for one in data["domains"]:
        fault = one.get("fault")
        told = f"; stopped {fault['count']} times, last at {fault['address']} ({fault['reason']})" if fault else ""
        lines.append(f"{one['owner']}: {one['devices']} devices reach {size(one['bytes'])} in {one['mappings']} mappings{told}")
    for one in data["functions"]:
        if "refused" in one:
            lines.append(f"{one['at']} was refused to {one['refused']['client']}: {one['refused']['reason']}")
    return "\n".join(lines)
