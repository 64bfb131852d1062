# SPDX-License-Identifier: MIT
"""What a scenario boots: the native kernel, or Purlin with a bundle made for this run."""
import functools
import re
import subprocess
import tempfile
from pathlib import Path

import bundle
import consoles
import debian_root
import initramfs
import iso
import linux
import scenario
from common import (
    BUILD, CONFIGURATIONS, LINUX_VERSIONS, TOP, Refused, bound, locked, processors, say,
)
from machine import Boot

KERNEL = BUILD / "kernel/purlin.elf"
DEBUG_KERNEL = BUILD / "kernel/purlin-debug.elf"
# Without the check of timer interrupts: it counts them against the TSC, and panics where QEMU gets the processor rarely.
NATIVE_ARGUMENTS = "console=ttyS0 mitigations=off panic=-1 usb-storage.delay_use=0 no_timer_check"
# Boot modules that are a Linux: of the configuration that this run has, or of one that the name says.
KERNELS = {"vmlinux": None, "vmlinux.lean": "lean"}
# Linux's own sources give us libfdt and ACPICA.
SOURCE_VERSION = LINUX_VERSIONS[0]


def loaded(options):
    return scenario.load(options.scenario)


def has_usb(options):
    if options.bare:
        return False
    return options.native or loaded(options).has_usb


def has_linux(options):
    return options.native or bool(loaded(options).linuxes)


def has_control(options):
    """Does a Linux of the description show and act on other components?"""
    return not options.native and any({"control", "adds"} & set(node.properties) for node in loaded(options).linuxes)


def rooted(options):
    """The Linux of the description that is a Debian, or nothing."""
    return None if options.native else loaded(options).rooted()


def qemu_arguments(options):
    return [] if options.native else debian_root.described_network(loaded(options).qemu, options, rooted(options))


def linux_version(options):
    return options.linux or (None if options.native else loaded(options).version()) or LINUX_VERSIONS[0]


def configuration(options):
    """lean or full: as --config says, else as the scenario does; a Debian natively is for comparison with ours."""
    if options.config:
        return options.config
    if options.native:
        return "full" if options.debian else "lean"
    return loaded(options).configuration() or "lean"


def configurations(options):
    """Those of the Linux kernels that the description names as boot modules."""
    return {KERNELS[name] or configuration(options) for name in loaded(options).modules() if name in KERNELS}


def linux_folder(options, kind=None):
    return linux.built(linux_version(options), options.native, kind or configuration(options))


@functools.cache
def make_all():
    """
    Microkernel, components, tools: everything but Linux. Once in a process, since only asking make takes a second, and
    the tests boot hundreds of machines.
    """
    linux.unpack(SOURCE_VERSION)
    with locked("make"):
        command = ["make", "-s", f"-j{processors()}", "-C", TOP]
        if subprocess.run([*command, "-q", "all"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            say("building kernel, components and tools")
            done = subprocess.run(
                bound([*command, "all"]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            if done.returncode:
                lines = done.stdout.splitlines()
                first = next((line for line in lines if "error" in line.lower()), "")
                raise Refused(f"make failed: {first}\n" + "\n".join(lines[-30:]), 1)


def check_iommu(options, one):
    """Whose devices would reach all memory has to say so. Arguments for QEMU may bring an IOMMU of their own."""
    if options.iommu != "none" or any("iommu" in word for word in options.qemu):
        return
    for node in one.components:
        if node.texts("pci") and "trusted-dma" not in node.properties:
            raise Refused(f"--iommu none: {node.name} in scenario {options.scenario} gets devices, but lacks trusted-dma")


def wanted(one, path):
    """Boot modules of a description as this run changes it."""
    return one.modules() if path == one.path else scenario.Scenario(path).modules()


def check(options):
    """Refuse what the description or the machine cannot do."""
    if options.native:
        return
    one = loaded(options)
    if options.sticks and not one.has_usb:
        raise Refused(f"--stick: scenario {options.scenario} assigns no USB controller to anybody")
    for option in sorted({"--usb", "--irq"} & options.given):
        if not one.has_usb:
            raise Refused(f"{option}: scenario {options.scenario} assigns no USB controller to anybody")
    if options.disks and not any(node.texts("pci") for node in one.components):
        raise Refused(f"--disk: scenario {options.scenario} assigns no devices to anybody")
    check_iommu(options, one)
    if options.append and not one.linuxes:
        raise Refused(f"--append: there is no Linux in scenario {options.scenario}")
    if options.config and not one.linuxes:
        raise Refused(f"--config: there is no Linux in scenario {options.scenario}")
    configuration_named = one.configuration()
    if configuration_named not in (None, *CONFIGURATIONS):
        raise Refused(f"configuration = \"{configuration_named}\" in scenario {options.scenario}: must be {' or '.join(CONFIGURATIONS)}")
    if options.debian and configuration(options) == "lean":
        raise Refused(f"configuration = \"lean\" in scenario {options.scenario}: it lacks what systemd needs")
    if options.initrd is not None and not one.linuxes:
        raise Refused(f"--initrd: there is no Linux in scenario {options.scenario}")
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        path = scenario.with_changes(one, options, folder)
        modules = [name for name in wanted(one, path) if name in (*KERNELS, "initrd", initramfs.SMALL) or component(name).exists()]
        try:
            scenario.check(path, options.mem, options.smp, modules)
        except Refused as refusal:
            if path == one.path:
                raise
            # The lines are those of a file the user never sees.
            reason = re.sub(re.escape(str(path)) + r":\d+", str(one.path), str(refusal))
            raise Refused(f"--mem {options.mem >> 20}M: {reason}", 1) from None


def target_name(options):
    """The component --exec runs in; None: a native Linux."""
    return None if options.native or options.boot else consoles.target(loaded(options), options).name


def component(name):
    return BUILD / "components" / name


def build(options):
    """Everything the run needs that is out of date; the description is checked before Linux is built."""
    if options.native:
        if not options.kernel:
            linux.build_native(linux_version(options), linux.kind_of(True, configuration(options)))
        return
    make_all()
    check(options)
    if has_linux(options):
        for kind in configurations(options):
            linux.build_purlin(linux_version(options), kind)


def boot(options, initrd, folder):
    if options.boot:
        return options.boot(options, initrd)
    if options.native:
        root = debian_root.NATIVE_ARGUMENTS if options.debian else ""
        append = " ".join(filter(None, (NATIVE_ARGUMENTS, root, options.append)))
        return Boot(options.kernel or linux.stripped(linux_folder(options)), initrd, append)
    kernel = options.kernel or (DEBUG_KERNEL if options.debug_kernel else KERNEL)
    inside = members(options, initrd, folder)
    path = Path(folder) / "bundle"
    if options.screen:
        # Only a boot loader leaves a framebuffer: QEMU's -kernel does not.
        disc = Path(folder) / "start.iso"
        iso.write(disc, kernel, inside, Path(options.scenario).stem, 0)
        return Boot(kernel, path, disc=disc)
    path.write_bytes(bundle.make(inside))
    return Boot(kernel, path)


def members(options, initrd, folder):
    """The bundle's members in order; core comes first."""
    one = loaded(options)
    path = scenario.with_changes(one, options, folder)
    names = wanted(one, path)
    variant = {name: options.variants.get(name, name) for name in names}
    files = {name: component(variant[name]) for name in ("core", "init")}
    files["system.dtb"] = scenario.compiled(path)
    for name in names:
        if name in KERNELS:
            files[name] = linux.stripped(linux_folder(options, KERNELS[name]))
        elif name == "initrd":
            files[name] = initrd
        elif name == initramfs.SMALL:
            files[name] = initramfs.small()
        else:
            files[name] = component(variant[name])
    return files


def can_run(name):
    return name == "native" or name in scenario.names()
