# SPDX-License-Identifier: MIT
"""A Linux as the server of device sessions: its clients read and write while it panics and is started again."""
import re

import options as run_options
import qemu_run
import system
from common import TOP
from suites.testing import FOLDER, PATIENCE, Failed, Suite, one_by_one

DESCRIPTION = TOP / "tests/components/served/served.dts"
DISK_BYTES = 512 << 10
SECONDS = 60 * PATIENCE
# The life of the Linux that serves: some milliseconds after it has begun to run programs, another number each time.
MORTAL = "mount -t proc proc /proc; usleep $((RANDOM * {spread})); echo c > /proc/sysrq-trigger"
DONE = " passed, 0 failed"


def description(name, life):
    text = DESCRIPTION.read_text()
    quoted = life.replace("\\", "\\\\")
    text = text.replace("LIFE", f'\\"{quoted}\\"')
    text = re.sub(r'"[./a-z]*include/', f'"{TOP}/scenarios/include/', text)
    changed = FOLDER / f"{name}.dts"
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text(text)
    return changed


def run(log, life, wanted):
    disk = FOLDER / f"{log.stem}.disk"
    FOLDER.mkdir(parents=True, exist_ok=True)
    disk.write_bytes(bytes(DISK_BYTES))
    options = run_options.parse([str(description(log.stem, life)), "--disk", str(disk)])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS)
    disk.unlink()
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    return log.read_text(errors="replace")


def test_mortal(log):
    text = run(log, MORTAL.format(spread=20), [DONE])
    deaths = text.count("drivers: is started again")
    if deaths < 3:
        raise Failed(f"the Linux that serves has ended only {deaths} times")


def suites():
    functions = {"served/mortal": test_mortal}
    return [Suite(list(functions), one_by_one(functions))]
