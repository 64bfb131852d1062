# SPDX-License-Identifier: MIT
"""A Linux serves files of its file systems as disks: it dies while they are written, and some of them it must not serve."""
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import options as run_options
import qemu_run
import system
from common import TOP
from suites.linux_disk import count_deaths, files
from suites.qmp import Qmp
from suites.served import DESCRIPTION, DIES, DONE, NETWORKS, SECONDS, STARTED_AGAIN, WITH_DISKS, observe_disks, quoted
from suites.testing import FOLDER, Failed, Suite, description, expect_equal, in_linux, one_by_one
from suites.volatile_disk import VolatileDisk

FILES = TOP / "tests/components/served/files.dts"
IMAGE = "users/one.img"
WRITER_BYTES = 512 << 10
MIB = 1 << 20
MORTAL = "mount -t proc proc /proc; " + DIES.format(spread=60)
# What is told that the file is written through is not told to flush.
CARELESS = """mount -t sysfs sysfs /sys; (until [ -e /sys/block/loop1 ]; do usleep 1000; done;
for loop in /sys/block/loop*; do echo write through > $loop/queue/write_cache; done) & """.replace("\n", " ")


def file_system(path, mib, contents, *options):
    """An image with a file system of `contents`: {path: size, bytes, the path that a link has, None for a FIFO, or a Path, whose link it is}."""
    root = path.with_suffix(".root")
    shutil.rmtree(root, ignore_errors=True)
    for name, what in contents.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if what is None:
            os.mkfifo(place)
        elif isinstance(what, Path):
            place.hardlink_to(root / what)
        elif isinstance(what, str):
            place.symlink_to(what)
        elif isinstance(what, bytes):
            place.write_bytes(what)
        else:
            place.touch()
            os.truncate(place, what)
    path.unlink(missing_ok=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-m", "0", *options, "-d", root, path, f"{mib}M"], check=True, capture_output=True)
    shutil.rmtree(root)
    return path


def run_volatile(log, life, wanted):
    """The log, and how many sectors the disk of the writer's file had in its cache when the Linux with it ended."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    image = file_system(FOLDER / f"{log.stem}.ext4", 8, {IMAGE: WRITER_BYTES})
    contents, disks = image.read_bytes(), []
    image.unlink()
    for number in range(2):
        disks.append(VolatileDisk(FOLDER / f"{log.stem}-{number}.nbd", len(contents), log, STARTED_AGAIN))
        disks[-1].kept[:] = contents
    rules = [(f"serial:volatile{number}", f"serial:volatile{number} file:{IMAGE}") for number in range(2)]
    observe_disks(description(log.stem, DESCRIPTION, ("LIFE", quoted(life)), *rules), disks, wanted, log)
    return log.read_text(errors="replace"), disks[0].lost


def test_mortal(log):
    """A client's writes to a sparse file, and a vandal beside it, on disks that lose their caches: what was acknowledged is there."""
    text, _ = run_volatile(log, MORTAL, [DONE, DONE])
    deaths = text.count(STARTED_AGAIN)
    if deaths < 3:
        raise Failed(f"the Linux that serves has ended only {deaths} times")
    if text.count("Kernel panic") != text.count("sysrq triggered crash") or "WARNING:" in text:
        raise Failed("the Linux that serves has suffered from a client")


def test_careless(log):
    """With a Linux that does not flush the file what was acknowledged gets lost, and the client notices."""
    _, lost = run_volatile(log, CARELESS + MORTAL, ["[disk-writer] FAILED"])
    if not lost:
        raise Failed("the disk's cache was empty")


def disk_with(path, parts):
    """A disk with these partitions: {label: image}; the images are used up."""
    table, at = "label: gpt\n", MIB
    with open(path, "wb") as disk:
        for label, image in parts.items():
            disk.seek(at)
            disk.write(image.read_bytes())
            table += f"start={at // 512}, size={image.stat().st_size // 512}, name={label}\n"
            at += image.stat().st_size
            image.unlink()
        disk.truncate(at + MIB)
    subprocess.run(["sfdisk", "-q", str(path)], input=table, text=True, check=True, capture_output=True)
    return path


def run_linux(log, disk, rules, command, life="exec /init", words=(), heard=None, changes=()):
    """A Linux with these disks does the command, while another has the files. What came of it."""
    labels = ", ".join(f'"{rule.split()[0]}"' for rule in rules)
    texts = ", ".join(f'"{rule}"' for rule in rules)
    path = description(log.stem, FILES, ("RULES", texts), ("DISKS", labels), ("LIFE", "rdinit=/life"), *changes)
    try:
        return in_linux([str(path), "--disk", str(disk), "--exec", command, *words], log, heard=heard, extra_files={"life": (f"#!/bin/sh\n{life}\n".encode(), 0o755)})
    finally:
        disk.unlink()


# The second file is larger than what is left of its file system. What was acknowledged before the error is there in the
# next life; the third can be read only.
FULL = """
awk '{print $1 / 2}' /sys/block/vd[abc]/size
block=0
while head -c 65536 /dev/urandom > /tmp/block && dd if=/tmp/block of=/dev/vdb bs=64k seek=$block oflag=direct 2> /tmp/why; do
	cat /tmp/block >> /tmp/written
	block=$((block + 1))
done
grep -o 'Input.*' /tmp/why
[ $block -gt 16 ] && [ $block -lt 64 ] && echo "full"
dd if=/dev/zero of=/dev/vdc bs=4k count=1 oflag=direct 2> /dev/null || echo "read-only"
cmp_all() {
	echo 3 > /proc/sys/vm/drop_caches
	dd if=/dev/vdb bs=64k count=$block iflag=direct 2> /dev/null | cmp - /tmp/written && echo same
	dd if=/dev/vdc bs=4k count=1 iflag=direct 2> /dev/null | head -c 4; echo
}
cmp_all
purlinctl kill drivers
cmp_all
blkdiscard -o 524288 -l 524288 /dev/vdb && dd if=/tmp/written of=/dev/vdb bs=64k count=4 seek=$block oflag=direct 2> /dev/null && echo "room again"
"""
FULL_SAYS = ["16384", "16384", "1024", "Input/output error", "full", "read-only", "same", "READ", "same", "READ", "room again"]
DEATHS = 3
TOO_FEW_DEATHS = f"[ $(purlinctl list --json | sed -n 's/.*\"starts\": \\([0-9]*\\).*/\\1/p') -le {DEATHS} ]"
# Not before the Linux is back from the last one, or its disks stay away for longer than their client waits.
ANSWERS = "dd if=/dev/vda of=/dev/null bs=4k count=1 iflag=direct 2> /dev/null"
KILLS = f"(while {ANSWERS}; do usleep $((RANDOM * 50)); purlinctl kill drivers; done) &\n"


def test_linux(log, words=(), changes=()):
    """Another Linux writes to files: more than there is room for, to one that is read-only, and while their Linux is killed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts = {
        "images": file_system(FOLDER / f"{log.stem}-images.ext4", 24, {IMAGE: 16 * MIB, "seen.img": b"READ" + bytes(MIB - 4)}),
        "small": file_system(FOLDER / f"{log.stem}-small.ext4", 4, {"large.img": 16 * MIB}),
    }
    rules = [
        f"image user Block serial:disk0 part-label:images file:{IMAGE}", "large user Block serial:disk0 part-label:small file:large.img",
        "seen user Block serial:disk0 part-label:images file:seen.img read-only",
    ]  # fmt: skip
    done = run_linux(log, disk_with(FOLDER / f"{log.stem}.disk", parts), rules, FULL + KILLS + files(TOO_FEW_DEATHS) + "echo done; kill $!", words=words, changes=changes)
    lines = done.text.splitlines()
    expect_equal("the full file system", lines[: len(FULL_SAYS)], FULL_SAYS)
    rounds = lines[len(FULL_SAYS) :]
    expect_equal("rounds", rounds, [f"round {number}" for number in range(1, len(rounds))] + ["done"])
    if count_deaths(done, "drivers") < DEATHS:
        raise Failed("the Linux with the file has not ended often enough")


def test_lent(log):
    """The same with all of the client's RAM lent, and a watchdog that must not take work on files for a hang."""
    test_linux(log, ["--lend", "ram"], [('offers = "drivers";', 'offers = "drivers";\n\t\t\twatchdog = <5>;')])
    if "hangs" in log.read_text(errors="replace"):
        raise Failed("the Linux with the file took itself for one that hangs")


# Once its client has written to the file: what others may do to it; then another one is in its place, which is seen in the next life.
REPLACES = f"""
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev
until [ -s /sys/block/loop0/loop/backing_file ]; do usleep 10000; done
mount -t ext4 /dev/vda1 /mnt
say() {{ echo "file: $*" > /dev/kmsg; }}
cat /mnt/replaced > /dev/null 2>&1 || {{
	until [ "$(awk '{{print $5}}' /sys/block/loop0/stat)" != 0 ]; do usleep 10000; done
	truncate -s 4096 /mnt/{IMAGE} 2>&1 | while read line; do say "$line"; done
	echo > /mnt/{IMAGE} || say "not opened"
	head -c 4 /mnt/{IMAGE} > /dev/null && say "read"
	cp /mnt/{IMAGE} /mnt/other && mv /mnt/other /mnt/{IMAGE} && echo > /mnt/replaced && sync && echo c > /proc/sysrq-trigger
}}
sleep 1000000
"""
REPLACED = """
dd if=/dev/vda of=/tmp/read bs=4k count=1 iflag=direct 2> /dev/null && echo there
dd if=/tmp/read of=/dev/vda bs=4k count=1 oflag=direct 2> /dev/null
until [ $(dmesg | grep -c "the session is over") = 1 ]; do dd if=/dev/vda of=/tmp/read bs=4k count=1 iflag=direct 2> /tmp/why; done
dd if=/dev/vda of=/tmp/read bs=4k count=1 iflag=direct 2> /tmp/why; grep -o 'Input.*' /tmp/why
"""


def test_replaced(log):
    """A file that is served cannot be changed by others; if another one is in its place, its client gets errors, not that."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    parts = {"images": file_system(FOLDER / f"{log.stem}-images.ext4", 16, {IMAGE: b"ONE!" * 1024})}
    rules = [f"image user Block serial:disk0 part-label:images file:{IMAGE}"]
    done = run_linux(log, disk_with(FOLDER / f"{log.stem}.disk", parts), rules, REPLACED, REPLACES)
    expect_equal("what the client sees", done.text.splitlines(), ["there", "Input/output error"])
    for line in ("Text file busy", "file: not opened", "file: read", 'Block session "image" of user is over: another device is there now'):
        if line not in done.log:
            raise Failed(f"no line {line!r}")


# The stick with the file is pulled, and plugged in again; what the last write says to the other disk says that it is there.
PULLED = """
head -c 200000 /dev/urandom > /tmp/written
dd if=/tmp/written of=/dev/vda conv=fsync 2> /dev/null && echo pull
until dd if=/dev/vdb bs=512 count=1 iflag=direct 2> /dev/null | grep -q plugged; do usleep 100000; done
echo 3 > /proc/sys/vm/drop_caches
head -c 200000 /dev/vda | cmp - /tmp/written && echo same
dd if=/dev/zero of=/dev/vda bs=4k count=1 oflag=direct 2> /dev/null && echo written
"""
STICK_FILE = "Block serial:stick0 file:one.img"


class Replug:
    """Pulls the stick of a running machine when the command says so, plugs it in again, and says on a disk that it is served."""

    def __init__(self, log, stick, disk):
        self.log, self.stick, self.disk, self.socket = log, stick, disk, FOLDER / f"{log.stem}.qmp"
        self.socket.unlink(missing_ok=True)
        self.words = ["--stick", str(stick), "--", "-qmp", f"unix:{self.socket},server=on,wait=off"]
        self.said, self.error = b"", None

    def heard(self, data):
        self.said += data
        if b"pull\n" in self.said:
            self.said = b""
            threading.Thread(target=self.do, daemon=True).start()

    def wait_for(self, text, times):
        while self.log.read_text(errors="replace").count(text) < times:
            time.sleep(0.1)

    def do(self):
        try:
            qmp = Qmp(self.socket)
            qmp.ask("device_del", id="usb-stick0")
            qmp.wait_event("DEVICE_DELETED", device="usb-stick0")
            self.wait_for(f"{STICK_FILE} has gone", 1)
            qmp.ask("blockdev-add", driver="raw", **{"node-name": "again"}, file={"driver": "file", "filename": str(self.stick)})
            qmp.ask("device_add", driver="usb-storage", id="again", bus="usb.0", drive="again", serial="stick0")
            self.wait_for(f"{STICK_FILE} is offered", 2)
            with open(self.disk, "r+b") as disk:
                disk.write(b"plugged")
        except (Failed, OSError, ValueError) as error:
            self.error = error


def test_pulled(log):
    """A stick with a file is pulled and plugged in again: the client goes on, with what it has written."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stick = file_system(FOLDER / f"{log.stem}.stick", 8, {"one.img": MIB})
    disk = FOLDER / f"{log.stem}.disk"
    disk.write_bytes(bytes(MIB))
    hands = Replug(log, stick, disk)
    rules = ["image user Block serial:stick0 file:one.img", "signal user Block serial:disk0"]
    changes = [('pci = "class 01xxxx";', 'pci = "class 01xxxx", "class 0c03xx";'), ("keep_bootcon", "keep_bootcon usb-storage.delay_use=0")]
    done = run_linux(log, disk, rules, PULLED, words=hands.words, heard=hands.heard, changes=changes)
    stick.unlink()
    if hands.error:
        raise Failed(f"while pulling: {hands.error}")
    expect_equal("what the client sees", done.text.splitlines(), ["pull", "same", "written"])


PART = "Block serial:files part-label:"
# On disks that cannot be written; one of them has a journal to be replayed.
ONLY_READ = {"seen": "readable", "written": "readable", "replay": "crashed"}
REFUSED = [
    ("right", "images file:users/one.img", None),
    ("seen", "file:a.img", None),
    ("written", "file:b.img", "its file system can only be read, and the rule does not say read-only"),
    ("replay", "file:a.img", "its file system cannot be mounted: Read-only file system"),
    ("fifo", "images file:fifo", "it is not an ordinary file"),
    ("twice", "images file:also.img", "this Linux or another rule has the file open"),
    ("none", "images file:users/none.img", "there is no such file"),
    ("odd", "images file:odd.img", "the file's size is not a multiple of 512 bytes"),
    ("empty", "images file:empty.img", "the file is empty"),
    ("link", "images file:link.img", "a symbolic link is on the way to the file"),
    ("way", "images file:way/one.img", "a symbolic link is on the way to the file"),
    ("whole", "used", None),
    ("file", "used file:a.img", "this Linux or another rule has its disk open"),
    ("damaged", "damaged file:a.img", "its file system has errors: repair it by e2fsck"),
    ("unclean", "unclean file:a.img", "its file system was not unmounted and has no journal: check it by e2fsck"),
    ("other", "other file:a.img", "there is no file system ext4 around it"),
]


# A state of clean with errors, one of not clean, no magic number.
SUPERBLOCKS = {"damaged": (58, 3), "unclean": (58, 0), "other": (56, 0)}


def rule_of(label, what):
    return f"Block serial:{ONLY_READ[label]} {what}" if label in ONLY_READ else PART + what


def test_refused(log):
    """Files that cannot be served, each for its reason; those beside them are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    contents = {IMAGE: MIB, "odd.img": 1000, "empty.img": 0, "link.img": IMAGE, "way": "users", "fifo": None, "also.img": Path(IMAGE)}
    parts = {"images": file_system(FOLDER / f"{log.stem}-images.ext4", 8, contents)}
    for label, options in (("damaged", []), ("unclean", ["-O", "^has_journal"]), ("other", []), ("used", [])):
        parts[label] = file_system(FOLDER / f"{log.stem}-{label}.ext4", 4, {"a.img": MIB}, *options)
        if label in SUPERBLOCKS:
            place, value = SUPERBLOCKS[label]
            with open(parts[label], "r+b") as image:
                image.seek(1024 + place)
                image.write(value.to_bytes(2, "little"))
    disks = {
        "files": (disk_with(FOLDER / f"{log.stem}.disk", parts), "off"),
        "readable": (file_system(FOLDER / f"{log.stem}-readable.ext4", 8, {"a.img": MIB, "b.img": MIB}), "on"),
        "crashed": (file_system(FOLDER / f"{log.stem}-crashed.ext4", 8, {"a.img": MIB}), "on"),
    }
    subprocess.run(["debugfs", "-w", "-R", "feature needs_recovery", disks["crashed"][0]], check=True, capture_output=True)
    rules = ", ".join(f'"{label} user {rule_of(label, what)}{" read-only" if label in ("seen", "replay") else ""}"' for label, what, _ in REFUSED)
    path = description(log.stem, NETWORKS, ("RULES", rules), ("LIFE", quoted("sleep 1000000")), ("CLIENTS", ""), *WITH_DISKS)
    options = run_options.parse([str(path)])
    options.qemu = []
    for name, (disk, read_only) in disks.items():
        options.qemu += ["-drive", f"if=none,id={name},format=raw,read-only={read_only},file={disk}"]
        options.qemu += ["-device", f"virtio-blk-pci,disable-legacy=on,iommu_platform=on,drive={name},serial={name}"]
    system.build(options)
    wanted = [f"purlin-serve: {rule_of(label, what)} is {f'not served: {why}' if why else 'offered'}" for label, what, why in REFUSED]
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS, in_order=False)
    for disk, _ in disks.values():
        disk.unlink()
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")


def suites():
    functions = {
        "served-files/mortal": test_mortal, "served-files/careless": test_careless, "served-files/linux": test_linux,
        "served-files/lent": test_lent,
        "served-files/replaced": test_replaced, "served-files/pulled": test_pulled, "served-files/refused": test_refused,
    }  # fmt: skip
    return [Suite(list(functions), one_by_one(functions))]
