# SPDX-License-Identifier: MIT
"""TCP between a Linux and this machine (bench/streams.c), which serves what it asks for."""
import contextlib
import socket
import socketserver
import struct
import threading
from contextlib import contextmanager

from bench import counted

MIB = 1 << 20
MESSAGE = 64
TITLES = {"send": "TCP, send 1 MiB", "receive": "TCP, receive 1 MiB", "exchange": "TCP, round trip of 64 bytes"}
# A card in a machine whose scenario has none, and its address. QEMU's user network leads to this machine.
CARD = ["-netdev", "user,id=net", "-device", "virtio-net-pci,disable-legacy=on,iommu_platform=on,netdev=net"]
UP = ["for card in /sys/class/net/e*; do :; done", "ifconfig ${card##*/} 10.0.2.15 netmask 255.255.255.0 up"]
HOST = "10.0.2.2"


class Peer(socketserver.BaseRequestHandler):
    """One wish: a letter, and how many MiB or exchanges there will be."""

    def take(self, size):
        data = bytearray()
        while len(data) < size:
            some = self.request.recv(min(size - len(data), 1 << 16))
            if not some:
                raise ConnectionError
            data += some
        return bytes(data)

    def handle(self):
        with contextlib.suppress(ConnectionError):
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            kind, count = struct.unpack(">c3xI", self.take(8))
            if kind == b"s":
                self.take(count * MIB)
                self.request.sendall(b"!")
            elif kind == b"r":
                self.request.sendall(bytes(count * MIB))
            else:
                for _ in range(count):
                    self.request.sendall(self.take(MESSAGE))


@contextmanager
def peer():
    """Its port, as long as it is needed."""
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Peer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def run(name, words, with_card):
    """{row: instructions for each MiB or exchange}"""
    with peer() as port:
        before, qemu = (UP, CARD) if with_card else ((), ())
        return dict(zip(TITLES, counted.run(name, words, [f"streams {HOST} {port}"], list(TITLES), before, qemu)))
