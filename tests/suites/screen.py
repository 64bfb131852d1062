# SPDX-License-Identifier: MIT
"""
Machines without a serial line: what a person sees on the screen, and keys as a person types them.
"""
import shutil
import subprocess
import time
from pathlib import Path

from common import bound
from machine import QEMU
from picture import Picture
from qemu_run import stop, wait_for_socket
from suites import screen_text
from suites.qmp import Qmp
from suites.testing import FOLDER, Failed

SECONDS = 240
OVMF = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
KEYS = {" ": "spc", "\n": "ret", "/": "slash", "-": "minus", ".": "dot", "=": "equal", ";": "semicolon"}
SHIFTED = {"$": "4", "(": "9", ")": "0", "*": "8", ">": "dot", "|": "backslash", "&": "7"}


def key(character):
    """QEMU's names of the keys that write the character on an American keyboard."""
    if character.isupper():
        return ["shift", character.lower()]
    if character in SHIFTED:
        return ["shift", SHIFTED[character]]
    return [KEYS.get(character, character)]


def firmware(kind):
    if kind == "bios":
        return []
    variables = FOLDER / "ovmf-variables.fd"
    shutil.copyfile(OVMF_VARIABLES, variables)
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}", "-drive", f"if=pflash,format=raw,file={variables}"]


class Screen:
    """A machine that starts from a disc by its firmware, with a screen and keys."""

    def __init__(self, disc, kind, *devices, serial="none"):
        self.socket = FOLDER / "screen.qmp"
        self.dump = FOLDER / "screen.ppm"
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            bound([
                QEMU, "-M", "q35", "-cpu", "max", "-accel", "tcg", "-smp", "2", "-m", "512M", "-nodefaults", "-display", "none",
                "-no-reboot", "-vga", "std", "-serial", serial, "-qmp", f"unix:{self.socket},server=on,wait=off",
                *firmware(kind), "-cdrom", str(disc), *devices,
            ]),
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for_socket(self.socket, self.process)
        self.qmp = Qmp(self.socket)

    def picture(self):
        self.qmp.ask("screendump", filename=str(self.dump))
        return Picture(self.dump.read_bytes())

    def wait_for(self, wanted, letters):
        """The screen's text when `wanted` is on it. Nothing tells when a screen changes: it is looked at again."""
        limit = time.monotonic() + SECONDS
        while time.monotonic() < limit and self.process.poll() is None:
            seen = screen_text.text(self.picture(), letters)
            if wanted in seen:
                return seen
            time.sleep(0.5)
        raise Failed(f"{wanted!r} did not appear on the screen; the last picture: {self.dump}")

    def type(self, text):
        for character in text:
            keys = [{"type": "qcode", "data": name} for name in key(character)]
            self.qmp.ask("send-key", keys=keys)

    def close(self):
        stop(self.process)
