# SPDX-License-Identifier: MIT
"""
Machines without a serial line: what a person sees on the screen, and keys as a person types them.
"""
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import disc as discs
import options as run_options
import system
from common import bound, shown, tested_versions
from machine import QEMU
from picture import Picture, png
from qemu_run import stop, wait_for_socket
from suites import screen_text
from suites.qmp import Qmp
from suites.testing import FOLDER, Failed, Suite, in_linux, log_file, one_by_one

SECONDS = 600
# All versions have the same font.
SOURCE = system.SOURCE_VERSION
# An uncorrected error of bank 9 on processor 0: status, global status (with MCIP), address, misc.
MACHINE_CHECK = "mce 0 9 0xb200000000000000 0x5 0 0"
PROMPT = "purlin:/root#"
OVMF = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
# Of QEMU's keyboards: 16 events or bytes, until Linux takes them; more are lost. Some are left for what came before.
KEYBOARD_HOLDS = 14
KEYS = {" ": "spc", "\n": "ret", "/": "slash", "-": "minus", ".": "dot", "=": "equal", ";": "semicolon"}
SHIFTED = {"$": "4", "(": "9", ")": "0", "*": "8", ">": "dot", "|": "backslash", "&": "7"}


def key(character):
    """QEMU's names of the keys that write the character on an American keyboard."""
    if character.isupper():
        return ["shift", character.lower()]
    if character in SHIFTED:
        return ["shift", SHIFTED[character]]
    return [KEYS.get(character, character)]


def firmware(kind, name):
    if kind == "bios":
        return []
    variables = FOLDER / f"{name}-variables.fd"
    shutil.copyfile(OVMF_VARIABLES, variables)
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}", "-drive", f"if=pflash,format=raw,file={variables}"]


class Screen:
    """A machine that starts from a disc by its firmware, with a screen and keys. Its files have its own name: another may run beside it."""

    def __init__(self, name, disc, kind, *devices, serial="none"):
        self.socket = FOLDER / f"{name}.qmp"
        self.dump = FOLDER / f"{name}.ppm"
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            bound([
                QEMU, "-M", "q35", "-cpu", "max", "-accel", "tcg", "-smp", "2", "-m", "512M", "-nodefaults", "-display", "none",
                "-device", "intel-iommu,intremap=on,aw-bits=48", "-no-reboot", "-vga", "std", "-serial", serial, "-qmp", f"unix:{self.socket},server=on,wait=off",
                *firmware(kind, name), "-cdrom", str(disc), *devices,
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
            time.sleep(0.2)
        raise Failed(f"{wanted!r} did not appear on the screen; the last picture: {self.dump}")

    def type(self, text, **how):
        for character in text:
            keys = [{"type": "qcode", "data": name} for name in key(character)]
            self.qmp.ask("send-key", keys=keys, **how)

    def close(self):
        stop(self.process)


def image(name, *words):
    """An ISO as ./purlin image makes it."""
    options = run_options.parse(["usb", *words])
    system.build(options)
    disc = FOLDER / f"screen-{name}.iso"
    discs.make(options, disc)
    return disc


@contextmanager
def machine(name, kind, *devices, log):
    one = Screen(f"screen-{name}", image(name), kind, *devices)
    try:
        yield one
    except Failed as failure:
        # What was to be seen is the best explanation.
        picture = log_file(f"screen-{name}", "png")
        picture.write_bytes(png(one.picture()))
        raise Failed(f"{failure}; picture: {shown(picture)}") from failure
    finally:
        one.close()


def pieces(command):
    """As many characters at a time as fit into a keyboard: each key goes down and up again."""
    piece, events = "", 0
    for character in command:
        more = 2 * len(key(character))
        if events + more > KEYBOARD_HOLDS:
            yield piece
            piece, events = "", 0
        piece, events = piece + character, events + more
    yield piece


def ask(one, command, wanted):
    """Type a command at the shell, and see it; the text on the screen once the answer is there."""
    letters, typed = screen_text.linux_font(SOURCE), f"{PROMPT} "
    for piece in pieces(command):
        one.type(piece)
        typed += piece
        one.wait_for(typed.rstrip(), letters)
    one.type("\n")
    return one.wait_for(wanted, letters)


def wait_for_shell(one):
    one.wait_for(PROMPT, screen_text.linux_font(SOURCE))
    # Messages of drivers that start late would come between question and answer, and into what is typed: so it is typed slowly.
    one.type("dmesg -n 1; clear\n", **{"hold-time": 50})


def test_ps2(log):
    """A BIOS, the keyboard at the PS/2 controller, the clock chip; then a panic of the microkernel."""
    with machine("ps2", "bios", log=log) as one:
        wait_for_shell(one)
        ask(one, "echo $((6 * 7)) answer", "\n42 answer\n")
        ask(one, "cat /proc/fb", "\n0 simpledrm")
        ask(one, "hwclock -u -r && echo read", "\nread\n")
        ask(one, "grep -c -e i8042 -e rtc0 /proc/interrupts", "\n3\n")
        one.qmp.ask("human-monitor-command", **{"command-line": MACHINE_CHECK})
        seen = one.wait_for("machine check", screen_text.kernel_font())
        if "kernel panic: exception 18" not in seen or PROMPT in seen:
            raise Failed(f"around the panic there is: {seen}")


def test_usb(log):
    """UEFI, no PS/2 controller at all: the keyboard at the xHCI controller."""
    with machine("usb", "uefi", "-machine", "i8042=off", "-device", "qemu-xhci", "-device", "usb-kbd", log=log) as one:
        wait_for_shell(one)
        ask(one, "echo $((6 * 7)) answer", "\n42 answer\n")
        ask(one, "cat /proc/fb", "\n0 simpledrm")
        ask(one, "grep -c i8042 /proc/interrupts", "\n0\n")


def test_version(version):
    """--screen with --exec: the console is the screen, the answer comes by the second serial line."""

    def run(log):
        command = "cat /proc/fb /sys/class/tty/console/active; grep -c i8042 /proc/interrupts"
        output = in_linux(["usb", "--screen", "--linux", version, "--exec", command], log, timeout=SECONDS)
        if not re.fullmatch(r"0 simpledrm.*\ntty0\n2\n", output.text):
            raise Failed(f"output: {output.text!r}")

    return run


def suites():
    whole = {"screen/ps2": test_ps2, "screen/usb": test_usb}
    runs = {version: {f"screen/run-{version}": test_version(version)} for version in tested_versions()}
    return [
        Suite(list(whole), one_by_one(whole)),
        *(Suite(list(run), one_by_one(run), linuxes=(version,)) for version, run in runs.items()),
    ]
