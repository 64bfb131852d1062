# SPDX-License-Identifier: MIT
"""
A disk whose cache is lost when it is reset: the server of a network block device (NBD, its protocol's "fixed newstyle"), for
one QEMU. What was written and not flushed is read back like anything else, until the machine's log says that the disk's
owner has ended; what comes after that line finds only what was flushed before.
"""
import socket
import struct
import threading

GREETING = b"NBDMAGIC" + b"IHAVEOPT" + struct.pack(">H", 3)  # fixed newstyle, no zeroes
OPTION = b"IHAVEOPT"
OPTION_REPLY = 0x3E889045565A9
ABORT, GO = 2, 7
ACKNOWLEDGED, INFO, UNSUPPORTED = 1, 3, 0x80000001
FLAGS = 1 | 4 | 8  # there are flags; flushes; writes through the cache
REQUEST, REPLY = 0x25609513, 0x67446698
READ, WRITE, LEAVE, FLUSH = 0, 1, 2, 3
THROUGH = 1
INVALID = 22
SECTOR = 512


class VolatileDisk:
    def __init__(self, path, size, log, end):
        """`end`: the line of the log after which the cache is empty."""
        self.size, self.log, self.end = size, log, end.encode()
        self.kept, self.cache = bytearray(size), {}
        self.looked = self.lost = self.flushes = 0
        path.unlink(missing_ok=True)
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        self.listener.close()
        self.path.unlink(missing_ok=True)

    def arguments(self, name):
        """For QEMU: a disk with that serial number."""
        place = f"file.driver=nbd,file.server.type=unix,file.server.path={self.path}"
        device = f"virtio-blk-pci,disable-legacy=on,iommu_platform=on,drive={name},serial={name}"
        return ["-drive", f"if=none,id={name},format=raw,{place}", "-device", device]

    def serve(self):
        try:
            self.peer, _ = self.listener.accept()
            with self.peer:
                self.stream = self.peer.makefile("rb")
                self.peer.sendall(GREETING)
                self.stream.read(4)
                if self.agree():
                    while self.request():
                        pass
        except (OSError, struct.error):
            pass  # QEMU has ended

    def agree(self):
        while True:
            _, option, length = struct.unpack(">8sII", self.stream.read(16))
            self.stream.read(length)
            if option == GO:
                self.reply(option, INFO, struct.pack(">HQH", 0, self.size, FLAGS))
            self.reply(option, ACKNOWLEDGED if option in (GO, ABORT) else UNSUPPORTED)
            if option in (GO, ABORT):
                return option == GO

    def reply(self, option, kind, data=b""):
        self.peer.sendall(struct.pack(">QIII", OPTION_REPLY, option, kind, len(data)) + data)

    def request(self):
        magic, flags, kind, handle, offset, length = struct.unpack(">IHHQQI", self.stream.read(28))
        assert magic == REQUEST
        data = self.stream.read(length) if kind == WRITE else b""
        if kind == LEAVE:
            return False
        self.look()
        error = 0 if kind == FLUSH or offset + length <= self.size and not (offset | length) % SECTOR else INVALID
        read = self.do(kind, flags, offset, length, data) if not error else b""
        self.peer.sendall(struct.pack(">IIQ", REPLY, error, handle) + read)
        return True

    def do(self, kind, flags, offset, length, data):
        if kind == READ:
            return b"".join(self.cache.get(at) or self.kept[at : at + SECTOR] for at in range(offset, offset + length, SECTOR))
        for at in range(0, length if kind == WRITE else 0, SECTOR):
            self.cache[offset + at] = data[at : at + SECTOR]
        if kind == FLUSH or flags & THROUGH:
            self.flush()
        return b""

    def flush(self):
        """Of a write through the cache it is more than was asked for, which no owner may rely on; none does (QEMU flushes)."""
        self.flushes += 1
        for at, data in self.cache.items():
            self.kept[at : at + SECTOR] = data
        self.cache.clear()

    def look(self):
        """QEMU has written the line before it lets the next owner do anything."""
        if not self.log.exists() or self.log.stat().st_size == self.looked:
            return
        with open(self.log, "rb") as log:
            log.seek(max(self.looked - len(self.end) + 1, 0))
            said = log.read()
            self.looked = log.tell()
        if self.end in said:
            self.lost += len(self.cache)
            self.cache.clear()
