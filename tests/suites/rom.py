# SPDX-License-Identifier: MIT
"""Expansion ROMs of PCI devices, read by Linux on Purlin as natively."""
import hashlib
import struct

from common import tested_versions
from suites import front_door
from suites.testing import FOLDER, Failed, Suite, expect_equal, one_by_one

# PCI Firmware 3.3, 5.1: the header, and the data structure it points to.
STRUCTURE_AT = 0x1C
SECTOR = 512


def rom(sectors, seed):
    """An image of that many sectors; what follows the header tells where it is."""
    noise = b"".join(hashlib.sha256(struct.pack("<II", seed, n)).digest() for n in range(sectors * SECTOR // 32))
    header = b"\x55\xaa" + bytes([sectors & 0xFF]) + bytes(0x15) + struct.pack("<H", STRUCTURE_AT)
    header += bytes(STRUCTURE_AT - len(header))
    structure = struct.pack("<4sHHHHB3sHHBB", b"PCIR", 0x1AF4, 0x1042, 0, 0x18, 0, b"\0\0\1", sectors, 0, 0, 0x80)
    start = header + structure + bytes(2)
    return start + noise[len(start) :]


# One smaller than a page, one of many pages.
IMAGES = {"small": rom(4, 1), "large": rom(126, 2)}
READ = """
for rom in /sys/bus/pci/devices/*/rom; do
	echo 1 > $rom
	sha256sum < $rom
	echo 0 > $rom
	cat $rom 2>/dev/null && echo "read while it is off"
done | sort
dd if=/dev/vda bs=1024 count=1024 2>/dev/null | sha256sum
"""


def test_read(scenario, options):
    def test(log):
        words = []
        disk = FOLDER / f"{log.stem}-disk.img"
        disk.parent.mkdir(parents=True, exist_ok=True)
        disk.write_bytes(IMAGES["large"][:1024] * 1024)
        for name, image in IMAGES.items():
            path = FOLDER / f"{log.stem}-{name}.bin"
            path.write_bytes(image)
            words += ["-drive", f"if=none,id=rom-{name},format=raw,readonly=on,file={disk}"]
            words += ["-device", f"virtio-blk-pci,disable-legacy=on,iommu_platform=on,drive=rom-{name},romfile={path}"]
        done = front_door.purlin(
            ["run", scenario, *options, "--timeout", "600", "--log", str(log), "--exec", READ, "--", *words], timeout=900
        )
        sums = sorted(hashlib.sha256(image).hexdigest() for image in IMAGES.values())
        wanted = [f"{text}  -" for text in sums + [hashlib.sha256(disk.read_bytes()).hexdigest()]]
        expect_equal("sums of the ROMs, then of a disk", done.stdout.decode().splitlines(), wanted)
        for sign in ("WARNING:", "BUG:", "not reachable", "can't claim"):
            if sign in log.read_text(errors="replace"):
                raise Failed(f"the console said {sign!r}")

    return test


def suites():
    functions = {"native": ("rom/native", test_read("native", []))}
    functions |= {version: (f"rom/usb-{version}", test_read("usb", ["--linux", version])) for version in tested_versions()}
    return [Suite([name], one_by_one({name: test}), linuxes=(kind,)) for kind, (name, test) in functions.items()]
