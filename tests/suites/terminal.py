# SPDX-License-Identifier: MIT
"""A person at the terminal: the shell, job control, leaving; driven through a pseudo-terminal."""
import os
import pty
import select
import signal
import sys
import time
from functools import partial

import command_run
import options as run_options
import system
from common import TOP
from suites.testing import Failed, Suite, one_by_one

PROMPT = b"purlin:/root#"
SECONDS = 900


class Person:
    """Types into `./purlin run SCENARIO` and reads what appears."""

    def __init__(self, scenario, log):
        self.report = open(log, "wb")
        self.seen = b""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.execv(sys.executable, [sys.executable, "-B", str(TOP / "tools/purlin"), "run", scenario])

    def read(self, limit):
        """Some output without its carriage returns; nothing at `limit`, or when the terminal is closed."""
        while select.select([self.terminal], [], [], max(0, limit - time.monotonic()))[0]:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:  # the other side is closed
                return b""
            self.report.write(data)
            if text := data.replace(b"\r", b""):
                return text
        return b""

    def wait_for(self, text):
        limit = time.monotonic() + SECONDS
        while text not in self.seen:
            data = self.read(limit)
            if not data:
                raise Failed(f"{text.decode()!r} did not appear")
            self.seen += data
        self.seen = self.seen.split(text, 1)[1]

    def type(self, text):
        os.write(self.terminal, text)

    def ended(self):
        """The exit status, when it has ended by itself."""
        limit = time.monotonic() + SECONDS
        while self.read(limit):
            pass
        while time.monotonic() < limit:
            child, status = os.waitpid(self.child, os.WNOHANG)
            if child:
                self.child = None
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        raise Failed("did not end")

    def close(self):
        self.report.close()
        if self.child:
            os.kill(self.child, signal.SIGTERM)
            os.waitpid(self.child, 0)
        os.close(self.terminal)


def with_person(talk):
    def run(scenario, log):
        # What takes long is done before the person begins to wait.
        command_run.prepare(run_options.parse([scenario]))
        person = Person(scenario, log)
        try:
            talk(person)
        finally:
            person.close()

    return run


def test_shell(person):
    person.wait_for(b"Ctrl-A X leaves")
    person.wait_for(b"at /mnt/sda1")
    person.wait_for(PROMPT)
    person.type(b"echo $((6 * 7)) answer; cat /mnt/sda1/hello.txt\n")
    person.wait_for(b"42 answer")
    person.wait_for(b"unprivileged Linux")
    person.wait_for(PROMPT)
    person.type(b"exit\n")
    status = person.ended()
    if status:
        raise Failed(f"exit status {status} after `exit`")


def start_sleeper(person):
    """Returns when it runs: what is typed before that belongs to the shell's line editor."""
    person.type(b"sh -c \"echo run''ning; exec sleep 1000\"\n")
    person.wait_for(b"running")


def test_job_control(person):
    person.wait_for(PROMPT)
    person.type(b"dmesg -n 1\n")
    person.wait_for(PROMPT)
    start_sleeper(person)
    person.type(b"\x03")
    person.wait_for(PROMPT)
    start_sleeper(person)
    person.type(b"\x1a")
    person.wait_for(b"Stopped")
    person.wait_for(PROMPT)
    person.type(b"kill %1; wait; echo no  jobs | tr -s ' '\n")
    person.wait_for(b"no jobs")
    person.type(b"\x01x")
    person.ended()


def test_line_editing(person):
    """Characters are neither lost nor doubled, also when a line is long and comes at once."""
    person.wait_for(PROMPT)
    person.type(b"dmesg -n 1\n")  # the kernel's messages would come in between
    person.wait_for(PROMPT)
    person.type(b"echo wrong\x7f\x7f\x7f\x7f\x7fright | tr a-z A-Z\n")
    person.wait_for(b"RIGHT")
    person.wait_for(PROMPT)
    long = b"0123456789" * 40
    person.type(b"sh -c \"echo read''ing; exec cat > /tmp/typed\"\n")
    person.wait_for(b"reading")
    for _ in range(20):
        person.type(long + b"\n")
        person.wait_for(long)
    person.type(b"\x04")
    person.wait_for(PROMPT)
    person.type(b"wc -c < /tmp/typed; sort -u /tmp/typed | wc -l\n")
    person.wait_for(b"8020\n1\n")
    person.type(b"\x01x")
    person.ended()


TALKS = {"shell": test_shell, "job-control": test_job_control, "line-editing": test_line_editing}


def suites():
    def on(scenario, kind):
        functions = {f"terminal/{scenario}-{name}": partial(with_person(talk), scenario) for name, talk in TALKS.items()}
        return Suite(list(functions), one_by_one(functions), linuxes=(kind,))

    return [on("usb", system.SOURCE_VERSION), on("native", "native")]
