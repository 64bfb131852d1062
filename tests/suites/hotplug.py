# SPDX-License-Identifier: MIT
"""PCI Express slots of a running machine: a drive comes and goes while Linux reads it; a device starts its component."""
import hashlib
import random
import re
import socket
import threading
import time

import options as run_options
import qemu_run
import system
from common import Refused
from suites.qmp import Qmp
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

BYTES = 4 << 20
PORT = 0x10  # its device number on bus 0
ECAM = 0xB0000000  # of QEMU's q35 with SeaBIOS
NATIVE = ["-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off", "-device", f"pcie-root-port,id=slot1,chassis=1,slot=1,addr={PORT:x}"]
CAPABILITIES, PCI_EXPRESS = 0x34, 0x10
SLOT_CONTROL, POWER_AND_INDICATOR_OFF, POWER_IS_OFF = 0x18, 0x700, 0x400

# Each round: a drive comes, is read right, and goes while it is read; then its file is gone, and nobody waits for it.
# A drive's file is there a moment before it can be opened: device_add_disk() of Linux makes the one first.
LINUX = """
await() { until eval "$1"; do sleep 0.1; done; }
for round in 1 2 3; do
	echo "come $round"
	/purlin/find-disk /dev/nvme0n1 >/dev/null 2>&1
	sha256sum </dev/nvme0n1
	(while dd if=/dev/nvme0n1 of=/dev/null bs=64k iflag=direct 2>/dev/null; do :; done) &
	echo "go $round"
	await '! [ -e /sys/block/nvme0n1 ]'
	wait
done
dmesg | grep -c 'hung task\\|BUG\\|WARNING'
echo end
"""


# Ends when it has had its device, and is there again for the next one.
ON_DEVICE = """/dts-v1/;
/include/ "include/platform.dtsi"
/ {
	compatible = "purlin,system";
	description = "A component that is started for its device";
	expect = "holding";
	timeout = <60>;

	components {
		holder {
			binary = "holder-once";
			memory = "4M";
			log;
			on-device;
			pci = "slot 1";
			routes {
				PCI = <&platform>;
				Timer = <&core>;
			};
		};
	};
};
"""
SECONDS = 300


class Machine:
    """The host's hands on QEMU: cards by QMP, and a slot's power by QEMU's way for its own tests."""

    def __init__(self, folder, image):
        self.folder, self.image = folder, image
        self.said = b""
        self.changed = threading.Condition()
        self.error, self.lines = None, None
        self.cards = 0
        self.arrivals = []

    def begin(self, _, process):
        self.process = process
        threading.Thread(target=self.work, daemon=True).start()

    def heard(self, data):
        with self.changed:
            self.said += data
            self.changed.notify_all()

    def await_said(self, text):
        with self.changed:
            if not self.changed.wait_for(lambda: text in self.said, 300):
                raise Failed(f"Linux did not say {text}")

    @property
    def card(self):
        """Each has a name of its own: QEMU may take its time to forget one that is gone."""
        return f"card{self.cards}"

    def plug(self, driver="nvme", **properties):
        self.cards += 1
        self.qmp.ask("device_add", driver=driver, id=self.card, bus="slot1", **properties)

    def is_there(self):
        return any(child["name"] == self.card for child in self.qmp.ask("qom-list", path="/machine/peripheral"))

    def until_gone(self, act):
        """Again if it is still there: a port that is busy with the card's coming may miss its button."""
        end = time.monotonic() + SECONDS
        while self.is_there():
            if time.monotonic() > end:
                raise Failed("the card does not leave")
            act()
            for _ in range(140):
                if not self.is_there():
                    break
                time.sleep(0.05)

    def press(self):
        try:
            self.qmp.ask("device_del", id=self.card)
        except Failed as error:
            if not any(reason in str(error) for reason in ("in the process of unplug", "is busy", "not found")):
                raise

    def pull(self):
        """By its button: the guest lets it go."""
        self.until_gone(self.press)

    def register(self, offset, value=None):
        address = ECAM + (PORT << 15) + offset
        text = f"readl {address:#x}\n" if value is None else f"writew {address:#x} {value:#x}\n"
        self.qtest.sendall(text.encode())
        while True:
            line = self.lines.readline().split()
            if line and line[0] == "OK":
                return int(line[1], 16) if len(line) > 1 else 0

    def slot(self):
        """Where the port's registers of the slot are, and what they hold: control, and status above it."""
        place = self.register(CAPABILITIES) & 0xFF
        while self.register(place) & 0xFF != PCI_EXPRESS:
            place = self.register(place) >> 8 & 0xFF
        return place + SLOT_CONTROL, self.register(place + SLOT_CONTROL)

    def state(self):
        return f"; the slot's registers: {self.slot()[1]:#x}" if self.lines else ""

    def power_off(self):
        """The slot loses its power without a word to the guest."""
        place, value = self.slot()
        self.register(place, value & 0xFFFF | POWER_AND_INDICATOR_OFF)

    def cut(self):
        """Where the slot has no power yet there is none to take away: QEMU takes the card as a hand would."""
        if self.slot()[1] & POWER_IS_OFF:
            self.press()
        else:
            self.power_off()

    def vanish(self):
        self.until_gone(self.cut)

    def rounds(self):
        for number, leave in enumerate((self.pull, self.vanish, self.pull), 1):
            self.await_said(f"come {number}\n".encode())
            self.plug(drive="image", serial="a")
            self.await_said(f"go {number}\n".encode())
            if number == 1:
                self.qmp.ask("human-monitor-command", **{"command-line": "pcie_aer_inject_error slot1 MALF_TLP"})
            leave()

    def work(self):
        try:
            for name in ("qmp", "qtest"):
                qemu_run.wait_for_socket(self.folder / name, self.process)
            self.qmp = Qmp(self.folder / "qmp")
            self.qtest = socket.socket(socket.AF_UNIX)
            self.qtest.connect(str(self.folder / "qtest"))
            self.lines = self.qtest.makefile("r")
            self.qmp.ask("blockdev-add", driver="raw", **{"node-name": "image", "read-only": True}, file={"driver": "file", "filename": str(self.image)})
            self.rounds()
        except (Failed, Refused, OSError, ValueError) as error:
            self.error = f"{error}{self.state()}"
            qemu_run.stop(self.process)  # nobody else will say anything


def words_for(folder):
    """QEMU's words for a machine with a slot, and the sockets of its hands."""
    words = list(NATIVE)
    for name in ("qmp", "qtest"):
        (folder / name).unlink(missing_ok=True)
        words += [f"-{name}", f"unix:{folder / name},server=on,wait=off"]
    return [*words, "-qtest-log", "/dev/null"]


def test_drive(log):
    """A drive that comes is read right; one that is asked to leave goes; one that vanishes is an I/O error; a port's is heard of."""
    folder = FOLDER / "hotplug"
    folder.mkdir(parents=True, exist_ok=True)
    image = folder / "image"
    content = random.Random("card").randbytes(BYTES)
    image.write_bytes(content)
    hands = Machine(folder, image)
    output = in_linux(
        ["usb", "--exec", LINUX, "--", *words_for(folder)], log, started=hands.begin, heard=hands.heard
    )
    if hands.error:
        raise Failed(f"while plugging: {hands.error}")
    if "PCI 00:10.0 reported a fatal error (0x40000)" not in output.log:
        raise Failed("nobody heard of the port's error")
    right = f"{hashlib.sha256(content).hexdigest()}  -"
    expected = [line for number in (1, 2, 3) for line in (f"come {number}", right, f"go {number}")]
    expect_equal("output", output.text.splitlines(), [*expected, "0", "end"])
    expect_equal("status", output.status, 0)


class Starting(Machine):
    """The same slot twice, and not a word when the component leaves its device as it is."""

    def rounds(self):
        self.await_said(b"its slot can be emptied and filled")
        self.plug("edu")
        self.await_said(b"ended with value 0")
        self.vanish()
        self.await_said(b"is empty")
        self.plug("edu")


def test_started(log):
    """A device that comes starts its component within a second of the machine's time, each time once."""
    folder = FOLDER / "hotplug-started"
    folder.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "hotplug-started.dts"
    path.write_text(ON_DEVICE)
    hands = Starting(folder, folder / "image")
    hands.image.write_bytes(bytes(512))
    options = run_options.parse([str(path), "--smp", "1", "--icount", "--", *words_for(folder)])
    system.build(options)
    wanted = ["holding", "waits for its device"]
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, 2 * wanted, SECONDS, lambda process: hands.begin(one, process), heard=hands.heard)
    if hands.error or missing:
        raise Failed(f"{hands.error or missing[0]!r} did not come")
    text = log.read_text(errors="replace")
    expect_equal("starts", text.count("holder: is started for its device"), 2)
    times = [int(time) for time in re.findall(r"has an owner (\d+) ms after its slot told of it", text)]
    expect_equal("within a second", [time < 1000 for time in times], [True, True])


def suites():
    from suites import plugged  # it stands on this one

    functions = {"hotplug/drive": test_drive, "hotplug/started": test_started}
    functions |= {"hotplug/plugged": plugged.test, "hotplug/bridge": plugged.test_bridge}
    return [Suite(list(functions), one_by_one(functions))]
