# SPDX-License-Identifier: MIT
"""Peers from Debian packages, fetched and unpacked into build/peers; nothing is installed on this machine."""
import re
import subprocess

import packages
import system
from common import BUILD, Refused, locked, say, tool
from machine import Boot

FOLDER = BUILD / "peers"
# Depends on the image of the day.
KERNEL_META = "linux-image-amd64"
# Ours have no huge pages either.
ARGUMENTS = "nokaslr transparent_hugepage=never"


def current_kernel():
    """The name of the package that holds Debian's kernel."""
    listed = subprocess.run(
        ["apt-cache", "depends", "--important", KERNEL_META], stdout=subprocess.PIPE, text=True, check=False
    ).stdout
    found = re.search(r"Depends: (linux-image-\S+)", listed)
    if not found:
        raise Refused(f"apt knows no {KERNEL_META}: a Debian machine with package lists is needed", 1)
    return found[1]


def unpacked(package):
    """The folder with a package's files, fetched once."""
    folder = FOLDER / package
    with locked(f"peer-{package}"):
        if not (folder / ".complete").exists():
            packages.need("fetch packages", ["apt", "dpkg"])
            say(f"fetching the package {package} (it is unpacked into build/peers, not installed)")
            tool("rm", "-rf", folder)
            folder.mkdir(parents=True)
            tool("apt-get", "download", package, cwd=folder)
            archive = next(folder.glob("*.deb"))
            tool("dpkg-deb", "-x", archive, folder)
            archive.unlink()
            (folder / ".complete").touch()
    return folder


def kernel():
    return next((unpacked(current_kernel()) / "boot").glob("vmlinuz-*"))


def prepare(options):
    del options
    kernel()


def boot(options, initrd):
    return Boot(kernel(), initrd, f"{system.NATIVE_ARGUMENTS} {ARGUMENTS} {options.append}".strip())
