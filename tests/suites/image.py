# SPDX-License-Identifier: MIT
"""The ISO boots by BIOS and by UEFI, and the debugger sees the kernel's objects."""
import shutil
import subprocess
import sys
from pathlib import Path

import disc as discs
import options as run_options
import qemu_run
import system
from common import TOP
from machine import QEMU, observed
from suites.testing import FOLDER, Failed, Suite, one_by_one

SCENARIO = "hello"
EXPECTED = "Hello, world"
SECONDS = 120
OVMF = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")


def firmware(kind):
    if kind == "bios":
        return []
    variables = FOLDER / "ovmf-variables.fd"
    shutil.copyfile(OVMF_VARIABLES, variables)
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}", "-drive", f"if=pflash,format=raw,file={variables}"]


class FromDisc:
    """As qemu_run.Run, for a machine that starts from the ISO by its firmware."""

    def __init__(self, log, disc, kind):
        self.log, self.disc, self.kind = log, disc, kind

    def command(self, consoles):
        return [
            QEMU, "-M", "q35", "-cpu", "max", "-accel", "tcg", "-smp", "2", "-m", "512M", "-nodefaults", "-display", "none",
            "-no-reboot", *consoles.first, *consoles.second, *firmware(self.kind), "-cdrom", str(self.disc),
        ]  # fmt: skip


def test_boot(kind):
    def run(log):
        options = run_options.parse([SCENARIO])
        system.build(options)
        disc = FOLDER / f"{kind}.iso"
        discs.make(options, disc)
        missing = qemu_run.observe(FromDisc(log, disc, kind), [EXPECTED], SECONDS)
        if missing:
            raise Failed(f"within {SECONDS} s {missing[0]!r} did not appear")

    return run


def test_debugger(log):
    commands = "hbreak core_start\ncontinue\nbacktrace 2\npurlin accounts\npurlin log\nkill\n"
    done = subprocess.run(
        [sys.executable, "-B", str(TOP / "tools/purlin"), "debug", SCENARIO],
        input=commands, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    log.write_text(done.stdout)
    for wanted in ("Breakpoint 1, core_start", "Purlin, ABI", "pages"):
        if wanted not in done.stdout:
            raise Failed(f"gdb did not show {wanted!r}")


def suites():
    functions = {f"image/{kind}": test_boot(kind) for kind in ("bios", "uefi")}
    functions["debug/gdb"] = test_debugger
    return [Suite(list(functions), one_by_one(functions))]
