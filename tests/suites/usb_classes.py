# SPDX-License-Identifier: MIT
"""Devices of many kinds at one controller: disks of 3 TiB with sectors of both sizes, a serial line, a network card, a reader of cards, files."""
import hashlib
import random
import re
import shutil

import qemu_run
from common import BUILD, TOP, tool
from suites.qmp import Qmp
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

SECONDS = 300
MEBIBYTE, TEBIBYTE = 1 << 20, 1 << 40
PIECE = MEBIBYTE
# Behind the first one a 32-bit number of 512-byte sectors is too small.
PLACES = (0, 2 * TEBIBYTE - PIECE // 2, 3 * TEBIBYTE - PIECE)
PLACE = (12345, 23456)  # on the tablet, of 32767
# What the disk is called here, its sectors, QEMU's words for it.
DISKS = {
    "stick-512": (512, ["usb-storage,bus=usb.0,drive=DISK"]),
    "stick-4096": (4096, ["usb-bot,bus=usb.0,id=bot", "scsi-hd,bus=bot.0,drive=DISK,logical_block_size=4096,physical_block_size=4096"]),
    "uas-512": (512, ["usb-uas,bus=usb.0,id=uas", "scsi-hd,bus=uas.0,lun=0,drive=DISK"]),
    "uas-4096": (4096, ["scsi-hd,bus=uas.0,lun=1,drive=DISK,logical_block_size=4096,physical_block_size=4096"]),
    "nvme-512": (512, ["nvme,serial=one,drive=DISK"]),
    "nvme-4096": (4096, ["nvme,serial=two,drive=DISK,logical_block_size=4096,physical_block_size=4096"]),
}
# Each is as long as its place in the list says, which is how Linux tells them apart.
WRITE = """
head -c PIECE /dev/urandom > /tmp/data
sha256sum < /tmp/data
for disk in /sys/block/sd* /sys/block/nvme*; do
	[ $(cat $disk/size) -gt 4294967296 ] || continue # the sample stick
	for place in PLACES; do
		dd if=/tmp/data of=/dev/${disk##*/} bs=4096 seek=$((place / 4096)) oflag=direct conv=notrunc 2> /dev/null || echo "$disk: $place"
		dd if=/dev/${disk##*/} of=/tmp/back bs=4096 skip=$((place / 4096)) count=$((PIECE / 4096)) iflag=direct 2> /dev/null
		cmp /tmp/data /tmp/back
	done
	echo "$(cat $disk/size) $(cat $disk/queue/logical_block_size)"
done
"""
# USB has settled before. The tablet is open before anybody points; its driver tells of each event in 24 bytes.
USE = """
exec 3< /dev/input/$(sed -n '/QEMU USB Tablet/,/^$/s/^H: Handlers=.*\\(event[0-9]*\\).*/\\1/p' /proc/bus/input/devices)
echo "ready to point"
dd bs=24 count=3 <&3 2> /dev/null | od -A n -v -t u2 -w24 | awk '$9 == 3 {print "axis", $10, $11}'
stty -F /dev/ttyUSB0 raw 115200
head -c 4000 /dev/zero | tr '\\000' x > /dev/ttyUSB0
interface=$(basename /sys/bus/usb/devices/*/net/*)
ip link set $interface up && ip address add 10.0.2.15/24 dev $interface
ping -c 3 -W 10 10.0.2.2 | grep 'packets transmitted'
/tests/ask 08e6:4433 slot
/tests/ask 46f4:0004 files /files && sha256sum /files/* | cut -d ' ' -f 1
"""


def length(index):
    return 3 * TEBIBYTE + index * MEBIBYTE


def disks(name):
    """{name: image}, and QEMU's words for them."""
    images, words = {}, []
    for index, (kind, (_, devices)) in enumerate(DISKS.items()):
        images[kind] = FOLDER / f"{name}-{kind}.img"
        images[kind].parent.mkdir(parents=True, exist_ok=True)
        images[kind].unlink(missing_ok=True)
        with open(images[kind], "wb") as new:
            new.truncate(length(index))
        words += ["-drive", f"if=none,id=disk{index},format=raw,file={images[kind]}"]
        for device in devices:
            words += ["-device", device.replace("DISK", f"disk{index}")]
    return images, words


def read(path, place):
    with open(path, "rb") as file:
        file.seek(place)
        return hashlib.sha256(file.read(PIECE)).hexdigest()


def test_large(log):
    images, words = disks(log.stem)
    command = WRITE.replace("PLACES", " ".join(map(str, PLACES))).replace("PIECE", str(PIECE))
    output = in_linux(["usb", "--exec", command, "--", *words], log, SECONDS)
    digest, *sizes = output.text.splitlines()
    wanted = [f"{length(index) // 512} {sectors}" for index, (sectors, _) in enumerate(DISKS.values())]
    expect_equal("sizes and sectors", sorted(sizes), sorted(wanted))
    for kind, path in images.items():
        for place in PLACES:
            expect_equal(f"{kind}, at {place}", read(path, place), digest.split()[0])
        path.unlink()


def files(folder):
    """Some for the device with files; one of them takes many transfers, one fills its last packet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    contents = [random.Random(bytes_).randbytes(bytes_) for bytes_ in (1, 512 * 8 - 12, 3 * MEBIBYTE + 5)]
    for number, content in enumerate(contents):
        (folder / f"file{number}").write_bytes(content)
    return {hashlib.sha256(content).hexdigest() for content in contents}


class Finger:
    """Points at a place on the tablet when Linux waits for that."""

    def __init__(self, path):
        self.socket = path
        self.seen = b""
        self.machine = None
        path.unlink(missing_ok=True)

    def begin(self, _, process):
        self.machine = process

    def heard(self, data):
        waited = b"ready to point" in self.seen
        self.seen += data
        if not waited and b"ready to point" in self.seen:
            qemu_run.wait_for_socket(self.socket, self.machine)
            events = [{"type": "abs", "data": {"axis": axis, "value": value}} for axis, value in zip("xy", PLACE)]
            Qmp(self.socket).ask("input-send-event", events=events)


def test_others(log):
    tool("make", "-s", "-C", TOP, "linux-tests")
    said, folder = log.with_suffix(".serial"), FOLDER / f"{log.stem}-files"
    sums = files(folder)
    words = ["-chardev", f"file,id=line,path={said}", "-device", "usb-serial,bus=usb.0,chardev=line"]
    words += ["-netdev", "user,id=net", "-device", "usb-net,bus=usb.0,netdev=net"]
    words += ["-device", "usb-ccid,bus=usb.0", "-device", f"usb-mtp,bus=usb.0,rootdir={folder}"]
    ask = {"tests/ask": ((BUILD / "tests/linux/usb/ask").read_bytes(), 0o755)}
    finger = Finger(log.with_suffix(".qmp"))
    words += ["-device", "usb-tablet,bus=usb.0", "-qmp", f"unix:{finger.socket},server=on,wait=off"]
    output = in_linux(["usb", "--exec", USE, "--", *words], log, SECONDS, extra_files=ask, started=finger.begin, heard=finger.heard)
    ready, *axes, pinged, slot, one, two, three = output.text.splitlines()
    found = [one, two, three]
    expect_equal("what the tablet says", [ready, *axes], ["ready to point", f"axis 0 {PLACE[0]}", f"axis 1 {PLACE[1]}"])
    if not re.fullmatch("3 packets transmitted, 3 packets received, 0% packet loss", pinged):
        raise Failed(f"the network card: {pinged}")
    expect_equal("the reader's slot", slot, "slot: no card")
    expect_equal("sums of the files", set(found), sums)
    expect_equal("what came by the serial line", said.read_bytes(), b"x" * 4000)


def suites():
    functions = {"usb-classes/large-disks": test_large, "usb-classes/others": test_others}
    return [Suite(list(functions), one_by_one(functions))]
