# SPDX-License-Identifier: MIT
"""What operations cost in one Linux when others are there, asleep: descriptions with 1, 2, 4, 8 of them, Purlin only."""
from dataclasses import replace
from pathlib import Path

from bench import measure, places, results
from common import TOP, say

COUNTS = (1, 2, 4, 8)
TESTS = ("null", "pipe", "fork", "shell")
# Until the others sleep, too.
SETTLE_SECONDS = 6
ASLEEP = """\
		linux{number} {{
			type = "linux";
			version = "6.12";
			kernel = "vmlinux";
			initrd = "initrd";
			memory = "96M";
			bootargs = "panic=-1 rdinit=/usr/bin/busybox -- sleep 1000000";
		}};
"""


def description(count):
    others = "".join(ASLEEP.format(number=number) for number in range(2, count + 1))
    return f'/include/ "{TOP}/scenarios/linux.dts"\n/ {{\n\treport-memory;\n\tcomponents {{\n{others}\t}};\n}};\n'


def place(count):
    path = Path(results.OWN) / f"instances-{count}.dts"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(description(count))
    return replace(places.find("purlin"), name=f"instances-{count}", scenario=str(path), has_devices=False)


def named(tests, count):
    """As growth names its lines: what, then how many there are."""
    return {f"instances-{name}-{count}": record for name, record in tests.items()}


def run(request, files):
    tests = {}
    for count in COUNTS:
        where = place(count)
        say(f"measuring: {count} of Linux")
        command = f"sleep {SETTLE_SECONDS * count}; /bench/ubench {' '.join(TESTS)}"
        text = measure.output_of(request, where, files, command)
        measured = results.parse(text)
        results.add_events(measured, measure.kept(request, where, "events").read_text().splitlines())
        tests.update(named(measured, count))
    return tests
