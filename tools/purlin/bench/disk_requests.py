# SPDX-License-Identifier: MIT
"""Direct requests to disks (bench/requests.c), with all instructions of the machine counted (bench/total.c)."""
import re
import tempfile

import initramfs
import options as run_options
import packages
import qemu_run
import system
from bench import results
from common import LINUX_VERSIONS, TOP, Refused, say, tool

DISK_BYTES = 16 << 20
TITLES = {"read-4k": "read 4 KiB", "write-4k": "write 4 KiB", "read-128k": "read 128 KiB", "write-128k": "write 128 KiB"}
ROW = re.compile(r"^row (\S+) (\d+)\r?$", re.MULTILINE)
INTERVAL = re.compile(r"^interval (\d+)$", re.MULTILINE)
# Ticks while the machine waits for a busy host only add: the least of several rounds counts.
ROUNDS = 3
FILES = {"virtio": "/dev/vda", "nvme": "/dev/nvme0n1"}


def prepare():
    packages.need("run the benchmark", packages.RUN + packages.linux_sources([LINUX_VERSIONS[0]]))
    system.make_all()
    tool("make", "-s", "-C", TOP, "bench")
    initramfs.build()


def run(name, words, devices=("virtio",), qemu=(), heard=None):
    """{(device, row): instructions for a request}; `heard` gets what the machine says, as it comes."""
    stem = results.OWN / re.sub(r"\W+", "-", name)
    counted, said = stem.with_suffix(".count"), bytearray()
    counted.unlink(missing_ok=True)

    def sink(data):
        said.extend(data)
        if heard:
            heard(data)

    # While a machine waits for its host, its clock goes on, and ticks cost instructions: so the disks lie in memory, and
    # idle time passes as it does on the host.
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="purlin-") as disk, tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="purlin-") as drive:
        disk.truncate(DISK_BYTES)
        drive.truncate(DISK_BYTES)
        command = " && ".join([f"/bench/requests {FILES[device]}" for device in devices] * ROUNDS)
        options = run_options.parse([*words, "--smp", "1", "--icount", "--disk", disk.name, "--exec", command])
        options.qemu = ["-icount", "sleep=on", "-plugin", f"{results.OWN / 'total'}.so,out={counted}", *qemu]
        if "nvme" in devices:
            options.qemu += ["-drive", f"if=none,id=drive,format=raw,file={drive.name}", "-device", "nvme,serial=bench,drive=drive"]
        options.extra_files = {"bench/requests": ((results.OWN / "requests").read_bytes(), 0o755)}
        system.build(options)
        say(f"measuring: {name}")
        with qemu_run.prepared(options) as one:
            one.log = stem.with_suffix(".log")
            qemu_run.execute(one, sink)
    rows = ROW.findall(said.decode(errors="replace"))
    intervals = INTERVAL.findall(counted.read_text()) if counted.exists() else []
    wanted = [(device, row) for device in devices for row in TITLES]
    if [row for row, _ in rows] != [row for _, row in wanted] * ROUNDS or len(intervals) != len(rows):
        raise Refused(f"{name}: {len(rows)} rows, {len(intervals)} intervals; log: {one.log}", 1)
    costs = [int(total) / int(count) for (_, count), total in zip(rows, intervals)]
    return {key: min(costs[i :: len(wanted)]) for i, key in enumerate(wanted)}
