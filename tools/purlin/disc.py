# SPDX-License-Identifier: MIT
"""A GRUB ISO for BIOS and UEFI with the kernel and a scenario's bundle."""
import shutil
import tempfile
from pathlib import Path

import qemu_run
import system
from common import tool

GRUB = """\
set timeout={wait}
set default=0
# Machines without a serial line, or without graphics, go on with what they have.
if serial --unit=0 --speed=115200; then
	terminal_input console serial
	terminal_output console serial
fi
insmod all_video
set gfxpayload=1024x768x32,auto
menuentry "Purlin: {scenario}" {{
	multiboot2 /boot/purlin.elf
	module2 /boot/bundle bundle
	boot
}}
"""


def make(options, output, wait=1, kernel=system.KERNEL):
    """
    Write the ISO for checked options; everything it needs is built. Its menu waits so many
    seconds; the kernel may be another than ours.
    """
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        root = Path(folder) / "iso"
        (root / "boot/grub").mkdir(parents=True)
        one = qemu_run.Run(options, folder)
        members = system.members(options, one.initrd(), folder)
        (root / "boot/bundle").write_bytes(system.bundle.make(members))
        shutil.copyfile(kernel, root / "boot/purlin.elf")
        (root / "boot/grub/grub.cfg").write_text(GRUB.format(scenario=Path(options.scenario).stem, wait=wait))
        tool("grub-mkrescue", "-o", output, root)
