# SPDX-License-Identifier: MIT
"""Scenarios: the system descriptions in scenarios/ (docs/system-description.md), compiled and read."""
import shlex
import subprocess
from pathlib import Path

import fdt
from common import BUILD, TOP, Refused, tool

FOLDER = TOP / "scenarios"
CHECKER = BUILD / "host/check-system"
USB_CLASS = "class 0c03"


def names():
    return sorted(path.stem for path in FOLDER.glob("*.dts"))


def source(name):
    """The file of a scenario: one of ours by name, or any description by path."""
    return Path(name).absolute() if is_path(name) else FOLDER / f"{name}.dts"


def is_path(name):
    return name.endswith(".dts")


def find(name):
    """Refuse a name behind which there is no description."""
    if is_path(name):
        if not source(name).is_file():
            raise Refused(f"{name}: no such file")
    elif name not in names():
        raise Refused(f"{name}: no such scenario; there are {', '.join(names() + ['native'])}")


def includes():
    return ["-i", FOLDER / "include", "-i", FOLDER]


def compiled(path):
    """The blob of a description; dtc's own words when it finds errors."""
    done = subprocess.run(
        [str(word) for word in ["dtc", "-q", "-I", "dts", "-O", "dtb", *includes(), path]],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Refused(done.stderr.decode(errors="replace").strip() or f"{path}: dtc failed", 1)
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

    def version(self):
        """The Linux version its first Linux asks for, or nothing."""
        return next((node.text("version") for node in self.linuxes if node.text("version")), None)

    def modules(self):
        """Names of the boot modules its components want."""
        wanted = ["core", "init"]
        for node in self.components:
            for name in ("binary", "kernel", "initrd"):
                if node.text(name) and node.text(name) not in wanted:
                    wanted.append(node.text(name))
        return wanted


def load(name):
    return Scenario(source(name))


def check(path, memory, cpus, modules):
    """Refuse a description check-system finds fault with; it names file, line and reason."""
    arguments = ["--memory", memory >> 20, "--cpus", cpus]
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


def with_bootargs(one, append, folder):
    """The blob with more Linux command line for each Linux component."""
    if not append or not one.linuxes:
        return compiled(one.path)
    changes = "".join(
        f"\t\t{node.name} {{ bootargs = {quoted((node.text('bootargs') + ' ' + append).strip())}; }};\n"
        for node in one.linuxes
    )
    changed = Path(folder) / "system.dts"
    changed.write_text(f'/include/ "{one.path}"\n/ {{\n\tcomponents {{\n{changes}\t}};\n}};\n')
    return compiled(changed)


def build_checker():
    tool("make", "-s", "-C", TOP, CHECKER.relative_to(TOP))
