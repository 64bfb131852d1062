# SPDX-License-Identifier: MIT
"""A disc that GRUB starts, by BIOS and by UEFI: the kernel and a bundle."""
import shutil
import tempfile
from pathlib import Path

import bundle
from common import tool

GRUB = """\
set timeout={wait}
set default=0
# Machines without a serial line, or without graphics, go on with what they have. A port that is
# not there reads as all ones, which GRUB would take for keys without end.
insmod iorw
inb -v line 0x3fd
if [ "$line" != "" -a "$line" != "ff" -a "$line" != "0xff" ]; then
	serial --unit=0 --speed=115200
	terminal_input console serial
	terminal_output console serial
fi
insmod all_video
set gfxpayload=1024x768x32,auto
{tables}menuentry "Purlin: {title}" {{
	multiboot2 /boot/purlin.elf{words}
	module2 /boot/bundle bundle
	boot
}}
"""


def write(output, kernel, members, title, wait, words="", dsdt=None):
    """
    `members` as bundle.make() takes them; the menu waits so many seconds; `words` are the kernel's command line; `dsdt`
    (bytes) takes the place of the firmware's own.
    """
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        root = Path(folder)
        (root / "boot/grub").mkdir(parents=True)
        (root / "boot/bundle").write_bytes(bundle.make(members))
        shutil.copyfile(kernel, root / "boot/purlin.elf")
        if dsdt:
            (root / "boot/dsdt.aml").write_bytes(dsdt)
        tables = "acpi --exclude=DSDT /boot/dsdt.aml\n" if dsdt else ""
        text = GRUB.format(title=title, wait=wait, words=f" {words}" if words else "", tables=tables)
        (root / "boot/grub/grub.cfg").write_text(text)
        tool("grub-mkrescue", "-o", output, root)
