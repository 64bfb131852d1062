# SPDX-License-Identifier: MIT
"""A Linux as the server of device sessions: its clients read and write while it panics and is started again."""
import hashlib
import re
import subprocess
import threading
import time
from contextlib import contextmanager
from functools import partial

import options as run_options
import qemu_run
import stick
import system
from common import TOP
from suites.linux_disk import count_deaths, files
from suites.qmp import Qmp
from suites.testing import FOLDER, PATIENCE, Failed, Suite, description, expect_equal, in_linux, one_by_one
from suites.volatile_disk import VolatileDisk

DESCRIPTION = TOP / "tests/components/served/served.dts"
NETWORKS = TOP / "tests/components/served/nic.dts"
DISK_BYTES = 512 << 10
SECONDS = 180 * PATIENCE
# The life of the Linux that serves: some milliseconds after it has begun to run programs, another number each time.
DIES = "usleep $((RANDOM * {spread})); echo c > /proc/sysrq-trigger"
MORTAL = "mount -t proc proc /proc; " + DIES
# Interfaces that all answer for the address of the first, and say nothing by themselves.
ANSWERS = """mount -t proc proc /proc; for conf in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $conf; done;
for name in {names}; do ip link set $name up; done; ip addr add 10.8.255.254/16 dev {first}; """.replace("\n", " ")
CLIENT = "{name} {{ binary = \"{binary}\"; priority = <20>; log; routes {{ Nic = <&broker>; }}; }};"
STARTED_AGAIN = "[init] drivers: is started again"
CARELESS = "mount -t sysfs sysfs /sys; for disk in /sys/block/vd*; do echo write through > $disk/queue/write_cache; done; "
DONE = " passed, 0 failed"
DUO = TOP / "scenarios/duo.dts"
# A partition by its label, one by its number in an MBR, at a port; then that stick is another one, and the last stays away.
LOOKS = """
look() { dd if=/dev/vdb bs=64k iflag=direct 2> /dev/null | sha256sum | cut -d' ' -f1; until ping -q -c 1 -W 1 10.0.2.2 > /dev/null; do :; done; echo outside; }
reads() { dd if=/dev/$1 of=/tmp/read bs=4k count=1 iflag=direct 2> /tmp/why; }
awk '{print $1 / 2}' /sys/block/vda/size
dd if=/dev/vda bs=4k count=1 iflag=direct 2> /dev/null | head -c 4; echo
over() { until [ $(dmesg | grep -c "the session is over") = $2 ]; do reads $1; done; reads $1; grep -o 'Input.*' /tmp/why; }
look
purlinctl sessions | tr -s ' ' | grep '^user - Block ' | sort
purlinctl devices > /tmp/devices && grep owned /tmp/devices | grep -v drivers/pci
grep -q 'owned *drivers/pci *msi' /tmp/devices && grep -q '^drivers/pci: .* devices reach' /tmp/devices && echo owned
reads vdc && echo pull
over vdc 1
purlinctl kill drivers && look
echo replace
over vdb 2
reads vda && echo goes on
cat /sys/class/misc/hw_random/rng_current; head -c 16 /dev/hwrng | wc -c
"""
TABLE = "label: gpt\nstart=2048, size=4096, name=other\nstart=8192, size=16384, name=home\n"
PARTS = [
    ("disk0 user Block serial:disk0", "disk0 user Block serial:disk0 part-label:home"),
    ("stick0 user Block serial:stick0", "stick0 user Block path:2-1 part-uuid:4e4c5250-01"),
    ("stick1 user Block serial:stick1", "stick1 user Block serial:stick1 within:2"),
    ('disks = "disk0", "disk1", "disk2", "disk3", "stick0", "stick1", "stick2", "stick3"', 'disks = "disk0", "stick0", "stick1"'),
]  # fmt: skip
SESSIONS = [f"user - Block {name} open" for name in ("disk0", "stick0", "stick1")]
OVER = ['Block session "stick0" of user is over: another device is there now', 'Block session "stick1" of user is over: it has not come back in time']
# The life of a Linux whose disks are silent after a while: they do nothing any more for want of a way to memory.
SILENT = """mount -t proc p /proc; mount -t sysfs s /sys; mount -t devtmpfs d /dev; usleep $((RANDOM * 100));
for one in /sys/bus/pci/devices/*; do case $(cat $one/class) in 0x0100*)
head -c 2 /dev/zero | dd of=$one/config bs=2 seek=2 count=1 conv=notrunc 2> /dev/null;; esac; done; sleep 1000000""".replace("\n", " ")
NO_PART = "Block path:2-1 part-uuid:4e4c5250-01 is not served: the disk has no partition of that name"
DEATHS = 3
# Until then files are written; who has control of the other Linux can ask.
TOO_FEW_DEATHS = f"[ $(purlinctl list --json | sed -n 's/.*\"starts\": \\([0-9]*\\).*/\\1/p') -le {DEATHS} ]"
READS_TO_THE_END = """
while dd if=/dev/vda of=/dev/null bs=64k count=1 iflag=direct 2> /tmp/why; do echo >> /tmp/reads; done &
until [ -s /tmp/reads ]; do usleep 10000; done
purlinctl stop drivers; wait; grep -o 'Input.*' /tmp/why; dmesg | grep -o '[0-9]* pages that .*'
"""
KEPT = re.compile("1[67] pages that its server may still write to stay out of use")
HUNG = "hangs: a request has not been answered for 2 s"


def quoted(life):
    """For the shell that is a Linux's first program: within bootargs, which are within quotes themselves."""
    return '\\"' + life.replace("\\", "\\\\") + '\\"'


def observe_disks(path, disks, wanted, log):
    """The description at `path`, with those disks, until all that is wanted has appeared."""
    options = run_options.parse([str(path)])
    options.qemu = [word for number, disk in enumerate(disks) for word in disk.arguments(f"volatile{number}")]
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS)
    for disk in disks:
        disk.close()
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")


def run(log, life, wanted, *changes):
    """The log, and how many sectors disks had in their caches when the Linux with them ended."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    disks = [VolatileDisk(FOLDER / f"{log.stem}-{number}.nbd", DISK_BYTES, log, STARTED_AGAIN) for number in range(2)]
    described = description(log.stem, DESCRIPTION, ("LIFE", quoted(life)), *changes)
    observe_disks(described, disks, wanted, log)
    return log.read_text(errors="replace"), disks[0].lost


def test_mortal(vandal, log):
    """The disks lose what is in their caches at each end: what was acknowledged had left it. Beside that client a vandal."""
    text, _ = run(log, MORTAL.format(spread=20), [DONE, DONE], ("served-vandal", vandal))
    deaths = text.count(STARTED_AGAIN)
    if deaths < 3:
        raise Failed(f"the Linux that serves has ended only {deaths} times")
    # What it says of its own end is that of the key; anything else is the vandal's doing.
    if text.count("Kernel panic") != text.count("sysrq triggered crash") or "WARNING:" in text:
        raise Failed("the Linux that serves has suffered from a client")


def test_forgets(log):
    """Without the record of what was in flight requests get lost, and the client notices."""
    run(log, MORTAL.format(spread=20), ["[disk-writer] FAILED"], ("served-writer", "forgetful-writer"))


def test_careless(log):
    """With a Linux that was told that its disks have no cache, what was acknowledged gets lost, and the client notices."""
    _, lost = run(log, CARELESS + MORTAL.format(spread=20), ["[disk-writer] FAILED"])
    if not lost:
        raise Failed("the disk's cache was empty")


def run_networks(log, life, clients, wanted):
    """`clients`: {label, which is the name of the interface, too: binary}. The log."""
    names = list(clients)
    rules = [f'"{name} {name} Nic mac:02:00:00:00:00:0{number} interface:{name}"' for number, name in enumerate(names, 1)]
    changes = {
        "LIFE": quoted(ANSWERS.format(names=" ".join(names), first=names[0]) + life), "RULES": ", ".join(rules),
        "CLIENTS": " ".join(CLIENT.format(name=name, binary=binary) for name, binary in clients.items()),
    }  # fmt: skip
    options = run_options.parse([str(description(log.stem, NETWORKS, *changes.items()))])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS, in_order=len(clients) == 1)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    return log.read_text(errors="replace")


def test_networks(log):
    """Numbered frames, while the Linux that passes them on ends again and again: none comes twice."""
    text = run_networks(log, DIES.format(spread=40), {"work": "nic-sender"}, [DONE])
    if text.count(STARTED_AGAIN) < 3:
        raise Failed("the Linux that serves has not ended often enough")


def test_networks_repeated(log):
    """A client that sends some frames twice: it notices that they are passed on twice."""
    run_networks(log, DIES.format(spread=40), {"work": "repeating-sender"}, ["[work] FAILED"])


def test_vandals(log):
    """Clients that break all rules, of queues and of frames, beside one that does not: what that sends is passed on."""
    clients = {"receive": "receive-vandal", "transmit": "transmit-vandal", "honest": "honest-vandal"}
    left = "no rule is left"
    text = run_networks(log, "sleep 1000000", clients, ["[honest] FAILED", f"[receive] {left}", f"[transmit] {left}"])
    for line in text.splitlines():
        if "FAILED" in line and not line.startswith("[honest]"):
            raise Failed(line)
        if any(word in line for word in ("WARNING:", "BUG:", "Kernel panic", STARTED_AGAIN)):
            raise Failed(f"the Linux that serves has suffered: {line}")


WITH_DISKS = [
    ('"Offer", "Nic"', '"Offer", "Nic", "Block"'), ('offers = "drivers";', 'offers = "drivers"; pci = "class 01xxxx";'),
    ("Offer = <&broker>;", "Offer = <&broker>; PCI = <&platform>;"), ('console.dtsi"', 'console.dtsi"\n/include/ "include/platform.dtsi"'),
]  # fmt: skip
REFUSED = [
    ("twice user Block serial:same", "several disks have that name"),
    ("home user Block serial:parts part-label:home", "several partitions of the disk have that name"),
    ("none user Block serial:parts part-label:none", "the disk has no partition of that name"),
    ("whole user Block serial:used", None),
    ("part user Block serial:used part-label:one", "this Linux has it open, or other rules the whole or a part"),
    ("net user Nic mac:02:00:00:00:00:01", None),
    ("same user Nic mac:02:00:00:00:00:01 interface:other", "another rule has that address"),
    ("group user Nic mac:03:00:00:00:00:02", 'its identity is not "mac:" and an address that a client may have'),
    ("name user Nic mac:02:00:00:00:00:03 interface:lo", "there is an interface of that name"),
    ("long user Nic mac:02:00:00:00:00:04 interface:sixteen-letters-", "the interface's name is too long"),
    ("odd user Nic mac:02:00:00:00:00:05 interface:a/b", "no interface may have that name"),
]  # fmt: skip
LABELS = {"parts": ["home", "home"], "used": ["one"], "same0": [], "same1": []}


def labelled_disk(path, labels):
    with open(path, "wb") as file:
        file.truncate(16 << 20)
    if labels:
        table = "label: gpt\n" + "".join(f"size=4096, name={label}\n" for label in labels)
        subprocess.run(["sfdisk", "-q", str(path)], input=table, text=True, check=True, capture_output=True)
    return path


def test_refused(log):
    """Rules for which there is no device, or not exactly one, or one that is somebody's: the log says why."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    disks = {name: labelled_disk(FOLDER / f"{log.stem}-{name}.disk", labels) for name, labels in LABELS.items()}
    rules = ", ".join(f'"{rule}"' for rule, _ in REFUSED)
    path = description(log.stem, NETWORKS, ("RULES", rules), ("LIFE", quoted("sleep 1000000")), ("CLIENTS", ""), *WITH_DISKS)
    options = run_options.parse([str(path)])
    options.qemu = []
    for name, disk in disks.items():
        options.qemu += ["-drive", f"if=none,id={name},format=raw,file={disk}"]
        options.qemu += ["-device", f"virtio-blk-pci,disable-legacy=on,iommu_platform=on,drive={name},serial={name.rstrip('01')}"]
    system.build(options)
    wanted = [f"purlin-serve: {rule.split(' ', 2)[2]} is not served: {why}" if why else f"purlin-serve: {rule.split(' ', 2)[2]} is offered" for rule, why in REFUSED]
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS, in_order=False)
    for disk in disks.values():
        disk.unlink()
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")


@contextmanager
def disk_of(log, size):
    disk = FOLDER / f"{log.stem}.disk"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(disk, "wb") as file:
        file.truncate(size)
    try:
        yield disk
    finally:
        disk.unlink()


class Hands:
    """Sticks of a running machine: one is replaced by another, one is pulled."""

    def __init__(self, log, blank, other):
        self.log, self.socket, self.images = log, FOLDER / f"{log.stem}.qmp", {"blank": blank, "other": other}
        self.socket.unlink(missing_ok=True)
        self.words = ["--", "-qmp", f"unix:{self.socket},server=on,wait=off"]
        self.said, self.error, self.qmp = b"", None, None

    def heard(self, data):
        self.said += data
        for word, act in ((b"pull\n", self.pull), (b"replace\n", self.replace)):
            if word in self.said:
                self.said = b""
                threading.Thread(target=self.do, args=(act,), daemon=True).start()

    def do(self, act):
        try:
            self.qmp = self.qmp or Qmp(self.socket)
            act()
        except (Failed, OSError, ValueError) as error:
            self.error = error

    def pull(self, name="usb-stick1"):
        self.qmp.ask("device_del", id=name)
        self.qmp.wait_event("DEVICE_DELETED", device=name)

    def replace(self):
        self.pull("usb-stick0")
        self.plug("blank")
        while NO_PART not in self.log.read_text(errors="replace"):
            time.sleep(0.1)
        self.pull("blank")
        self.plug("other")

    def plug(self, name):
        self.qmp.ask(
            "blockdev-add", driver="raw", **{"node-name": name, "read-only": False}, file={"driver": "file", "filename": str(self.images[name])}
        )
        self.qmp.ask("device_add", driver="usb-storage", id=name, bus="usb.0", port="1", drive=name, serial=name)


def test_duo(more, log):
    """Partitions, stick and network of one Linux in another, which then kills the first and has them again."""
    sample = stick.sample().read_bytes()
    sticks = [FOLDER / f"{log.stem}-{number}.stick" for number in range(4)]
    for path in sticks:
        path.write_bytes(sample)
    sticks[2].write_bytes(bytes(len(sample)))
    hands = Hands(log, *sticks[2:])
    with disk_of(log, 16 << 20) as disk:
        subprocess.run(["sfdisk", "-q", str(disk)], input=TABLE, text=True, check=True, capture_output=True)
        with open(disk, "r+b") as file:
            file.seek(8192 * 512)
            file.write(b"HOME")
        words = [str(description(log.stem, DUO, ('purlin.forward"', 'purlin.forward keep_bootcon"'), *PARTS)), "--disk", str(disk), "--stick", str(sticks[0]), "--stick", str(sticks[1]), *more]
        done = in_linux([*words, "--exec", LOOKS, *hands.words], log, heard=hands.heard)
    if hands.error:
        raise Failed(f"while pulling: {hands.error}")
    error = "Input/output error"
    there = [hashlib.sha256(sample[stick.PARTITION_START :]).hexdigest(), "outside"]
    expect_equal("what there is", done.text.splitlines(), ["8192", "HOME", *there, *SESSIONS, "owned", "pull", error, *there, "replace", error, "goes on", "virtio_rng.0", "16"])
    expect_equal("kills", done.log.count("[init] drivers: is killed by user"), 1)
    for line in OVER:
        if line not in done.log:
            raise Failed(f"no line {line!r}")


def test_duo_mortal(lend, log):
    """Files on a file system, while the disk of the Linux that has it stops to answer, again and again, and that Linux goes on."""
    changes = [('purlin.forward"', f'keep_bootcon rdinit=/bin/sh -- -c {quoted(SILENT)}"'), ('offers = "drivers";', 'offers = "drivers"; watchdog = <2>;')]
    with disk_of(log, 16 << 20) as disk:
        done = in_linux([str(description(log.stem, DUO, *changes)), "--lend", lend, "--disk", str(disk), "--exec", files(TOO_FEW_DEATHS) + "echo done"], log)
    rounds = done.text.splitlines()
    expect_equal("rounds", rounds, [f"round {number}" for number in range(1, len(rounds))] + ["done"])
    deaths = count_deaths(done, "drivers")
    if deaths < DEATHS:
        raise Failed("the Linux with the disk has not ended often enough")
    if done.log.count(HUNG) < deaths:
        raise Failed("it has ended for another reason")
    if "I/O error" in done.log:
        raise Failed("the other Linux has seen an error")


def test_duo_kept(log):
    """
    The Linux with the disk is gone for good: what is being read is an error, and the pages of it, which were lent, are
    used for nothing else.
    """
    rule = "disk0 user Block serial:disk0"
    with disk_of(log, 16 << 20) as disk:
        words = [str(description(log.stem, DUO, (f'"{rule}"', f'"{rule} within:2"'))), "--lend", "ram", "--disk", str(disk)]
        done = in_linux([*words, "--exec", READS_TO_THE_END], log)
    lines = done.text.splitlines()
    if lines[:1] != ["Input/output error"] or len(lines) != 2 or not KEPT.fullmatch(lines[1]):
        raise Failed(f"an error and kept pages were expected: {done.text!r}")


def suites():
    functions = {
        "served/mortal": partial(test_mortal, "served-vandal"), "served/forgets": test_forgets, "served/careless": test_careless, "served/nic": test_networks,
        "served/nic-repeated": test_networks_repeated, "served/nic-vandals": test_vandals, "served/refused": test_refused, "duo/devices": partial(test_duo, ()), "duo/mortal": partial(test_duo_mortal, "pool"),
        "duo/lent": partial(test_duo_mortal, "ram"), "duo/kept": test_duo_kept, "served/lent-vandal": partial(test_mortal, "lent-vandal"),
    }  # fmt: skip
    newer = {"duo/devices-7.3": partial(test_duo, ("--linux", "7.3", "--lend", "ram"))}
    return [Suite(list(functions), one_by_one(functions)), Suite(list(newer), one_by_one(newer), linuxes=("7.3",))]
