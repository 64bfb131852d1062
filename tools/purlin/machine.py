# SPDX-License-Identifier: MIT
"""From options to a QEMU command line: processors, memory, consoles, screen, sticks and disks."""
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import debian
from common import Refused

QEMU = "qemu-system-x86_64"
LATER_QEMU = ("qemu", "bookworm-backports", ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios"])
CONTROLLERS = {
    ("xhci", "msix"): "qemu-xhci",
    ("xhci", "msi"): "nec-usb-xhci,msi=on,msix=off",
    ("xhci", "intx"): "nec-usb-xhci,msi=off,msix=off",
    ("ehci", "msix"): "ich9-usb-ehci1",
    ("uhci", "msix"): "ich9-usb-uhci1",
    ("ohci", "msix"): "pci-ohci,num-ports=8",
}
IOMMUS = {"vtd": "intel-iommu,intremap=on,aw-bits=48", "amd": "amd-iommu,intremap=on,pt=off"}
EMULATOR_SECONDS = 20
USB_DISKS = ("usb-storage", "usb-uas", "usb-bot")


@dataclass
class Boot:
    """What the machine starts: the kernel, its archive, its command line."""

    kernel: Path
    initrd: Path
    append: str = ""
    disc: Path | None = None  # in place of all these


@dataclass
class Consoles:
    """Where the two serial lines go: QEMU arguments each."""

    first: list = field(default_factory=list)
    second: list = field(default_factory=list)


def escaped(path):
    """A path inside a QEMU option: commas are doubled there."""
    return str(path).replace(",", ",,")


def interactive(log):
    """COM1 and QEMU's monitor share this terminal (Ctrl-A), COM2 leads nowhere."""
    return Consoles(
        ["-chardev", f"stdio,id=console,mux=on,signal=off,logfile={escaped(log)}",
         "-serial", "chardev:console", "-mon", "chardev=console,mode=readline"],
        ["-serial", "null"],
    )  # fmt: skip


def observed(log):
    """COM1 goes to QEMU's standard output and to the log."""
    return Consoles(
        ["-chardev", f"stdio,id=console,signal=off,logfile={escaped(log)}", "-serial", "chardev:console", "-monitor", "none"],
        ["-serial", "null"],
    )  # fmt: skip


def captured(log):
    """COM1 goes to the log, COM2 (the clean channel) to QEMU's standard output."""
    return Consoles(
        ["-chardev", f"file,id=console,path={escaped(log)}", "-serial", "chardev:console", "-monitor", "none"],
        ["-chardev", "stdio,id=channel,signal=off", "-serial", "chardev:channel"],
    )


def silent(log):
    """COM1 goes to the log; who sits at the screen needs no terminal."""
    return Consoles(["-serial", f"file:{escaped(log)}", "-monitor", "none"], ["-serial", "null"])


def has_display():
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def window(program):
    """The kind of window that QEMU can open, if there is a display for it."""
    if not has_display():
        return None
    kinds = subprocess.run([*program, "-display", "help"], stdout=subprocess.PIPE, text=True, check=False).stdout.split()
    return next((kind for kind in ("gtk", "sdl") if kind in kinds), None)


def screen(options, socket):
    """A graphics card, and where its picture goes: QEMU arguments, and what to tell the person."""
    kind = window(emulator(options))
    if kind:
        return ["-vga", "std", "-display", kind], "the machine's screen is in QEMU's window; closing it ends the run"
    why = "QEMU opens no window (package qemu-system-gui)" if has_display() else "there is no display here"
    return ["-vga", "std", "-display", f"vnc=unix:{escaped(socket)}"], f"{why}: the machine's screen is at {socket}, by VNC"


# It makes a machine as ours, says for which processors, and ends.
QUESTION = b'{"execute": "qmp_capabilities"} {"execute": "query-target"} {"execute": "quit"}'


def other_emulator(option, chosen):
    """Another QEMU than Debian 12's. The program says itself whether it can be: any program may be named."""
    program = shutil.which(chosen)
    if not program:
        raise Refused(f"{option}: {chosen} is no program")
    try:
        done = subprocess.run(
            [program, "-M", "q35", "-accel", "tcg", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio"],
            input=QUESTION, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=EMULATOR_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"{option}: {chosen} is no QEMU: {error}") from error
    if not re.search(rb'"arch": "x86_64"', done.stdout):
        raise Refused(f"{option}: {chosen} is no QEMU for x86-64 processors")
    return program


def read_emulator(option, chosen):
    """What --qemu or PURLIN_QEMU says: a path, or `backports`: a later one of Debian's, unpacked below build/tools."""
    return chosen if chosen == "backports" else other_emulator(option, chosen)


def emulator(options):
    """The command to which a machine's arguments are added."""
    if options.qemu_program != "backports":
        return [options.qemu_program or QEMU]
    folder = debian.fetch(*LATER_QEMU) / "usr"
    return [str(folder / "bin" / QEMU), "-L", str(folder / "share/qemu"), "-L", str(folder / "share/seabios")]


def start(boot):
    if boot.disc:
        return ["-cdrom", str(boot.disc), "-boot", "d"]  # whatever sticks there are
    return ["-kernel", str(boot.kernel), "-initrd", str(boot.initrd), "-append", boot.append]


def processor(options):
    """QEMU's `max` addresses 40 bits, which its holes make less than a tebibyte of memory."""
    wide = ",phys-bits=46" if options.mem > 512 << 30 else ""
    return ["-cpu", ("max,-erms,-fsrm" if options.icount else "max") + wide]


def accelerator(options, kvm):
    if options.icount:
        return [*processor(options), "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"]
    # A foreign native kernel has jump labels. QEMU 7.2 with a thread for each processor runs an INT3 that such a kernel has
    # put there while it changed its text, and has taken away again.
    threads = "single" if options.native and options.kernel else "multi"
    return [*processor(options), "-accel", "kvm" if kvm else f"tcg,thread={threads}"]


def memory(options):
    """Much memory is not reserved: the machine may have more than this one, if it does not use it."""
    size = f"{options.mem >> 20}M"
    if options.mem <= 4 << 30:
        return ["-m", size]
    return ["-m", size, "-object", f"memory-backend-ram,id=memory,size={size},reserve=off", "-machine", "memory-backend=memory"]


def other_machine(arguments):
    """Do arguments for QEMU choose another machine than ours?"""
    return any(
        option in ("-M", "-machine", "--machine") and re.match(r"(type=)?(pc|isapc|microvm|none)\b", word)
        for option, word in zip(arguments, arguments[1:])
    )


def brings_iommu(arguments):
    """Do arguments for QEMU name an IOMMU of their own?"""
    return any(option in ("-device", "--device") and re.match(r"\w+-iommu\b", word) for option, word in zip(arguments, arguments[1:]))


def iommu(options, devices):
    """Before all devices that it is to translate for. Other machines than q35 have none of this kind."""
    kind, arguments = options.iommu, [*devices, *options.qemu]
    if kind is None:
        kind = "none" if options.native or other_machine(arguments) or brings_iommu(arguments) else "vtd"
    return ["-device", IOMMUS[kind]] if kind in IOMMUS else []


def usb(options, sticks):
    arguments = ["-device", f"{CONTROLLERS[options.usb, options.irq]},id=usb"]
    for index, stick in enumerate(sticks):
        arguments += ["-drive", f"if=none,id=stick{index},format=raw,file={escaped(stick)}"]
        arguments += ["-device", f"usb-storage,id=usb-stick{index},bus=usb.0,drive=stick{index},serial=stick{index}"]
    if options.screen:
        arguments += ["-device", "usb-kbd,bus=usb.0"]
    return arguments


def disks(options):
    arguments = []
    for index, disk in enumerate(options.disks):
        arguments += ["-drive", f"if=none,id=disk{index},format=raw,file={escaped(disk)}"]
        arguments += ["-device", f"virtio-blk-pci,disable-legacy=on,iommu_platform=on,drive=disk{index},serial=disk{index}"]
    return arguments


def names_usb_disk(arguments):
    """Do arguments for QEMU bring a stick of their own?"""
    return any(
        option in ("-device", "--device") and word.split(",")[0] in USB_DISKS
        for option, word in zip(arguments, arguments[1:])
    )


def command(options, boot, consoles, devices, kvm=False, display=("-display", "none")):
    """The whole QEMU command line; the person's own arguments come last and win."""
    return [
        *emulator(options), "-M", "q35", *accelerator(options, kvm),
        "-smp", str(options.smp), *memory(options),
        "-nodefaults", "-no-user-config", *display, "-no-reboot",
        *consoles.first, *consoles.second,
        *start(boot),
        *iommu(options, devices), *devices, *disks(options), *options.qemu,
    ]  # fmt: skip
