# SPDX-License-Identifier: MIT
"""One run of QEMU: prepare what it boots, start QEMU, carry output, end it."""
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import debian_root
import initramfs
import kvm
import machine
import stick
import system
from common import BUILD, Refused, bound, say, shown
from watcher import Watcher

TIMED_OUT = 124
NO_STATUS = 125
# The command is done and the disks are quiet: how long power-off may take.
POWER_OFF_SECONDS = 30


class Run:
    """Everything one run of QEMU needs, in a folder that lives as long as it does."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = Path(folder)
        self.tag = secrets.token_hex(16)
        self.log = options.log or self.folder / "serial.log"
        self.devices = []
        self.boot = None
        self.display = ["-display", "none"]
        self.watcher = None

    def prepare(self):
        options = self.options
        sticks = list(options.sticks)
        self.devices = []
        if system.has_usb(options):
            if not sticks and not options.debian and not machine.names_usb_disk(system.qemu_arguments(options) + options.qemu):
                sticks = [self.folder / "stick.img"]
                shutil.copyfile(stick.sample(), sticks[0])
            self.devices = machine.usb(options, sticks)
        if options.debian:
            self.devices += debian_root.devices(options, system.linux_folder(options), system.rooted(options))
        self.boot = system.boot(options, self.initrd(), self.folder)
        if options.screen:
            self.display, place = machine.screen(self.options, self.folder / "screen")
            say(place)

    def initrd(self):
        """Our archive and the segment that tells /init about this run, or the person's own."""
        if self.options.initrd:
            return self.options.initrd
        files = dict(self.options.extra_files)
        if system.has_control(self.options):
            files |= initramfs.control_files()
        if self.options.exec is not None:
            files["purlin/exec"] = os.fsencode(self.options.exec)
            files["purlin/tag"] = self.tag.encode()
        if self.options.debian:
            files["purlin/modules"] = b""
        archive = initramfs.build().read_bytes()
        whole = archive + bytes(-len(archive) % 512) + initramfs.segment(files)
        path = self.folder / "initrd"
        path.write_bytes(whole)
        return path

    def command(self, consoles):
        devices = self.devices + system.qemu_arguments(self.options)
        return machine.command(self.options, self.boot, consoles, devices, kvm.usable(self.options), self.display)


@contextmanager
def prepared(options):
    """A run ready to start, its folder removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        one = Run(options, folder)
        one.prepare()
        yield one


def keep_log(one):
    """The serial log outlives the machine's folder: build/last.log unless --log named a place."""
    if not one.options.log and one.log.exists():
        BUILD.mkdir(exist_ok=True)
        shutil.copyfile(one.log, BUILD / "last.log")
        return BUILD / "last.log"
    return one.log


# Flags of a UNIX socket in /proc/net/unix: it takes connections (include/linux/net.h, __SO_ACCEPTCON).
LISTENS = "00010000"


def listens(path):
    """Between bind() and listen() the file is there, and nobody can connect."""
    lines = [line.split(maxsplit=7) for line in Path("/proc/net/unix").read_text(errors="replace").splitlines()]
    return any(words[7:] == [str(path)] and words[3] == LISTENS for words in lines)


def wait_for_socket(path, process):
    """Until QEMU listens there: it makes the socket before it starts the machine."""
    while not listens(path):
        if process.poll() is not None:
            raise Refused(f"QEMU ended with status {process.returncode}", 1)
        time.sleep(0.02)


def stop(process):
    """QEMU closes its images on SIGTERM; it is killed only if it does not listen."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def terminal_kept():
    """Gives the terminal back as it was, however QEMU ended."""
    settings = termios.tcgetattr(0) if sys.stdin.isatty() else None
    try:
        yield
    finally:
        if settings:
            termios.tcsetattr(0, termios.TCSADRAIN, settings)


def interact(one):
    """The console on this terminal until the machine ends; QEMU's status, or 124."""
    say("booting; Ctrl-A X leaves, Ctrl-A C reaches QEMU's monitor")
    with terminal_kept():
        # Ctrl-C belongs to the machine: QEMU takes it as a character.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN) if sys.stdin.isatty() else None
        process = subprocess.Popen(bound(one.command(machine.interactive(one.log))))  # shares the terminal
        try:
            return process.wait(one.options.timeout)
        except subprocess.TimeoutExpired:
            say(f"time is up after {one.options.timeout:g} s")
            return TIMED_OUT
        finally:
            if process.poll() is None:
                stop(process)
            if before is not None:
                signal.signal(signal.SIGINT, before)


def show(one):
    """Who uses the machine sits at its screen: until it ends, or Ctrl-C."""
    say("booting; Ctrl-C ends the machine")
    process = subprocess.Popen(bound(one.command(machine.silent(one.log))), stdin=subprocess.DEVNULL)
    try:
        return process.wait(one.options.timeout)
    except subprocess.TimeoutExpired:
        say(f"time is up after {one.options.timeout:g} s")
        return TIMED_OUT
    except KeyboardInterrupt:
        return 0
    finally:
        if process.poll() is None:
            stop(process)


@contextmanager
def qemu(command):
    """QEMU with its output on a pipe, ended afterwards; its complaints go to stderr."""
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(bound(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    stop(process)
        said.seek(0)
        for line in said.read().decode(errors="replace").splitlines():
            if "terminating on signal" not in line:  # that was us
                print(line, file=sys.stderr, flush=True)


class Channel:
    """Passes the command's output on and finds the trailer with its status."""

    def __init__(self, tag, sink):
        # The mark begins with a byte that rarely ends an output: what may be its beginning is held back.
        self.mark = b"\0" + tag.encode() + b" "
        self.trailer = re.compile(re.escape(self.mark) + rb"(\d{1,3})\n")
        self.sink = sink
        self.held = b""
        self.status = None

    def feed(self, data):
        """Take what arrived; True once the status is known."""
        self.held += data
        found = self.trailer.search(self.held)
        if found:
            self.sink(self.held[: found.start()])
            self.status = int(found[1])
            self.held = b""
        else:
            keep = self.begun()
            self.sink(self.held[: len(self.held) - keep])
            self.held = self.held[len(self.held) - keep :]
        return self.status is not None

    def begun(self):
        """
        How many bytes at the end may be the beginning of a trailer. What only looks like one (Linux died while
        it wrote it, and was started again) is output.
        """
        longest = len(self.mark) + len(b"255\n")
        for count in range(min(longest, len(self.held)), 0, -1):
            end = self.held[-count:]
            if self.mark.startswith(end) or (end.startswith(self.mark) and end[len(self.mark) :].isdigit()):
                return count
        return 0

    def end(self):
        """No more will come: what was held back was the command's after all."""
        if self.status is None:
            self.sink(self.held)
            self.held = b""


def execute(one, sink, started=None):
    """Run --exec's command; its status, 124 at the time limit, 125 if Linux ended without one."""
    command = one.command(machine.captured(one.log))
    channel = Channel(one.tag, sink)
    timed_out = threading.Event()
    with qemu(command) as process:

        def time_is_up():
            timed_out.set()
            stop(process)

        component = system.target_name(one.options)
        watcher = Watcher(one.log, component, lambda: process.poll() is not None, lambda: stop(process))
        one.watcher = watcher
        limit = threading.Timer(one.options.timeout, time_is_up) if one.options.timeout else None
        if limit:
            limit.start()
        try:
            if started:
                started(process)
            while data := os.read(process.stdout.fileno(), 1 << 16):
                if channel.feed(data):
                    break
            wait_for_end(process, channel)
        finally:
            if limit:
                limit.cancel()
            watcher.cancel()
    channel.end()
    if channel.status is not None:
        return channel.status
    if timed_out.is_set():
        say(f"time is up after {one.options.timeout:g} s")
        return TIMED_OUT
    say_why(one, process.returncode)
    return NO_STATUS


def observe(one, wanted, seconds, started=None, in_order=True, heard=None):
    """
    Run until the texts in `wanted` have appeared on the console; those that did not. `started`
    gets QEMU's process first, `heard` what the console says. Not `in_order`: for what two components
    say, each in its own time.
    """
    missing = [text.encode() for text in wanted]
    seen = bytearray()
    command = one.command(machine.observed(one.log))
    with qemu(command) as process:
        limit = threading.Timer(seconds, stop, [process])
        limit.start()
        try:
            if started:
                started(process)
            while missing and (data := os.read(process.stdout.fileno(), 1 << 16)):
                seen += data
                if heard:
                    heard(data)
                if not in_order:
                    missing = [text for text in missing if text not in seen]
                while in_order and missing and (at := seen.find(missing[0])) >= 0:
                    del seen[: at + len(missing.pop(0))]
        finally:
            limit.cancel()
    return [text.decode() for text in missing]


def wait_for_end(process, channel):
    """After the trailer, power-off; without one QEMU is ending already."""
    try:
        process.wait(POWER_OFF_SECONDS)
    except subprocess.TimeoutExpired:
        if channel.status is not None:
            say(f"the machine did not power off within {POWER_OFF_SECONDS} s")


def last_words(lines):
    """The last lines, and all since a panic if that is not long ago."""
    recent = lines[-80:]
    panics = [number for number, line in enumerate(recent) if "panic" in line]
    return recent[min(panics[-1:] + [max(len(recent) - 15, 0)]) :]


def say_why(one, status):
    log = keep_log(one)
    lines = last_words(log.read_text(errors="replace").splitlines()) if log.exists() else []
    say(f"the machine ended before the command did (QEMU's status {status}); the end of {shown(log)}:")
    for line in lines:
        print("  " + line.rstrip(), file=sys.stderr)


def sink_to(stream):
    def sink(data):
        stream.write(data)
        stream.flush()

    return sink


def run(options):
    """All of ./purlin run once the options are checked and everything is built."""
    with prepared(options) as one:
        if options.exec is None:
            status = show(one) if options.screen else interact(one)
        else:
            status = execute(one, sink_to(sys.stdout.buffer))
        keep_log(one)
        return status
