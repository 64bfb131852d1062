# SPDX-License-Identifier: MIT
"""Unit tests that run on this machine under ASan and UBSan: programs of the Makefile's TESTS; exit status counts."""
import re
import subprocess
from pathlib import Path

from common import BUILD, TOP, bound, processors
from suites.testing import Failed, Suite, one_by_one

SECONDS = 900


def programs():
    listed = subprocess.run(
        ["make", "-s", "--no-print-directory", "-C", str(TOP), "list-host-tests"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    return [TOP / word for word in listed.stdout.split()]


def test(program):
    target = program.relative_to(TOP)

    def run(log):
        with open(log, "w") as report:
            made = subprocess.run(
                bound(["make", "-s", f"-j{processors()}", "-C", TOP, target]),
                stdin=subprocess.DEVNULL, stdout=report, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            if made.returncode:
                raise Failed(f"make {target} failed: {reason(log)}")
            try:
                done = subprocess.run(
                    bound([program]), stdin=subprocess.DEVNULL, stdout=report, stderr=subprocess.STDOUT,
                    cwd=TOP, timeout=SECONDS, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired as error:
                raise Failed(f"not done after {SECONDS} s") from error
        if done.returncode:
            raise Failed(f"exit status {done.returncode}: {reason(log)}")

    return run


def reason(log):
    """The most telling line of a compiler's or sanitizer's report."""
    lines = Path(log).read_text(errors="replace").splitlines()
    telling = [line for line in lines if re.search(r"error|ERROR|FAIL|assert|not so", line)]
    return (telling or lines or [""])[0]


def suites():
    functions = {f"host/{program.relative_to(BUILD / 'host')}": test(program) for program in programs()}
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
