# SPDX-License-Identifier: MIT
"""
./purlin bench served: what a request to a disk costs the whole machine, in instructions: natively, by Linux's own driver on
Purlin, and by a session with a Linux that has the disk (scenario duo), with its client's data in the pool or lent.
"""
import re
import tempfile

import initramfs
import options as run_options
import packages
import qemu_run
import system
from bench import results, table
from common import LINUX_VERSIONS, TOP, Refused, say, tool

DISK_BYTES = 16 << 20
WAYS = {
    "native": ["native"], "own driver": ["usb"], "session, pool": ["duo", "--lend", "pool"], "session, RAM lent": ["duo", "--lend", "ram"],
}  # fmt: skip
TITLES = {"read-4k": "read 4 KiB", "write-4k": "write 4 KiB", "read-128k": "read 128 KiB", "write-128k": "write 128 KiB"}
ROW = re.compile(r"^row (\S+) (\d+)\r?$", re.MULTILINE)
INTERVAL = re.compile(r"^interval (\d+)$", re.MULTILINE)


def run(name, words):
    """{row: instructions for a request}."""
    stem = results.OWN / f"served-{name.replace(' ', '-').replace(',', '')}"
    counted, said = stem.with_suffix(".count"), bytearray()
    counted.unlink(missing_ok=True)
    # While a machine waits for its host, its clock goes on, and ticks cost instructions: so the disk lies in memory, and
    # idle time passes as it does on the host.
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="purlin-") as disk:
        disk.truncate(DISK_BYTES)
        options = run_options.parse([*words, "--smp", "1", "--icount", "--disk", disk.name, "--exec", "/bench/requests /dev/vda"])
        options.qemu = ["-icount", "sleep=on", "-plugin", f"{results.OWN / 'total'}.so,out={counted}"]
        options.extra_files = {"bench/requests": ((results.OWN / "requests").read_bytes(), 0o755)}
        system.build(options)
        say(f"measuring: {name}")
        with qemu_run.prepared(options) as one:
            one.log = stem.with_suffix(".log")
            qemu_run.execute(one, said.extend)
    rows = ROW.findall(said.decode(errors="replace"))
    intervals = INTERVAL.findall(counted.read_text()) if counted.exists() else []
    if len(rows) != len(TITLES) or len(intervals) != len(rows):
        raise Refused(f"{name}: {len(rows)} rows, {len(intervals)} intervals; log: {one.log}", 1)
    return {row: int(total) / int(count) for (row, count), total in zip(rows, intervals)}


def measure():
    packages.need("run the benchmark", packages.RUN + packages.linux_sources([LINUX_VERSIONS[0]]))
    system.make_all()
    tool("make", "-s", "-C", TOP, "bench")
    initramfs.build()
    found = {name: run(name, words) for name, words in WAYS.items()}
    lines = [["instructions of the machine for a request", *found]]
    for row, title in TITLES.items():
        base = found["native"][row]
        cells = [f"{values[row]:,.0f}" + (f" {values[row] / base:.2f}x" if name != "native" else "") for name, values in found.items()]
        lines.append([title, *cells])
    print(table.laid_out(lines))
    return 0
