# SPDX-License-Identifier: MIT
"""
A device comes into a slot and leaves it, by its button or without a word, at random moments: while its port sets up, while it is being
claimed, or while it writes to memory. A component that runs gets each one that stays, within a second; and nothing is used up.
"""
import random
import re
import time

import options as run_options
import qemu_run
import system
from suites.hotplug import Machine, words_for
from suites.testing import FOLDER, Failed

DESCRIPTION = """/dts-v1/;
/include/ "include/platform.dtsi"
/ {
	compatible = "purlin,system";
	description = "A component that has whatever comes into a slot";
	expect = "waiting";
	timeout = <60>;

	core: core { };

	components {
		plugged {
			binary = "plugged";
			memory = "4M";
			log;
			pci = "slot 1";
			control = <&platform>;
			routes {
				PCI = <&platform>;
				Timer = <&core>;
			};
		};
	};
};
"""
DEADLINE_MS = 1000
WARM = 5  # rounds after which all that grows once has grown


class Hands(Machine):
    """The first and the last device stay until they work; of the others nobody knows how far they get."""

    def __init__(self, folder, rounds, seed):
        super().__init__(folder, folder / "image")
        self.number, self.random, self.done, self.refused = rounds, random.Random(seed), 0, 0
        self.pulled = self.vanished = 0

    card = "card"

    def plug(self):
        self.qmp.ask("device_add", driver="edu", id=self.card, bus="slot1")

    def await_left(self, seconds):
        end = time.monotonic() + seconds
        while self.is_there():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def pull(self):
        """Pressed again if it is still there: a port that is busy with the card's coming may miss it."""
        for _ in range(20):
            try:
                self.qmp.ask("device_del", id="card")
            except Failed:
                self.refused += 1
            if self.await_left(7):
                self.pulled += 1
                return
        raise Failed("the card does not leave")

    def vanish(self):
        """Again if it is still there: a slot that has no power yet cannot lose it, and QEMU does nothing."""
        for _ in range(100):
            self.power_off()
            if self.await_left(1):
                self.vanished += 1
                return
        raise Failed("the card does not vanish")

    def await_again(self, text):
        """From now on."""
        with self.changed:
            self.said = b""
        self.plug()
        self.await_said(text)

    def rounds(self):
        self.await_said(b"waiting")
        for _ in range(self.number):
            if self.done < WARM:
                self.await_again(b"works")
            else:
                self.plug()
                time.sleep(self.random.choice((0, 0, 0.01, 0.03, 0.1, 0.3)))
            self.random.choice((self.pull, self.vanish))()
            self.done += 1
        self.await_again(b"works")
        with self.changed:
            self.said = b""
        self.pull()
        self.await_said(b"gone:")
        self.qmp.ask("quit")


class BridgeHands(Hands):
    """A card whose second function is a bridge to PCI with a device behind it: QEMU shows all of it when the first function comes."""

    def rounds(self):
        self.await_said(b"waiting")
        self.qmp.ask("device_add", driver="pcie-pci-bridge", id="bridge", bus="slot1", addr="0.1")
        self.qmp.ask("device_add", driver="edu", id="behind", bus="bridge", addr="2")
        self.qmp.ask("device_add", driver="edu", id="card", bus="slot1", addr="0.0", multifunction=True)
        self.await_said(b"works")
        self.vanish()
        self.await_said(b"bytes")
        self.done = 1
        self.qmp.ask("quit")


def judge(text, rounds):
    """Of a whole log: milliseconds from a slot's word to an owner, and the platform component's memory."""
    times = [int(time) for time in re.findall(r"has an owner (\d+) ms after its slot told of it", text)]
    used = [int(used) for used in re.findall(r"gone: (\d+) bytes", text)]
    if len(used) <= WARM or not times:
        raise Failed(f"of {rounds} devices {len(used)} had an owner")
    if max(times) >= DEADLINE_MS:
        raise Failed(f"a device had to wait for {max(times)} ms")
    if used[-1] > max(used[:WARM]):
        raise Failed(f"the platform component has {used[-1]} bytes, after {WARM} devices it had {max(used[:WARM])}")
    return f"{len(times)} devices had an owner, after {sorted(times)[len(times) // 2]} ms, at most {max(times)}; {used[-1]} bytes"


def observe(folder, hands, words, log, seconds):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "plugged.dts"
    path.write_text(DESCRIPTION)
    (folder / "image").write_bytes(bytes(512))
    options = run_options.parse([str(path), "--smp", "1", "--icount", "--", *words])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        qemu_run.observe(one, ["the hands are done"], seconds, lambda process: hands.begin(one, process), heard=hands.heard)
    if hands.error or hands.done < hands.number:
        raise Failed(f"after {hands.done} rounds: {hands.error or 'too slow'}")
    return log.read_text(errors="replace")


def run(folder, rounds, seed, log, seconds):
    hands = Hands(folder, rounds, seed)
    return hands, judge(observe(folder, hands, words_for(folder), log, seconds), rounds)


def test(log):
    run(FOLDER / "plugged", 20, 1, log, 600)


def test_bridge(log):
    """What is behind a bridge on a card is found and works: the last device of the card is used."""
    folder = FOLDER / "plugged-bridge"
    room = ",bus-reserve=4,mem-reserve=8M"  # which firmware makes behind the port
    words = [word + room if word.startswith("pcie-root-port") else word for word in words_for(folder)]
    text = observe(folder, BridgeHands(folder, 1, 1), words, log, 300)
    for line in ("PCI 02:02.0 (1234:11e8): plugged/plugged", "came: 2 devices", "works"):
        if line not in text:
            raise Failed(f"{line!r} did not come")
