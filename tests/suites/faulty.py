# SPDX-License-Identifier: MIT
"""Kernels with a fault put in on purpose: what a test claims to find, it has to find in one of these."""
import shutil

from common import BUILD, TOP, Refused, processors, tool

# What the kernel is built from. Objects come along, so that only what was changed is compiled.
PARTS = ("Makefile", "abi", "kernel", "lib/formats", "tools/abi-gen", "tools/kernel-symbols", "build/gen", "build/kernel")


def changed(text, file, old, new):
    if text.count(old) != 1:
        raise Refused(f"{file}: {old.strip()!r} occurs {text.count(old)} times; the fault cannot be put in", 1)
    return text.replace(old, new)


def build(name, changes, files=None):
    """
    The kernel after the changes, each (file, old text, new text), and with further `files`, {place: file}; system.make_all()
    has been done.
    """
    folder = BUILD / "faulty" / name
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        if (TOP / part).is_dir():
            shutil.copytree(TOP / part, folder / part)
        else:
            shutil.copy2(TOP / part, folder / part)
    for file, old, new in changes:
        path = folder / file
        path.write_text(changed(path.read_text(), file, old, new))
    for place, file in (files or {}).items():
        shutil.copy2(file, folder / place)
    tool("make", "-s", f"-j{processors()}", "-C", folder, "build/kernel/purlin.elf")
    return folder / "build/kernel/purlin.elf"
