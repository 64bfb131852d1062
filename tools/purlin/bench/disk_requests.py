# SPDX-License-Identifier: MIT
"""Direct requests to disks (bench/requests.c)."""
import tempfile

from bench import counted

DISK_BYTES = 16 << 20
TITLES = {"read-4k": "read 4 KiB", "write-4k": "write 4 KiB", "read-128k": "read 128 KiB", "write-128k": "write 128 KiB"}
FILES = {"virtio": "/dev/vda", "nvme": "/dev/nvme0n1"}


def run(name, words, devices=("virtio",), qemu=(), heard=None):
    """{(device, row): instructions for a request}"""
    keys = [(device, row) for device in devices for row in TITLES]
    # In memory, for the time that the machine waits costs instructions, too.
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="purlin-") as disk, tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="purlin-") as drive:
        disk.truncate(DISK_BYTES)
        drive.truncate(DISK_BYTES)
        more = []
        if "nvme" in devices:
            more = ["-drive", f"if=none,id=drive,format=raw,file={drive.name}", "-device", "nvme,serial=bench,drive=drive"]
        commands = [f"requests {FILES[device]}" for device in devices]
        costs = counted.run(name, [*words, "--disk", disk.name], commands, [row for _, row in keys], qemu=[*qemu, *more], heard=heard)
    return dict(zip(keys, costs))
