# SPDX-License-Identifier: MIT
"""Scenarios: the system descriptions in scenarios/ (docs/system-description.md), compiled and read."""
import re
import shlex
import subprocess
from pathlib import Path

import consoles
import fdt
import many
import served
from common import BUILD, TOP, Refused, tool

FOLDER = TOP / "scenarios"
CHECKER = BUILD / "host/check-system"
USB_CLASS = "class 0c03"
MOST_INCLUDED = 8  # one in the other


def names():
    return sorted(path.stem for path in FOLDER.glob("*.dts"))


def source(name):
    """The file of a scenario: one of ours by name, or any description by path."""
    return Path(name).absolute() if is_path(name) else FOLDER / f"{name}.dts"


def is_path(name):
    return name.endswith(".dts")


def find(name):
    """Refuse a name for which there is no description."""
    if is_path(name):
        if not source(name).is_file():
            raise Refused(f"{name}: no such file")
    elif name not in names():
        raise Refused(f"{name}: no such scenario; there are {', '.join(names() + ['native'])}")


def includes():
    return ["-i", FOLDER / "include", "-i", FOLDER]


def missing_include(path, depth=0):
    """Place and name of the first file that is included and not there: dtc names only the file. None: all are there."""
    for number, line in enumerate(Path(path).read_text(errors="replace").splitlines(), 1):
        named = re.search(r'/include/\s*"([^"]+)"', line)
        if not named:
            continue
        folders = [Path(path).parent, *includes()[1::2]]
        found = next((folder / named[1] for folder in folders if (folder / named[1]).is_file()), None)
        if not found:
            return f"{path}:{number}: there is no file {named[1]}"
        inner = missing_include(found, depth + 1) if depth < MOST_INCLUDED else None
        if inner:
            return inner
    return None


def why_not(path, said):
    """dtc's own words, and the place where it tells none."""
    if re.search(r"\.dtsi?:\d", said):
        return said
    place = missing_include(path) or f"{path}:1: dtc failed"
    return f"{place}\n{said}".strip()


def compiled(path):
    """The blob of a description, or what is wrong and where."""
    done = subprocess.run(
        [str(word) for word in ["dtc", "-q", "-I", "dts", "-O", "dtb", *includes(), path]],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Refused(why_not(path, done.stderr.decode(errors="replace").strip()), 1)
    return done.stdout


class Scenario:
    """What the front door needs to know of a description."""

    def __init__(self, path):
        self.path = Path(path)
        self.root = fdt.read(compiled(path))
        components = self.root.child("components")
        self.components = components.children if components else []

    @property
    def linuxes(self):
        return [node for node in self.components if node.text("type", "native") == "linux"]

    @property
    def description(self):
        return self.root.text("description")

    @property
    def expect(self):
        """Texts that appear on the console, in this order."""
        return self.root.texts("expect")

    @property
    def timeout(self):
        return self.root.cell("timeout", 60)

    @property
    def qemu(self):
        """What the machine has besides the front door's own devices, as QEMU arguments."""
        return [word for text in self.root.texts("qemu") for word in shlex.split(text)]

    @property
    def has_usb(self):
        return any(rule.lower().startswith(USB_CLASS) for node in self.components for rule in node.texts("pci"))

    @property
    def lends(self):
        """Has a Linux disks by sessions?"""
        return any(node.texts("disks") for node in self.linuxes)

    def version(self):
        """The Linux version its first Linux asks for, or nothing."""
        return next((node.text("version") for node in self.linuxes if node.text("version")), None)

    def configuration(self):
        """The Linux configuration that its first Linux asks for, or nothing."""
        return next((node.text("configuration") for node in self.linuxes if node.text("configuration")), None)

    def rooted(self):
        """The Linux that wants a root file system as a disk, or nothing."""
        return next((node for node in self.linuxes if node.text("root")), None)

    def modules(self):
        """Names of the boot modules its components want, and of those that ROM sessions offer besides."""
        wanted = ["core", "init"]
        for node in self.components:
            for name in ("binary", "kernel", "initrd"):
                if node.text(name) and node.text(name) not in wanted:
                    wanted.append(node.text(name))
        return wanted + [name for name in self.root.texts("modules") if name not in wanted]


def load(name):
    return Scenario(source(name))


def check(path, memory, cpus, modules):
    """
    Refuse a description check-system finds fault with; it names file, line and reason. `memory` is
    the machine's: firmware, microkernel and bundle have their part of it.
    """
    arguments = ["--memory", max((memory - TAKEN) >> 20, 1), "--cpus", cpus]
    for folder in includes()[1::2]:
        arguments += ["--include", folder]
    for module in modules:
        arguments += ["--module", module]
    done = subprocess.run(
        [str(word) for word in [CHECKER, *arguments, path]],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Refused(done.stdout.strip() or f"{path}: check-system failed", 1)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


UNITS = {"K": 10, "M": 20, "G": 30}
DEFAULT_MACHINE = 512 << 20
TAKEN = 36 << 20
RESERVE = 256 << 20  # of the machine: microkernel, components and the bundle
RESERVE_LEAST = 56 << 20
OVERHEAD_LEAST = 8 << 20  # 3 % of what is left of DEFAULT_MACHINE
MEMORY_LEAST = 64 << 20
MEMORY_STEP = 16 << 20
REST = "rest"


def described_memory(node):
    text = node.text("memory")
    return int(text[:-1]) << UNITS[text[-1]]


def fitting_memory(node, machine):
    """
    What the description says, on the machine it was written for. A larger one gives its only Linux
    all that the other components leave, a smaller one less than it says; 3 % of that are for its page tables.
    """
    said = described_memory(node)
    if machine > DEFAULT_MACHINE:
        return REST if machine - RESERVE > said else None
    if machine == DEFAULT_MACHINE:
        return None
    spare = max((machine - RESERVE_LEAST - OVERHEAD_LEAST) // MEMORY_STEP * MEMORY_STEP, MEMORY_LEAST)
    return f"{spare >> 20}M" if spare < said else None


def console_text(labels):
    return f" consoles = {', '.join(map(quoted, labels))};" if labels else " /delete-property/ consoles;"


def bootargs(node, options):
    """What the description says and --append adds; with --screen, the screen is Linux's console."""
    words = node.text("bootargs").split(" ")
    if options.screen and "framebuffer" in node.properties:
        words = [word for word in words if not word.startswith("console=")] + ["console=tty0"]
    return " ".join(words + [options.append]).strip()


MOST_VCPUS = 16
PLACED = {"vcpus", "cpu", "cpus"}


def wanted_vcpus(one, node, options):
    """--smp N gives a description's only Linux N vCPUs, and the Debian of several; not if it says where it runs."""
    if "--smp" not in options.given or options.smp == 1 or PLACED & set(node.properties):
        return ""
    count = min(options.smp, MOST_VCPUS)
    if len(one.linuxes) == 1:
        return f" vcpus = <{count}>;"
    return f" vcpus = <{count}>; cpus = <{' '.join(map(str, range(count)))}>;" if node is one.rooted() else ""


def property_text(name, texts):
    """As DTS; without texts the property is not there, since DTS has no empty list."""
    return f" {name} = {', '.join(map(quoted, texts))};" if texts else f" /delete-property/ {name};"


def changed_properties(one, options):
    """By component: what this run says differently from the description, as DTS."""
    changes = {node.name: "" for node in one.components}
    for name, properties in served.changes(one, options).items():
        changes[name] += "".join(map(property_text, properties, properties.values()))
    for name, labels in consoles.changes(one, options).items():
        changes[name] += console_text(labels)
    for node in one.linuxes:
        if options.lend and node.texts("disks"):
            changes[node.name] += f' lend = "{options.lend}";'
        arguments = bootargs(node, options)
        if arguments != node.text("bootargs").strip():
            changes[node.name] += f" bootargs = {quoted(arguments)};"
        if len(one.linuxes) == 1 and node.text("memory")[-1:] in UNITS:
            memory = fitting_memory(node, options.mem)
            if memory:
                changes[node.name] += f' memory = "{memory}";'
        changes[node.name] += wanted_vcpus(one, node, options)
    return {name: text for name, text in changes.items() if text}


def with_changes(one, options, folder):
    """
    The description with more Linux command line, with what the machine has for its Linux, and with the
    consoles where --exec and --in want them.
    """
    changes = changed_properties(one, options)
    control, gone = many.change(one, options)
    for name, text in control.items():
        changes[name] = changes.get(name, "") + text
    if not changes and not options.includes:
        return one.path
    nodes = gone + "".join(f"\t\t{name} {{{text} }};\n" for name, text in changes.items())
    changed = Path(folder) / "system.dts"
    included = "".join(f'/include/ "{path}"\n' for path in [one.path, *options.includes])
    changed.write_text(f"{included}/ {{\n\tcomponents {{\n{nodes}\t}};\n}};\n")
    return changed


def build_checker():
    tool("make", "-s", "-C", TOP, CHECKER.relative_to(TOP))
