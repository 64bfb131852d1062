# SPDX-License-Identifier: MIT
"""A disk with a GPT for the tests of device sessions: gpt.py FILE. Two partitions, of 1024 and 512 sectors."""
import struct
import sys
import zlib

SECTORS, FIRST, LAST = 2048, 34, 2014
PARTITIONS = [(40, 1024), (1100, 512)]


def main():
    entries = b"".join(
        struct.pack("<16s16sQQQ72s", b"\x01" * 16, bytes([number] * 16), first, first + sectors - 1, 0, b"")
        for number, (first, sectors) in enumerate(PARTITIONS, 1)
    ).ljust(128 * 128, b"\0")

    def header(checksum):
        return struct.pack(
            "<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, checksum, 0, 1, SECTORS - 1, FIRST, LAST, b"\x02" * 16, 2,
            128, 128, zlib.crc32(entries),
        )  # fmt: skip

    protective = struct.pack("<446xB3sB3sII48xH", 0, b"", 0xEE, b"", 1, SECTORS - 1, 0xAA55)
    disk = protective + header(zlib.crc32(header(0))).ljust(512, b"\0") + entries
    with open(sys.argv[1], "wb") as file:
        file.write(disk)


main()
