# SPDX-License-Identifier: MIT
"""Xen with Debian's kernel as dom0, by QEMU's multiboot loader: the kernel is the first module, the initramfs the second."""
import gzip

import system
from bench import debian
from common import BUILD, Refused, write_if_changed
from machine import Boot, escaped

PACKAGE = "xen-hypervisor-4.17-amd64"
DOM0_MEMORY = "640M"
# QEMU 7.2 has IRET in ring 3 read its stack as the supervisor: with SMAP that faults.
XEN_ARGUMENTS = (
    f"spec-ctrl=no xpti=no smap=no dom0_mem={DOM0_MEMORY},max:{DOM0_MEMORY} dom0_max_vcpus=1 "
    "console=com1 com1=115200,8n1"
)
LINUX_ARGUMENTS = system.NATIVE_ARGUMENTS.replace("console=ttyS0", "console=hvc0")


def hypervisor():
    """The plain ELF image: QEMU's loader does not decompress."""
    image = BUILD / "peers/xen"
    packed = next((debian.unpacked(PACKAGE) / "boot").glob("xen-*.gz"), None)
    if packed is None:
        raise Refused(f"{PACKAGE}: holds no hypervisor", 1)
    write_if_changed(image, gzip.decompress(packed.read_bytes()))
    return image


def prepare(options):
    debian.prepare(options)
    hypervisor()


def boot(options, initrd):
    arguments = f"{LINUX_ARGUMENTS} {debian.ARGUMENTS} {options.append}".strip()
    modules = f"{escaped(debian.kernel())} {escaped(arguments)},{initrd}"
    return Boot(hypervisor(), modules, XEN_ARGUMENTS)
