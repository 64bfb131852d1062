# SPDX-License-Identifier: MIT
"""User-Mode Linux as a program of Debian's kernel in QEMU, so that its instructions count as everybody's do."""
from bench import debian
from common import TOP
from initramfs import find_program, segment

PACKAGE = "user-mode-linux"
MEMORY = "512M"
INIT = TOP / "bench/uml-init"


def program():
    return debian.unpacked(PACKAGE) / "usr/bin/linux.uml"


def prepare(options):
    debian.prepare(options)
    program()


def inner_archive(files, command):
    """What UML unpacks: busybox, the benchmark and the command."""
    own = {
        "init": (INIT.read_bytes(), 0o755),
        "bin/busybox": (find_program("busybox").read_bytes(), 0o755),
        "command": command.encode() + b"\n",
        **files,
    }
    return segment(own, ("dev", "proc", "tmp"))


def wrap(files, command):
    """(files, command) for Debian's kernel: UML there runs the command with the files."""
    outer = {
        "uml/linux": (program().read_bytes(), 0o755),
        "uml/initrd": inner_archive(files, command),
    }
    arguments = f"mem={MEMORY} initrd=/uml/initrd root=/dev/ram0 con=null con0=fd:0,fd:1 con1=fd:0,fd:1"
    # It changes the terminal it has: that is a pipe.
    return outer, f"cd /tmp && TMPDIR=/tmp /uml/linux {arguments} | cat"
