# SPDX-License-Identifier: MIT
"""Which Debian packages a piece of work needs, and installing those that are missing."""
import shutil
import subprocess

from common import TOP, Refused

BUILD = "gcc libc6-dev make binutils device-tree-compiler libfdt-dev python3".split()
LINUX = "flex bison bc libelf-dev libssl-dev cpio xz-utils kmod perl rsync".split()
INITRAMFS = "busybox-static pciutils usbutils bash coreutils e2fsprogs util-linux grep sed findutils".split()
MACHINE = ["qemu-system-x86"]
STICK = "dosfstools mtools fdisk e2fsprogs".split()
DEBIAN = "mmdebstrap debian-archive-keyring e2fsprogs openssh-client".split()
IMAGE = "grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools".split()
BOCHS = "bochs bochs-term bochsbios vgabios".split()
DEBUG = ["gdb"]
CHECK = "clang clang-format clang-tidy shellcheck git libcmocka-dev perl xz-utils".split()
# libclang-rt holds libFuzzer and the sanitizers of clang.
FUZZ = "clang libclang-rt-14-dev patch".split()
# To make, read and check the file systems that sticks of other systems have.
SYSTEMS = "exfatprogs ntfs-3g udftools xorriso grub-common".split()
TEST = "ovmf git libcmocka-dev".split() + FUZZ + SYSTEMS
RUN = BUILD + LINUX + INITRAMFS + MACHINE + STICK


# Versions of Linux that Debian 12 does not have, and a suite that has them: linux.py fetches those into build/.
LATER_SUITES = {"7.2": "trixie-backports", "7.3": "trixie-backports"}


def linux_source(version):
    return f"linux-source-{version}"


def linux_sources(versions):
    """The packages with these versions that are installed on the system."""
    return sorted(linux_source(version) for version in set(versions) - set(LATER_SUITES))


def missing(packages):
    """Those of the packages that dpkg does not hold installed."""
    if shutil.which("dpkg-query") is None:
        return []
    query = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *packages],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    there = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in dict.fromkeys(packages) if package not in there]


def need(purpose, packages):
    absent = missing(packages)
    if absent and subprocess.run([TOP / "tools/install-packages", purpose, *absent], check=False).returncode:
        raise Refused(f"cannot {purpose} without the packages {' '.join(absent)}", 1)
