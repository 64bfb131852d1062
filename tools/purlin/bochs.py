# SPDX-License-Identifier: MIT
"""Bochs in place of QEMU: an interpreter that checks what TCG does not, and has PCID, x2APIC and TSC deadline."""
import os
import pty
import re
import selectors
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import disc as discs
import scenario
from common import BUILD, Refused, bound, say

BOCHS = "bochs"
MODEL = "corei7_skylake_x"  # PCID, INVPCID, x2APIC, TSC deadline, AVX-512
MAX_PROCESSORS = 8
# Instructions for each second of the machine's time: devices are clocked by it, so the run is the same each time.
RATE = 20_000_000

# No sound, no network, no display, no graphics modes: the text screen goes to a terminal nobody looks at. The debugger that
# Debian builds in takes its commands there, too.
CONFIGURATION = """\
cpu: model={model}, count={count}, ips={rate}, reset_on_triple_fault=0, ignore_bad_msrs=0
memory: guest={memory}, host={memory}
romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
plugin_ctrl: unmapped=0, speaker=0
sound: driver=dummy
vga: extension=none
display_library: term
config_interface: textconfig
clock: sync=none, time0=1000000000
ata0-master: type=cdrom, path="{disc}", status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=/dev/fd/{serial}
log: /dev/fd/{log}
panic: action=fatal
error: action=report
info: action=report
debug: action=ignore
"""
PROMPT = re.compile(rb"<bochs:\d+>")
RESET = b"bx_pc_system_c::Reset(HARDWARE) called"
PANIC = re.compile(rb"\d+p\[(.*?)\] >>PANIC<< (.*)\n")
HALTED_OR_STARTED = re.compile(rb"\[CPU(\d+) *\] WARNING: HLT instruction with IF=0|\] CPU (\d+) started up at")
ERROR = re.compile(rb"\d+e(\[.*)\n")
KERNEL_PANIC = b"kernel panic: "

ENDED, TIMED_OUT, PANICKED, SATISFIED = "ended", "time is up", "panic", "all texts appeared"


@dataclass
class Machine:
    """What one Bochs is made of."""

    disc: Path
    model: str = MODEL
    smp: int = 2
    mem: int = 512 << 20
    # function(what the debugger wrote since its last prompt) -> its next command.
    debugger: object = lambda text: "c"


@dataclass
class Run:
    """What came of it."""

    why: str
    text: str = ""
    bochs_log: bytes = b""
    missing: list = field(default_factory=list)


class Running:
    """One Bochs process: its serial line, its log and its terminal, read as they come."""

    def __init__(self, machine, folder):
        self.machine = machine
        self.serial, self.log, self.screen = bytearray(), bytearray(), bytearray()
        self.selector = selectors.DefaultSelector()
        self.terminal, terminal = pty.openpty()
        serial, serial_end = os.pipe()
        log, log_end = os.pipe()
        file = Path(folder) / "bochsrc"
        file.write_text(
            CONFIGURATION.format(
                model=machine.model, count=machine.smp, rate=RATE, memory=machine.mem >> 20, disc=machine.disc,
                serial=serial_end, log=log_end,
            )
        )  # fmt: skip
        try:
            self.process = subprocess.Popen(
                bound([BOCHS, "-q", "-f", file], "KILL"), stdin=terminal, stdout=terminal, stderr=terminal,
                pass_fds=[serial_end, log_end], start_new_session=True, env={**os.environ, "TERM": "vt100"},
            )  # fmt: skip
        finally:
            for end in (terminal, serial_end, log_end):
                os.close(end)
        self.buffers = {serial: self.serial, log: self.log, self.terminal: self.screen}
        for descriptor in self.buffers:
            self.selector.register(descriptor, selectors.EVENT_READ)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()  # it holds nothing that would be lost
        self.process.wait()
        self.selector.close()
        for descriptor in self.buffers:
            os.close(descriptor)

    def read(self, seconds):
        """Wait for output; what came by descriptor, or nothing once all of it has ended."""
        came = {}
        for key, _ in self.selector.select(seconds):
            try:
                data = os.read(key.fd, 1 << 16)
            except OSError:  # how a terminal ends
                data = b""
            if data:
                self.buffers[key.fd] += data
            else:
                self.selector.unregister(key.fd)
            came[key.fd] = data
        return came

    def drain(self):
        """What has already come, of all three."""
        while any(self.read(0).values()):
            pass

    @property
    def over(self):
        return not self.selector.get_map()

    def answer_prompt(self):
        """The debugger's prompt: whoever made the machine says what next."""
        prompt = PROMPT.search(self.screen)
        if prompt:
            said = bytes(self.screen[: prompt.start()]).decode(errors="replace")
            del self.screen[: prompt.end()]
            os.write(self.terminal, (self.machine.debugger(said) + "\n").encode())

    @property
    def reset(self):
        """Reset once when Bochs starts; again is how the machine ends: no ACPI power-off without a driver."""
        return self.log.count(RESET) > 1


def missing_of(text, wanted):
    """Those of the wanted texts that did not appear in this order."""
    place = 0
    for number, one in enumerate(wanted):
        found = text.find(one, place)
        if found < 0:
            return list(wanted[number:])
        place = found + len(one)
    return []


def panicked(running):
    """Every processor halts for good when the kernel's report is complete; Bochs itself stops at a triple fault."""
    halted = set()
    for match in HALTED_OR_STARTED.finditer(running.log):
        if match[1]:
            halted.add(match[1])
        else:
            halted.discard(match[2])  # the BIOS had parked it
    return len(halted) == running.machine.smp or bool(PANIC.search(running.log))


def why_over(running, wanted, deadline):
    if panicked(running):
        return PANICKED
    if running.reset or running.over:
        return ENDED
    if wanted and not missing_of(running.serial, wanted):
        return SATISFIED
    return TIMED_OUT if deadline and time.monotonic() > deadline else None


def run(machine, folder, wanted=(), seconds=None, sink=None):
    """
    Until the machine resets or panics, all wanted texts have appeared on the serial line in
    order, or time is up. `sink` gets the serial line as it comes.
    """
    running = Running(machine, folder)
    wanted = [text.encode() for text in wanted]
    deadline = time.monotonic() + seconds if seconds else None
    shown = 0
    try:
        while not (why := why_over(running, wanted, deadline)):
            running.read(1)
            running.answer_prompt()
            if sink:
                sink(bytes(running.serial[shown:]))
                shown = len(running.serial)
        running.drain()
    finally:
        running.close()
    if sink:
        sink(bytes(running.serial[shown:]))
    return Run(why, running.serial.decode(errors="replace"), bytes(running.log), [
        text.decode() for text in missing_of(running.serial, wanted)
    ])  # fmt: skip


def check(options):
    """Refuse what is QEMU's alone."""
    if "--qemu" in options.given:
        raise Refused("--qemu: is another QEMU, not Bochs")
    if options.native or options.exec is not None or options.sticks or options.disks or options.qemu or options.icount:
        raise Refused("--emulator bochs: takes --linux, --mem, --smp, --initrd, --append, --timeout and --log only")
    if options.debian:
        raise Refused("--emulator bochs: a Debian lies on a disk of QEMU's")
    if options.smp > MAX_PROCESSORS:
        raise Refused(f"--smp {options.smp}: Bochs has at most {MAX_PROCESSORS} processors")
    if "-device" in scenario.load(options.scenario).qemu:
        raise Refused(f"--emulator bochs: scenario {options.scenario} needs devices that only QEMU has")


def panic_text(result):
    """What panicked, for a person."""
    at = result.text.find(KERNEL_PANIC.decode())
    if at >= 0:
        return result.text[at:].splitlines()[0]
    found = PANIC.search(result.bochs_log)
    if found:
        return f"Bochs: {found[1].decode()}: {found[2].decode()}"
    errors = ERROR.findall(result.bochs_log)
    return f"all processors halted for good; Bochs: {errors[-1].decode() if errors else 'nothing'}"


def run_options(options):
    """./purlin run --emulator bochs, once everything is built; Ctrl-C leaves."""
    say("booting in Bochs; Ctrl-C leaves")
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder, ExitStack() as files:
        disc = Path(folder) / "disc.iso"
        discs.make(options, disc, wait=0)
        log = files.enter_context(open(options.log or BUILD / "last.log", "wb"))

        def sink(data):
            log.write(data)
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

        result = run(Machine(disc, smp=options.smp, mem=options.mem), folder, seconds=options.timeout, sink=sink)
    if result.why == PANICKED:
        say(panic_text(result))
    elif result.why == TIMED_OUT:
        say(f"time is up after {options.timeout:g} s")
    return {ENDED: 0, TIMED_OUT: 124}.get(result.why, 1)
