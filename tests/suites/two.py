# SPDX-License-Identifier: MIT
"""Two Linux, each with a USB controller and a stick of its own: --exec in either, settled by what each has."""
import hashlib
import subprocess
import sys

from common import TOP, bound, tested_versions
from suites import front_door
from suites.hold import Hold
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

SIDES = {"left": 32768, "right": 65536}
# Who waits for the other's devices runs into the limit of usb-settle, which says so on the console.
WAITED = "usb-settle: "
# Linux names disks in the order in which they answer.
COMMAND = """
sort -n /sys/block/sd*/size
for disk in /sys/block/sd*; do [ $(cat $disk/size) -gt 4096 ] || sha256sum < /dev/${disk##*/}; done
"""


def drive(side, log):
    """One more stick for each, whose contents say whose it is."""
    image = FOLDER / f"{log.stem}-of-{side}.img"
    image.parent.mkdir(parents=True, exist_ok=True)
    image.write_bytes(side.encode() * (1 << 18))
    return ["-drive", f"if=none,id=more-{side},format=raw,file={image}", "-device", f"usb-storage,bus={side}.0,drive=more-{side}"], image


def test_side(side, version):
    def test(log):
        words, images = [], {}
        for name in SIDES:
            more, images[name] = drive(name, log)
            words += more
        options = ["run", "two", "--linux", version, "--in", side, "--timeout", "600", "--log", str(log), "--exec", COMMAND]
        done = front_door.purlin([*options, "--", *words], timeout=900)
        expect_equal("exit status", done.returncode, 0)
        sectors = [images[side].stat().st_size // 512, SIDES[side]]
        checksum = hashlib.sha256(images[side].read_bytes()).hexdigest()
        expect_equal("sizes of the disks, and the small one's sum", done.stdout.decode().split(), [*map(str, sectors), checksum, "-"])
        if WAITED in log.read_text(errors="replace"):
            raise Failed("it has waited for devices in vain")

    return test


def test_other_ends(log):
    """The other's panic is not this one's end."""
    path = FOLDER / "two-other-ends.dts"
    path.write_text('/include/ "two.dts"\n/ { components { right { bootargs = "console=hvc0 panic=-1 rdinit=/no/such"; restarts = <0>; }; }; };\n')
    hold = Hold("two-other-ends", "left-stick", ["[init] right: stays away"])
    words = [str(path), "--in", "left", "--exec", Hold.COMMAND + "echo still here", *hold.options()]
    done = in_linux(words, log, started=hold.begin)
    expect_equal("output", done.text, "still here\n")
    hold.expect_released()


def show_stick(side, size, log):
    """Who closes the terminal ends the run, as the time limit would (front-door/usb-timeout)."""
    command = [sys.executable, "-B", TOP / "tools/purlin", "run", "two", "--in", side, "--timeout", "600", "--log", log]
    wanted = f"/dev/sda: {size // 2048} MiB".encode()
    with open(log.with_suffix(".said"), "wb") as said, subprocess.Popen(
        bound(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said
    ) as door:
        shown = any(wanted in line for line in door.stdout)
        door.terminate()
    if not shown:
        raise Failed(f"the console of {side} did not show its stick")


def test_console(log):
    """Without --exec, --in says whose console this terminal is."""
    for side, size in SIDES.items():
        show_stick(side, size, log)


def suites():
    both = {"two/other-ends": test_other_ends, "two/console": test_console}
    sides = {version: {f"two/{side}-{version}": test_side(side, version) for side in SIDES} for version in tested_versions()}
    return [
        Suite(list(both), one_by_one(both)),
        *(Suite(list(those), one_by_one(those), linuxes=(version,)) for version, those in sides.items()),
    ]
