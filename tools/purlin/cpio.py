# SPDX-License-Identifier: MIT
"""Writing cpio archives in "newc" form (the kernel's Documentation/driver-api/early-userspace/buffer-format)."""
import stat

HEADER = 110
PAGE = 4096


def pad(length, to):
    return -length % to


class Archive:
    """Collects members; `align` pads each name with NULs until the data begins on that boundary."""

    def __init__(self, align=4):
        self.parts = []
        self.size = 0
        self.align = align
        self.inode = 0

    def member(self, name, mode, data=b"", device=(0, 0)):
        self.inode += 1
        self._write(name, mode, data, device, self.inode)

    def _write(self, name, mode, data, device, inode):
        encoded = name.encode() + b"\0"
        align = self.align if data else 4
        encoded += bytes(pad(self.size + HEADER + len(encoded), align))
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (inode, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(encoded), 0)
        self._append(b"070701" + b"".join(b"%08x" % field for field in fields))
        self._append(encoded)
        self._append(data)
        self._append(bytes(pad(self.size, 4)))

    def _append(self, data):
        self.parts.append(data)
        self.size += len(data)

    def folder(self, name):
        self.member(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        self.member(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self.member(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, mode, major, minor):
        self.member(name, stat.S_IFCHR | mode, device=(major, minor))

    def finish(self, block=512):
        """The whole archive; padded so that another may follow it."""
        self._write("TRAILER!!!", 0, b"", (0, 0), 0)
        self._append(bytes(pad(self.size, block)))
        return b"".join(self.parts)
