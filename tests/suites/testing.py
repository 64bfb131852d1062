# SPDX-License-Identifier: MIT
"""What the test levels share: a suite yields results; a failing test leaves its log and the command that repeats it."""
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import options as run_options
import qemu_run
import system
from common import BUILD, TOP, shown

FOLDER = BUILD / "test"
# Compiling each takes a quarter of an hour of both processors on a slow machine: the oldest version, of which a run of all
# tests compiles the overlay, and the native one, in whose place it has Debian's kernel (debian_kernel.py).
ON_DEMAND = ("6.1", "native")
# The configuration `full`, if the run is early enough (lanes.py).
FULL = "full"
# Time limits are for machines that hang. Beside another test, on a slower processor, a machine takes many times as long as
# a scenario's own limit is made for.
PATIENCE = 5


class Failed(Exception):
    """A test saw something else than it should."""


@dataclass
class Result:
    name: str
    passed: bool
    seconds: float
    text: str = ""
    log: Path | None = None

    def line(self):
        if self.passed:
            return f"ok    {self.name} ({self.seconds:.1f} s)"
        parts = [f"FAIL  {self.name} ({self.seconds:.1f} s): {first_line(self.text)}"]
        if self.log:
            parts.append(f"log: {shown(self.log)}")
        parts.append(f"again: ./purlin test {self.name}")
        return "; ".join(parts)


@dataclass
class Suite:
    """
    Tests of one level. `run` gets the chosen names and yields a Result for each. Suites run at the same time, and what is
    in one of them shares no file, socket or build with another; nor do those in the same one if they are `apart`. It waits
    for the builds of Linux that it names (lanes.py), so that no test's time goes by while one is built. What needs a Linux
    of ON_DEMAND runs when a pattern or `--all` asks for it.
    """

    names: list
    run: object
    apart: bool = False
    linuxes: tuple = (system.SOURCE_VERSION,)

    @property
    def on_demand(self):
        return not set(ON_DEMAND).isdisjoint(self.linuxes)


def first_line(text):
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return lines[0][:200] if lines else "no reason given"


def log_file(name, ending="log"):
    FOLDER.mkdir(parents=True, exist_ok=True)
    return FOLDER / f"{name.replace('/', '-')}.{ending}"


def one_by_one(functions):
    """A suite's run for {name: function(log path)}: each raises Failed or returns."""

    def run(names):
        for name in names:
            yield measured(name, functions[name])

    return run


def measured(name, function):
    log = log_file(name)
    log.unlink(missing_ok=True)
    started = time.monotonic()
    try:
        function(log)
        text = ""
    except Failed as failure:
        text = str(failure) or "failed"
    except Exception as error:  # a broken test is a failing test, the others go on
        text = f"{type(error).__name__}: {error}"
    seconds = time.monotonic() - started
    if text:
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "a") as report:
            report.write(f"\n--- why this test failed ---\n{text}\n")
        return Result(name, False, seconds, text, log)
    return Result(name, True, seconds)


@dataclass
class Output:
    status: int
    data: bytes
    log: str

    @property
    def text(self):
        return self.data.decode(errors="replace")


def in_linux(words, log, timeout=180 * PATIENCE, started=None, heard=None, extra_files=None, kernel=None, packages=()):
    """
    `./purlin run WORDS` with --exec among the words; what came of it. `started` gets the machine and
    QEMU's process, `heard` what the command prints, as it comes. `kernel`: another one than the usual.
    `packages`: what a Debian has in addition.
    """
    options = run_options.parse(words)
    options.timeout = options.timeout or timeout
    options.extra_files = extra_files or {}
    options.packages = packages
    if kernel:
        options.kernel = kernel
    system.build(options)
    collected = bytearray()

    def sink(data):
        collected.extend(data)
        if heard:
            heard(data)

    with qemu_run.prepared(options) as one:
        one.log = log
        status = qemu_run.execute(one, sink, (lambda process: started(one, process)) if started else None)
    text = log.read_text(errors="replace") if log.exists() else ""
    return Output(status, bytes(collected), text)


def description(name, path, *changes):
    """The system description at `path` with changes in it, each (old text, new text); a file of its own."""
    text = path.read_text()
    for old, new in changes:
        if text.count(old) != 1:
            raise Failed(f"{old!r} is not in {path} once")
        text = text.replace(old, new)
    changed = FOLDER / f"{name}.dts"
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text(re.sub(r'"[./a-z]*include/', f'"{TOP}/scenarios/include/', text))
    return changed


def expect_equal(what, seen, wanted):
    if seen != wanted:
        raise Failed(f"{what}: {seen!r} where {wanted!r} was expected")


def keep_copy(path, name):
    """A file a failing test leaves for inspection."""
    shutil.copyfile(path, log_file(name, path.suffix.lstrip(".") or "data"))
