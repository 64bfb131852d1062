# SPDX-License-Identifier: MIT
"""What a scenario boots: the native kernel, or Purlin with a bundle made for this run."""
import linux
from machine import Boot

NATIVE_ARGUMENTS = "console=ttyS0 mitigations=off panic=-1 usb-storage.delay_use=0"


def has_usb(options):
    return options.native


def qemu_arguments(options):
    del options
    return []


def packages(options):
    del options
    return []


def build(options):
    """Everything the run needs that is out of date."""
    if options.native:
        linux.build_native(options.linux)


def boot(options, initrd, folder):
    del folder
    append = f"{NATIVE_ARGUMENTS} {options.append}".strip()
    return Boot(linux.build_native(options.linux), initrd, append)


def can_run(name):
    return name == "native"


def make_all():
    pass
