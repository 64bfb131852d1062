# SPDX-License-Identifier: MIT
"""The options of run: read and checked completely before anything is installed, built or started."""
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import debian_root
import machine
import many
import scenario
from common import CONFIGURATIONS, LINUX_VERSIONS, Refused

USB_KINDS = ("xhci", "ehci", "uhci", "ohci")
EMULATORS = ("qemu", "bochs")
IRQ_KINDS = ("msix", "msi", "intx")
IOMMUS = ("vtd", "amd", "none")
LENDS = ("pool", "ram")
MAX_STICKS = 32
MAX_DISKS = 16
MAX_PROCESSORS = 64
MEBIBYTE = 1 << 20
DEBIAN_MEMORY = 1536 * MEBIBYTE


@dataclass
class Options:
    scenario: str = "usb"
    linux: str | None = None
    config: str | None = None  # of Linux; None: as the scenario says, else lean
    smp: int = 2
    mem: int = 512 * MEBIBYTE
    sticks: list = field(default_factory=list)
    disks: list = field(default_factory=list)
    usb: str = "xhci"
    irq: str = "msix"
    iommu: str | None = None  # nothing: what the machine can have
    # A whole Debian: by --debian or by the scenario; what its root disk is, its port for ssh.
    debian: bool = False
    root_on: str = "virtio"
    ssh: int | None = None
    packages: tuple = ()  # that its image has in addition; of tests only
    keep: bool = True  # what a run at the console writes to its root disk
    initrd: Path | None = None
    append: str = ""
    exec: str | None = None
    component: str | None = None
    lend: str | None = None  # what clients of device sessions lend to their servers
    instances: int | None = None  # of a scenario with small Linux instances
    icount: bool = False
    screen: bool = False
    debug_kernel: bool = False
    kernel: Path | None = None  # another than ours, for tests
    timeout: float | None = None
    log: Path | None = None
    emulator: str = "qemu"
    qemu_program: str | None = None  # another QEMU than the system's
    qemu: list = field(default_factory=list)
    # Which options the command line has.
    given: set = field(default_factory=set)
    # Not from the command line: further files for the initramfs, as initramfs.segment takes them.
    extra_files: dict = field(default_factory=dict)
    # Neither: parts of a description that this run adds.
    includes: list = field(default_factory=list)
    # Boot modules that are another component than the one of their name: variants for tests.
    variants: dict = field(default_factory=dict)
    # Neither: function(options, initrd) -> Boot, for a machine that starts something else; no USB controller.
    boot: object = None
    bare: bool = False

    @property
    def native(self):
        return self.scenario == "native"


def choice(option, word, among):
    if word not in among:
        raise Refused(f"{option} {word}: must be one of {', '.join(among)}")
    return word


def number(option, word, low, high, kind=int):
    try:
        value = kind(word) if re.fullmatch(r"[0-9.]+", word) else None
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise Refused(f"{option} {word}: must be a number from {low} to {high}")
    return value


def size(option, word):
    """64M, 1G, or a number of MiB as QEMU counts; in bytes."""
    match = re.fullmatch(r"(\d+)([KMGTkmgt]?)(i?[Bb])?", word)
    if not match:
        raise Refused(f"{option} {word}: must be a size such as 512M or 1G")
    value = int(match[1]) << {"": 20, "k": 10, "m": 20, "g": 30, "t": 40}[match[2].lower()]
    if not 32 * MEBIBYTE <= value <= 1 << 40:
        raise Refused(f"{option} {word}: must be from 32M to 1T")
    return value


def readable_file(option, word, write=False):
    path = Path(word)
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
            raise Refused(f"{option} {word}: not a file")
        with open(path, "r+b" if write else "rb"):
            pass
    except OSError as error:
        raise Refused(f"{option} {word}: {error.strerror}") from error
    return path.absolute()


def image_file(option, word):
    path = readable_file(option, word, write=True)
    if stat.S_ISREG(path.stat().st_mode):
        length = path.stat().st_size
        if length == 0 or length % 512:
            raise Refused(f"{option} {word}: {length} bytes are not a whole number of 512-byte sectors")
    return path


def initramfs_file(option, word):
    path = readable_file(option, word)
    if stat.S_ISREG(path.stat().st_mode) and path.stat().st_size == 0:
        raise Refused(f"{option} {word}: is empty")
    return path


def output_file(option, word):
    path = Path(word)
    # QEMU would wait for a reader of a pipe, and write over a disk.
    if path.exists() and not (path.is_file() or path.is_char_device()):
        raise Refused(f"{option} {word}: not a file")
    if path.is_dir() or not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise Refused(f"{option} {word}: cannot be written")
    return path.absolute()


def command(option, word):
    if not word.strip():
        raise Refused(f"{option}: the command is empty")
    return word


def one_line(option, word):
    if len(word) > 1024 or not word.isprintable():
        raise Refused(f"{option}: must be one line of at most 1024 printable characters")
    return word


# Options with a value: field, how to read it, may it repeat.
VALUED = {
    "--linux": ("linux", lambda o, w: choice(o, w, LINUX_VERSIONS), False),
    "--config": ("config", lambda o, w: choice(o, w, CONFIGURATIONS), False),
    "--root-on": ("root_on", lambda o, w: choice(o, w, debian_root.KINDS), False),
    "--ssh": ("ssh", lambda o, w: number(o, w, 1, 65535, int), False),
    "--smp": ("smp", lambda o, w: number(o, w, 1, MAX_PROCESSORS), False),
    "--mem": ("mem", size, False),
    "--stick": ("sticks", image_file, True),
    "--disk": ("disks", image_file, True),
    "--usb": ("usb", lambda o, w: choice(o, w, USB_KINDS), False),
    "--irq": ("irq", lambda o, w: choice(o, w, IRQ_KINDS), False),
    "--iommu": ("iommu", lambda o, w: choice(o, w, IOMMUS), False),
    "--initrd": ("initrd", initramfs_file, False),
    "--append": ("append", one_line, False),
    "--exec": ("exec", command, False),
    "--in": ("component", one_line, False),
    "--lend": ("lend", lambda o, w: choice(o, w, LENDS), False),
    "--instances": ("instances", lambda o, w: number(o, w, 1, many.MOST, int), False),
    "--timeout": ("timeout", lambda o, w: number(o, w, 0.1, 1e6, float), False),
    "--log": ("log", output_file, False),
    "--qemu": ("qemu_program", machine.read_emulator, False),
    "--emulator": ("emulator", lambda o, w: choice(o, w, EMULATORS), False),
}


def parse(arguments):
    options = Options()
    words = list(arguments)
    named = False
    while words:
        word = words.pop(0)
        if word == "--":
            options.qemu = words
            break
        option, equals, value = word.partition("=")
        if option in VALUED:
            if not equals:
                if not words:
                    raise Refused(f"{option}: needs a value")
                value = words.pop(0)
            name, read, repeats = VALUED[option]
            if option in options.given and not repeats:
                raise Refused(f"{option}: given twice")
            options.given.add(option)
            read_value = read(option, value)
            setattr(options, name, getattr(options, name) + [read_value] if repeats else read_value)
        elif word == "--icount":
            options.icount = True
            options.given.add(option)
        elif word == "--screen":
            options.screen = True
            options.given.add(option)
        elif word == "--debug-kernel":
            options.debug_kernel = True
        elif word == "--debian":
            options.debian = True
        elif word.startswith("-"):
            raise Refused(f"{word}: no such option; ./purlin help tells which there are")
        elif named:
            raise Refused(f"{word}: one scenario at a time")
        else:
            options.scenario, named = word, True
    check_together(options)
    return options


def check_together(options):
    if options.qemu_program is None and "PURLIN_QEMU" in os.environ:
        options.qemu_program = machine.read_emulator("PURLIN_QEMU", os.environ["PURLIN_QEMU"])
    if not options.native:
        scenario.find(options.scenario)
    elif options.component is not None:
        raise Refused(f"--in {options.component}: native is one Linux")
    if options.screen and options.native:
        raise Refused("--screen: the native kernel starts without a boot loader, so there is no framebuffer")
    if options.screen and options.emulator != "qemu":
        raise Refused(f"--screen: not with --emulator {options.emulator}")
    check_debian(options)
    check_instances(options)
    if options.lend and (options.native or not scenario.load(options.scenario).lends):
        raise Refused(f"--lend: no Linux in {options.scenario} has a disk by a session")
    if options.exec is not None and options.initrd is not None:
        raise Refused("--exec needs our initramfs to run the command: not together with --initrd")
    if options.irq != "msix" and options.usb != "xhci":
        raise Refused(f"--irq {options.irq}: the {options.usb} controller has INTx only; --irq is for --usb xhci")
    check_files(options)
    if len(options.sticks) > MAX_STICKS:
        raise Refused(f"--stick: at most {MAX_STICKS} sticks")
    if len(options.disks) > MAX_DISKS:
        raise Refused(f"--disk: at most {MAX_DISKS} disks")
    if options.initrd and options.initrd.stat().st_size > options.mem // 4:
        size = options.initrd.stat().st_size >> 20
        raise Refused(f"--initrd {options.initrd}: {size} MiB are too much for a machine of {options.mem >> 20} MiB")


def check_instances(options):
    if not options.native:
        many.settle(options, scenario.load(options.scenario))
    elif options.instances is not None:
        raise Refused("--instances: native is one Linux")


def check_debian(options):
    if not options.native:
        if options.debian:
            options.scenario = debian_root.scenario_of(options.scenario)
        node = scenario.load(options.scenario).rooted()
        if node:
            debian_root.check(node.text("root"))
        options.debian = node is not None
    for option in sorted({"--root-on", "--ssh"} & options.given):
        if not options.debian:
            raise Refused(f"{option}: there is no Debian in {options.scenario}")
    if options.debian and options.config == "lean":
        raise Refused("--config lean: it lacks what systemd needs")
    if options.debian and options.screen and "framebuffer" not in node.properties:
        raise Refused(f"--screen: the Debian of {options.scenario} has no screen")
    if options.ssh is not None:
        debian_root.check_port(options.ssh)
    if options.debian and options.initrd is not None:
        raise Refused("--initrd: a Debian needs ours, which finds its root file system")
    if options.debian and "--mem" not in options.given:
        options.mem = DEBIAN_MEMORY


def check_files(options):
    """A file has one use: whatever its names, two devices cannot write it, and the log must not."""
    images = options.sticks + options.disks
    for number, image in enumerate(images):
        if any(image.samefile(other) for other in images[:number]):
            raise Refused(f"{image}: named twice; two devices cannot write one image")
    if options.log and options.log.is_file():
        inputs = images + [options.initrd] * bool(options.initrd)
        inputs += [scenario.source(options.scenario)] * (not options.native)
        if any(options.log.samefile(path) for path in inputs):
            raise Refused(f"--log {options.log}: would write over a file that this run reads")
