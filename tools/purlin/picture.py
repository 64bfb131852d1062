# SPDX-License-Identifier: MIT
"""Pictures of a machine's screen: what QEMU's monitor dumps (PPM), and PNG for documents."""
import struct
import sys
import zlib
from pathlib import Path


class Picture:
    """Pixels of three bytes, in lines from top to bottom."""

    def __init__(self, data):
        kind, width, height, most = data[:64].split()[:4]
        if kind != b"P6" or most != b"255":
            raise ValueError("not a PPM with a byte for each colour")
        self.width, self.height = int(width), int(height)
        self.pixels = data[-self.width * self.height * 3 :]

    def line(self, number):
        return self.pixels[number * self.width * 3 : (number + 1) * self.width * 3]


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(picture):
    """PNG (ISO/IEC 15948) without filters: screens of text compress well enough."""
    lines = b"".join(b"\0" + picture.line(number) for number in range(picture.height))
    header = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(png(Picture(Path(sys.argv[1]).read_bytes())))
