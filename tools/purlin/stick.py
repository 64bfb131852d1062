# SPDX-License-Identifier: MIT
"""Stick images made without mounting: file systems filled by mtools and mke2fs, partition tables by hand."""
import os
import struct
import tempfile
from pathlib import Path

from common import BUILD, locked, tool

SECTOR = 512
MEBIBYTE = 1 << 20
PARTITION_START = MEBIBYTE
SAMPLE_FILES = {
    "README.TXT": b"This stick was made by ./purlin run, since no --stick was given.\r\n"
    b"It is a copy: what you write to it is gone with the machine.\r\n",
    "HELLO.TXT": b"Hello from a USB stick, read by an unprivileged Linux.\r\n",
    "PICTURES/ROBIN.TXT": b"   _\r\n  (o)>\r\n  //\\\r\n  V_/_\r\n",
}


def vfat(files, size=16 * MEBIBYTE, label="PURLIN"):
    """The bytes of a FAT16 file system that holds files: {path: bytes}."""
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image"
        with open(image, "wb") as new:
            new.truncate(size)
        tool("mkfs.vfat", "-F", "16", "-n", label, "-i", "50555231", image)
        made = set()
        for path, data in files.items():
            parent = os.path.dirname(path)
            if parent and parent not in made:
                tool("mmd", "-i", image, f"::{parent}")
                made.add(parent)
            source = Path(folder) / "file"
            source.write_bytes(data)
            tool("mcopy", "-i", image, source, f"::{path}")
        return image.read_bytes()


def ext4(files, size=32 * MEBIBYTE, label="purlin"):
    """The bytes of an ext4 file system that holds files: {path: bytes}."""
    with tempfile.TemporaryDirectory() as folder:
        image, root = Path(folder) / "image", Path(folder) / "root"
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        with open(image, "wb") as new:
            new.truncate(size)
        tool("mkfs.ext4", "-q", "-F", "-L", label, "-E", "root_owner=0:0", "-d", root, image)
        return image.read_bytes()


def partitioned(filesystem, kind):
    """An MBR with one partition of that type (0x0e FAT16, 0x83 Linux) around a file system."""
    entry = struct.pack(
        "<B3sB3sII", 0x80, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", PARTITION_START // SECTOR, len(filesystem) // SECTOR
    )
    boot_record = bytes(440) + b"PRLN\0\0" + entry + bytes(48) + b"\x55\xaa"
    return boot_record + bytes(PARTITION_START - SECTOR) + filesystem


def sample():
    """Path of the sample stick; each machine gets a copy of its own."""
    image = BUILD / "sample-stick.img"
    with locked("sample-stick"):
        if not image.exists() or image.stat().st_mtime < Path(__file__).stat().st_mtime:
            image.write_bytes(partitioned(vfat(SAMPLE_FILES), 0x0E))
    return image
