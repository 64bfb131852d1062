# SPDX-License-Identifier: MIT
"""
Debian's own build of a version of Linux for plain x86: nothing has to be compiled to see what a program does natively.
Its drivers are modules; those a test needs go into the initramfs, in the place where the kernel looks for them.
"""
import lzma
import shutil

import debian
from common import BUILD, locked, tool

# Five levels of page tables, which our own native Linux does not have, make more addresses a process's.
ARGUMENTS = "no5lvl"
MODULES = """
    xhci_pci usb_storage uas sd_mod loop crc32c_generic ext4 vfat nls_cp437 nls_iso8859_1 nls_utf8 nls_ascii overlay
""".split()
# Linux calls this for a file system or a socket family that it lacks.
LOADER = b'#!/bin/sh\nexec /usr/bin/modprobe "$@"\n'
START = f"modprobe -a {' '.join(MODULES)} && /purlin/usb-settle && "


def closure(names, listed):
    """The modules and all they need, from modules.dep: paths, each followed by those of the modules below it."""
    lines = dict(line.split(":") for line in listed.splitlines())
    by_name = {path.split("/")[-1].split(".")[0].replace("-", "_"): path for path in lines}
    paths = [by_name[name] for name in names]
    return sorted({*paths, *(needed for path in paths for needed in lines[path].split())})


def collected(folder, release):
    """The modules, not compressed, in a tree of their own with the indexes that modprobe reads."""
    source, made = folder / "lib/modules" / release, BUILD / "tests/debian-modules"
    shutil.rmtree(made, ignore_errors=True)
    tool("depmod", "-b", folder, release)
    target = made / "lib/modules" / release
    for name in closure(MODULES, (source / "modules.dep").read_text()):
        path = target / name.removesuffix(".xz")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lzma.decompress((source / name).read_bytes()))
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copyfile(source / name, target / name)
    tool("depmod", "-b", made, release)
    return made


def fetched(version):
    """(the kernel to boot, what an initramfs needs beside ours: {path: bytes or (bytes, mode)})"""
    package = debian.dependency(f"linux-image-{version}-amd64")
    release = package.removeprefix("linux-image-")
    folder = debian.fetch("debian-kernel", debian.OWN, [package])
    with locked("debian-kernel"):
        modules = collected(folder, release)
        files = {f"usr/{path.relative_to(modules)}": path.read_bytes() for path in modules.rglob("*") if path.is_file()}
    files["usr/sbin/modprobe"] = (LOADER, 0o755)
    return folder / "boot" / f"vmlinuz-{release}", files
