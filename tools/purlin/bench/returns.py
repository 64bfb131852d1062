# SPDX-License-Identifier: MIT
"""
./purlin bench returns: from the death of a disk's server to the first answer, in instructions of the whole machine. The
server is a Linux with a disk (scenario duo), in parts, or with a USB stick, or a native component (scenario linux-disk).
"""
import re
from statistics import median

import initramfs
import options as run_options
import packages
import qemu_run
import system
from bench import results, table
from common import TOP, Refused, say, tool

ROUNDS = 5
DISK_BYTES = 16 << 20
ROUND = re.compile(r"^round (\d+) (\d+)\r?$", re.MULTILINE)
# Lines of a Linux's log in the machine's: its own clock, which begins with its first instructions, and what it says.
FIRST = "[drivers] Linux version "
LINE = re.compile(r"^\[drivers\] \[ *(\d+\.\d+)\] (.*)$", re.MULTILINE)
STAMP = re.compile(r"stamp (\d+)$")
OFFERED = "purlin-serve: Block serial:disk0 is offered"
PARTS = (
    "it is killed, its devices are reset, it is started", "Linux, until its driver has the disk and offers it",
    "the session goes on, the request is answered",
)  # fmt: skip
INCLUDED = re.compile(r'"include/')
# Its log has times; its first program says when it is there.
SAYS = 'printk.time=1 keep_bootcon rdinit=/bin/sh -- -c \\"mount -t devtmpfs d /dev; /bench/returns stamp; exec /init\\"'


def described(name, scenario, changes):
    """The scenario's description with changes, each (old text, new text)."""
    text = (TOP / f"scenarios/{scenario}.dts").read_text()
    for old, new in changes:
        if text.count(old) != 1:
            raise Refused(f"scenarios/{scenario}.dts: {old!r} is not there once", 1)
        text = text.replace(old, new)
    path = results.OWN / f"returns-{name}.dts"
    path.write_text(INCLUDED.sub(f'"{TOP}/scenarios/include/', text))
    return path


def run(name, scenario, server, changes=(), words=()):
    """Kills `server` some times: [(before, answered)] and the log."""
    command = f"/bench/returns kill {server} /dev/vda {ROUNDS}"
    options = run_options.parse([str(described(name, scenario, changes)), "--smp", "1", "--icount", *words, "--exec", command])
    options.extra_files = {"bench/returns": ((results.OWN / "returns").read_bytes(), 0o755)}
    system.build(options)
    said = bytearray()
    say(f"measuring: {name}")
    with qemu_run.prepared(options) as one:
        one.log = results.OWN / f"returns-{name}.log"
        qemu_run.execute(one, said.extend)
        log = one.log.read_text(errors="replace")
    found = [tuple(map(int, match)) for match in ROUND.findall(said.decode(errors="replace"))]
    if len(found) != ROUNDS:
        raise Refused(f"{name}: {len(found)} of {ROUNDS} rounds: {said.decode(errors='replace').strip()}; log: {one.log}", 1)
    return found, log


def lives(log):
    """Of each life of the Linux, by the machine's clock: (its beginning, when it offered the disk)."""
    for life in log.split(FIRST)[1:]:
        said = {text.strip(): float(seconds) * 1e9 for seconds, text in LINE.findall(life)}
        stamps = [(text, at) for text, at in said.items() if STAMP.match(text)]
        if stamps and OFFERED in said:
            text, at = stamps[0]
            begin = int(STAMP.match(text)[1]) - at
            yield begin, begin + said[OFFERED]


def parts(rounds, log):
    """
    {part: instructions of each round}; the Linux of a round is the one that begins between death and answer. The last one
    has answered and is off before it has told its clock.
    """
    found = {}
    for before, answered in rounds[:-1]:
        life = next(((begin, offered) for begin, offered in lives(log) if before < begin < answered), None)
        if not life:
            raise Refused("the log does not tell the parts of a return", 1)
        marks = (before, *life, answered)
        for part, begin, end in zip(PARTS, marks, marks[1:]):
            found.setdefault(part, []).append(end - begin)
    return found


def millions(values):
    return f"{median(values) / 1e6:,.2f}"


def total(rounds):
    return [answered - before for before, answered in rounds]


def measure():
    packages.need("run the benchmark", packages.RUN)
    system.make_all()
    tool("make", "-s", "-C", TOP, "bench")
    initramfs.build()
    image = results.OWN / "returns.disk"
    with open(image, "wb") as file:
        file.truncate(DISK_BYTES)
    words = ("--disk", str(image))
    stick, _ = run("stick", "duo", "drivers", words=("--stick", str(image)))
    plain, _ = run("linux", "duo", "drivers", words=words)
    told, log = run("linux-told", "duo", "drivers", [("purlin.forward", f"purlin.forward {SAYS}")], words)
    native, _ = run("native", "linux-disk", "module-disk", [('disks = "test.disk";', 'disks = "test.disk";\n\t\t\tcontrol = <&disk>;')])
    lines = [["", "million instructions", "aim"], ["a Linux with a disk", millions(total(plain)), "1,500"]]
    lines += [[f"  {part}", millions(values), ""] for part, values in parts(told, log).items()]
    lines += [["  (with its log, which the parts were taken from)", millions(total(told)), ""]]
    lines += [["a Linux with a USB stick", millions(total(stick)), "1,500"]]
    lines += [["a native server", millions(total(native)), "1"]]
    print("From the death of a disk's server to the first answer, one processor, median of " f"{ROUNDS}:\n" + table.laid_out(lines))
    return 0
