# SPDX-License-Identifier: MIT
"""A Linux as the server of device sessions: its clients read and write while it panics and is started again."""
import hashlib

import options as run_options
import qemu_run
import stick
import system
from common import TOP
from suites.linux_disk import FILES, ROUNDS, count_deaths
from suites.testing import FOLDER, PATIENCE, Failed, Suite, description, expect_equal, in_linux, one_by_one

DESCRIPTION = TOP / "tests/components/served/served.dts"
DISK_BYTES = 512 << 10
SECONDS = 60 * PATIENCE
# The life of the Linux that serves: some milliseconds after it has begun to run programs, another number each time.
MORTAL = "mount -t proc proc /proc; usleep $((RANDOM * {spread})); echo c > /proc/sysrq-trigger"
DONE = " passed, 0 failed"
DUO = TOP / "scenarios/duo.dts"
LOOKS = """
look() { dd if=/dev/vdb bs=64k iflag=direct 2> /dev/null | sha256sum | cut -d' ' -f1; ping -q -c 1 -W 20 10.0.2.2 > /dev/null && echo outside; }
awk '{print $1 / 2}' /sys/block/vda/size
look
purlinctl kill drivers && look
"""


def quoted(life):
    """For the shell that is a Linux's first program: within bootargs, which are within quotes themselves."""
    return '\\"' + life.replace("\\", "\\\\") + '\\"'


def run(log, life, wanted, *changes):
    disks = [FOLDER / f"{log.stem}-{number}.disk" for number in range(2)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for disk in disks:
        disk.write_bytes(bytes(DISK_BYTES))
    described = description(log.stem, DESCRIPTION, ("LIFE", quoted(life)), *changes)
    options = run_options.parse([str(described), "--disk", str(disks[0]), "--disk", str(disks[1])])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS)
    for disk in disks:
        disk.unlink()
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    return log.read_text(errors="replace")


def test_mortal(log):
    text = run(log, MORTAL.format(spread=20), [DONE, DONE])
    deaths = text.count("drivers: is started again")
    if deaths < 3:
        raise Failed(f"the Linux that serves has ended only {deaths} times")
    # What it says of its own end is that of the key; anything else is the vandal's doing.
    if text.count("Kernel panic") != text.count("sysrq triggered crash") or "WARNING:" in text:
        raise Failed("the Linux that serves has suffered from a client")


def test_forgets(log):
    """Without the record of what was in flight requests get lost, and the client notices."""
    run(log, MORTAL.format(spread=20), ["[disk-writer] FAILED"], ("served-writer", "forgetful-writer"))


def in_duo(log, command, disk_bytes, *changes):
    """In `user`, with a disk of so many bytes and the sample stick; what came of it."""
    disk = FOLDER / f"{log.stem}.disk"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(disk, "wb") as file:
        file.truncate(disk_bytes)
    try:
        return in_linux([str(description(log.stem, DUO, *changes)), "--disk", str(disk), "--exec", command], log)
    finally:
        disk.unlink()


def test_duo(log):
    """Disk, stick and network of one Linux in another, which then kills the first and has them again."""
    done = in_duo(log, LOOKS, 16 << 20)
    there = [hashlib.sha256(stick.sample().read_bytes()).hexdigest(), "outside"]
    expect_equal("what there is", done.text.split(), ["16384", *there, *there])
    expect_equal("kills", done.log.count("[init] drivers: is killed by user"), 1)


def test_duo_mortal(log):
    """Files on a file system, while the Linux with the disk panics again and again."""
    life = quoted(MORTAL.format(spread=20))
    done = in_duo(log, FILES + "echo done", 16 << 20, ('purlin.forward"', f'rdinit=/bin/sh -- -c {life}"'))
    expect_equal("rounds", done.text.splitlines(), [f"round {number}" for number in range(1, ROUNDS + 1)] + ["done"])
    if count_deaths(done, "drivers") < 2:
        raise Failed("the Linux with the disk has not ended often enough")
    if "I/O error" in done.log:
        raise Failed("the other Linux has seen an error")


def suites():
    functions = {"served/mortal": test_mortal, "served/forgets": test_forgets, "duo/devices": test_duo, "duo/mortal": test_duo_mortal}
    return [Suite(list(functions), one_by_one(functions))]
