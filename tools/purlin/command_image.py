# SPDX-License-Identifier: MIT
"""./purlin image: a GRUB ISO for BIOS and UEFI with the kernel and the scenario's bundle."""
import shutil
import tempfile
from pathlib import Path

import command_run
import options as run_options
import packages
import session
import system
from common import BUILD, Refused, say, shown, tool

GRUB = """\
set timeout=1
set default=0
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
menuentry "Purlin: {scenario}" {{
	multiboot2 /boot/purlin.elf
	module2 /boot/bundle bundle
	boot
}}
"""
# A machine we know nothing of: wait a little for one disk, then go on without.
SETTLE = (0, 1, 5)


def check(options):
    if options.native:
        raise Refused("image: the native kernel is for comparison in QEMU only")
    if options.exec is not None or options.sticks or options.disks or options.qemu or options.icount:
        raise Refused("image: takes --linux, --mem, --smp, --initrd and --append; the rest is for running")


def make(options, output):
    """Write the ISO for checked options; everything it needs is built."""
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        root = Path(folder) / "iso"
        (root / "boot/grub").mkdir(parents=True)
        one = session.Machine(options, folder)
        members = system.members(options, one.initrd(SETTLE), folder)
        (root / "boot/bundle").write_bytes(system.bundle.make(members))
        shutil.copyfile(system.KERNEL, root / "boot/purlin.elf")
        (root / "boot/grub/grub.cfg").write_text(GRUB.format(scenario=Path(options.scenario).stem))
        tool("grub-mkrescue", "-o", output, root)


def main(arguments):
    options = run_options.parse(arguments)
    check(options)
    packages.need("make an image", packages.IMAGE)
    command_run.prepare(options)
    folder = BUILD / "image"
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"purlin-{Path(options.scenario).stem}.iso"
    make(options, output)
    say(f"{shown(output)}: {output.stat().st_size >> 20} MiB, for BIOS and UEFI; console on COM1, 115200")
    return 0
