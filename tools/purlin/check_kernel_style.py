# SPDX-License-Identifier: MIT
"""The overlay by the kernel's own checkpatch, but for what checkpatch-exceptions.txt allows with a reason."""
import re
from collections import defaultdict

import linux
import system
from check_tools import ours, output_of
from common import BUILD, TOP, shown

EXCEPTIONS = TOP / "tools/purlin/checkpatch-exceptions.txt"
OVERLAY = "linux/overlay/arch/purlin/"
REPORT = re.compile(r"^(.*?):\d+: (?:ERROR|WARNING|CHECK):(\w+): ")


def reports():
    """{(file, type): lines}"""
    tree = linux.unpack(system.SOURCE_VERSION)
    files = [TOP / name for name in ours("text") if name.startswith(OVERLAY)]
    # It leaves a file where it runs.
    options = "--no-tree --strict --terse --no-summary --show-types -f".split()
    seen = defaultdict(list)
    for line in output_of("perl", tree / "scripts/checkpatch.pl", *options, *files, cwd=BUILD):
        report = REPORT.match(line)
        if report:
            path = report[1].removeprefix(f"{TOP}/")
            seen[path.removeprefix(OVERLAY), report[2]].append(line.removeprefix(f"{TOP}/"))
    return seen


def exceptions():
    """{(file, type): (how many, line of the list)}"""
    allowed = {}
    for number, line in enumerate(EXCEPTIONS.read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            path, kind, count, _reason = line.split(maxsplit=3)
            allowed[path, kind] = int(count), number
    return allowed


def check():
    seen, allowed = reports(), exceptions()
    found = []
    for key in sorted(seen.keys() | allowed.keys()):
        count, number = allowed.get(key, (0, 0))
        if len(seen[key]) > count:
            found += [f"{line} ({count} allowed)" if count else line for line in seen[key]]
        elif len(seen[key]) < count:
            found.append(f"{shown(EXCEPTIONS)}:{number}: allows {count}, there are {len(seen[key])}")
    return found
