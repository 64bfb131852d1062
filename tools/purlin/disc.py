# SPDX-License-Identifier: MIT
"""A GRUB ISO of a scenario."""
import tempfile
from pathlib import Path

import iso
import qemu_run
import system


def make(options, output, wait=1, kernel=system.KERNEL, words=""):
    """
    Write the ISO for checked options; everything it needs is built. Its menu waits so many
    seconds; the kernel may be another than ours, and get words on its command line.
    """
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        one = qemu_run.Run(options, folder)
        members = system.members(options, one.initrd(), folder)
        iso.write(output, kernel, members, Path(options.scenario).stem, wait, words)
