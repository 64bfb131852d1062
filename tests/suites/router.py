# SPDX-License-Identifier: MIT
"""
The scenario `router`: machines of ours on both sides of it, each at the other end of a card, send through it and see what
it filters, while a Linux with a card is killed and comes back.
"""
import socket
import struct
import threading
import time

from common import TOP
from suites.testing import Failed, Suite, description, expect_equal, in_linux, one_by_one

ROUTER = TOP / "scenarios/router.dts"
ARP, IP = b"\x08\x06", b"\x08\x00"
EVERYBODY = b"\xff" * 6
ECHO_REPLY, UNREACHABLE, ECHO = 0, 3, 8
FILTERED = 13
PAUSE = 0.3
# From the router to both sides; then one Linux with a card is killed, and what passes through the router goes on.
COMMAND = """
reach() { until ping -q -c 1 -W 1 $1 > /dev/null; do :; done; }
passed() { awk '/^Ip: [0-9]/ { print $7 }' /proc/net/snmp; }
passes() { before=$(passed); until [ $(passed) -gt $((before + 10)) ]; do sleep 0.1; done; }
reach 10.0.2.7; reach 10.0.3.7; passes
echo up
purlinctl kill left
reach 10.0.2.7; passes
echo again
passes
cat /sys/class/net/eth[01]/carrier /sys/class/net/eth[01]/carrier_changes
"""


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def icmp(kind, rest):
    return struct.pack("!BBH", kind, 0, checksum(struct.pack("!BBH", kind, 0, 0) + rest)) + rest


class Machine:
    """At the other end of a card: answers for its address, sends through a gateway, and notes what comes."""

    def __init__(self, number, address, gateway):
        self.mac = bytes([2, 7, 0, 0, 0, number])
        self.address, self.gateway = socket.inet_aton(address), socket.inet_aton(gateway)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.card = free.getsockname()
        self.gateway_mac = None
        self.asked, self.answers, self.filtered, self.answered = set(), 0, 0, 0.0
        threading.Thread(target=self.run, daemon=True).start()

    def netdev(self, name):
        return f"socket,id={name},udp=127.0.0.1:{self.socket.getsockname()[1]},localaddr=127.0.0.1:{self.card[1]}"

    def send(self, target, kind, payload):
        try:
            self.socket.sendto(target + self.mac + kind + payload, self.card)
        except OSError:
            pass  # no machine yet, or no longer

    def run(self):
        while True:
            try:
                frame = self.socket.recv(4096)
            except ConnectionRefusedError:
                continue
            except OSError:
                return
            if frame[12:14] == ARP:
                self.arp(frame[14:42])
            elif frame[12:14] == IP:
                self.packet(frame[14:])

    def arp(self, packet):
        operation, sender_mac, sender, target = packet[7], packet[8:14], packet[14:18], packet[24:28]
        if operation == 2 and sender == self.gateway:
            self.gateway_mac = sender_mac
        if operation == 1:
            self.asked.add(socket.inet_ntoa(target))
            if target == self.address:
                self.send(sender_mac, ARP, packet[:7] + b"\2" + self.mac + target + sender_mac + sender)

    def packet(self, packet):
        if packet[9] != 1 or packet[16:20] != self.address:
            return
        kind, code, rest = packet[20], packet[21], packet[24 : struct.unpack("!H", packet[2:4])[0]]
        if kind == ECHO:
            self.ip(packet[12:16], icmp(ECHO_REPLY, rest))
        if kind == ECHO_REPLY:
            self.answers += 1
            self.answered = time.monotonic()
        self.filtered += kind == UNREACHABLE and code == FILTERED

    def ip(self, target, payload):
        """To the gateway, whoever it is for; its address is asked for each time."""
        self.send(EVERYBODY, ARP, b"\0\1\x08\0\6\4\0\1" + self.mac + self.address + bytes(6) + self.gateway)
        if self.gateway_mac:
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, 1, 0, self.address, target)
            head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
            self.send(self.gateway_mac, IP, head + payload)

    def ping(self, target):
        self.ip(socket.inet_aton(target), icmp(ECHO, bytes(36)))


def ping_all(machine, over):
    while not over.wait(PAUSE):
        for target in ("10.0.3.7", "10.0.3.8", "10.0.3.9"):
            machine.ping(target)


def test_router(log):
    left, right = Machine(1, "10.0.2.7", "10.0.2.20"), Machine(2, "10.0.3.7", "10.0.3.20")
    path = description(
        log.stem, ROUTER, ("user,id=left,net=10.0.2.0/24", left.netdev("left")), ("user,id=right,net=10.0.3.0/24", right.netdev("right"))
    )
    over, said, again = threading.Event(), bytearray(), []

    def heard(data):
        said.extend(data)
        if b"again" in said and not again:
            again.append(time.monotonic())

    threading.Thread(target=ping_all, args=(left, over), daemon=True).start()
    try:
        done = in_linux([str(path), "--exec", COMMAND], log, heard=heard)
    finally:
        over.set()
        left.socket.close()
        right.socket.close()
    # Carriers, and how often they changed: off until the driver has looked.
    expect_equal("what the router says", done.text.split(), ["up", "again", "1", "1", "2", "2"])
    expect_equal("kills", done.log.count("[init] left: is killed by router"), 1)
    if not again or left.answered < again[0]:
        raise Failed("nothing has come through since the kill")
    if not left.filtered:
        raise Failed("nobody was told of the filter")
    # Nobody has 10.0.3.8, either: but the router has looked for it.
    expect_equal("addresses that the router looked for", {"10.0.3.8", "10.0.3.9"} & right.asked, {"10.0.3.8"})


def suites():
    functions = {"networks/router": test_router}
    return [Suite(list(functions), one_by_one(functions))]
