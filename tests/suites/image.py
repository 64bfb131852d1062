# SPDX-License-Identifier: MIT
"""The ISO boots by BIOS and by UEFI, the log is on the serial line and on the screen; the debugger sees the kernel's objects."""
import subprocess
import sys

import disc as discs
import options as run_options
import system
from common import TOP
from suites import screen_text
from suites.screen import Screen
from suites.testing import FOLDER, Failed, Suite, one_by_one

SCENARIO = "hello"
EXPECTED = "Hello, world"
LAST = "[init] hello: stays away"
SECONDS = 300


def test_boot(kind):
    def run(log):
        options = run_options.parse([SCENARIO])
        system.build(options)
        disc = FOLDER / f"{kind}.iso"
        discs.make(options, disc)
        machine = Screen(f"image-{kind}", disc, kind, serial=f"file:{log}")
        try:
            seen = machine.wait_for(LAST, screen_text.kernel_font())
        finally:
            machine.close()
        if not seen.startswith("Purlin, ABI") or EXPECTED not in seen or screen_text.UNKNOWN in seen:
            raise Failed(f"on the screen there is: {seen}")
        if EXPECTED not in log.read_text(errors="replace"):
            raise Failed(f"on the serial line {EXPECTED!r} did not appear")

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
