# SPDX-License-Identifier: MIT
"""Whether KVM may be used: the processor has it *and* a probe boots under it; a /dev/kvm alone proves nothing."""
import os
import re
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import machine
import qemu_run
import system
from common import BUILD, locked, say
from cpio import Archive

PROBE_SECONDS = 20
PROBE_SCENARIO = "hello"
PROBE_TEXT = "Hello, world"


def processor_has_it():
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return re.search(r"^flags\s*:.*\b(vmx|svm)\b", flags, re.MULTILINE) is not None


def usable(options):
    if options.icount or not processor_has_it() or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    kind = "native" if options.native else "purlin"
    answer = BUILD / f"kvm-{kind}"
    with locked(f"kvm-{kind}"):
        # Asked once for each start of the machine we are on.
        key = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        if not answer.exists() or not answer.read_text().startswith(key):
            boots = probe(options)
            say(f"KVM {'works: it is used' if boots else 'is there but does not boot the system: not used'}")
            answer.write_text(f"{key} {'yes' if boots else 'no'}\n")
        return answer.read_text().split()[1] == "yes"


class Probe:
    """The least that shows a kernel running, as qemu_run.observe wants it."""

    def __init__(self, options, folder):
        self.log = Path(folder) / "serial.log"
        plain = replace(options, sticks=[], disks=[], qemu=[], screen=False, initrd=None, exec=None, component=None, append="", extra_files={})
        self.options = plain if plain.native else replace(plain, scenario=PROBE_SCENARIO)
        self.boot = system.boot(self.options, self.initrd(folder), folder)

    def initrd(self, folder):
        archive = Archive()
        archive.folder("dev")
        archive.device("dev/console", 0o600, 5, 1)
        busybox = Path("/usr/bin/busybox")
        archive.file("init", f"#!/busybox sh\necho {PROBE_TEXT}\n".encode(), 0o755)
        archive.file("busybox", busybox.read_bytes() if busybox.exists() else b"", 0o755)
        path = Path(folder) / "initrd"
        path.write_bytes(archive.finish())
        return path

    def command(self, consoles):
        return machine.command(self.options, self.boot, consoles, [], kvm=True)


def probe(options):
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        try:
            return not qemu_run.observe(Probe(options, folder), [PROBE_TEXT], PROBE_SECONDS)
        except (OSError, subprocess.SubprocessError):
            return False
