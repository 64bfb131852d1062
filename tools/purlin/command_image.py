# SPDX-License-Identifier: MIT
"""./purlin image: an ISO of a scenario, for BIOS and UEFI."""
from pathlib import Path

import command_run
import disc
import options as run_options
import packages
from common import BUILD, Refused, say, shown

TAKEN = {"--linux", "--mem", "--smp", "--initrd", "--append"}


def check(options):
    if options.native:
        raise Refused("image: the native kernel is for comparison in QEMU only")
    if options.debian:
        raise Refused(f"image: the Debian of {options.scenario} lies on a disk of QEMU's")
    others = sorted(options.given - TAKEN) + ["--"] * bool(options.qemu)
    if others:
        raise Refused(f"{others[0]}: image takes {', '.join(sorted(TAKEN))}; the rest is for running")


def main(arguments):
    options = run_options.parse(arguments)
    check(options)
    packages.need("make an image", packages.IMAGE)
    command_run.prepare(options)
    folder = BUILD / "image"
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"purlin-{Path(options.scenario).stem}.iso"
    disc.make(options, output)
    say(f"{shown(output)}: {output.stat().st_size >> 20} MiB, for BIOS and UEFI; console on COM1, 115200")
    return 0
