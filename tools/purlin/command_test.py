# SPDX-License-Identifier: MIT
"""./purlin test [-l] [PATTERN]"""
import resource
import sys
import time
from collections import Counter

import initramfs
import linux
import packages
import system
from common import TOP, Refused, chosen, processors, say, tested_versions, tool

sys.path.append(str(TOP / "tests"))

from suites import lanes  # noqa: E402  (found by the line above)
from suites.levels import LEVELS  # noqa: E402
from suites.testing import FOLDER  # noqa: E402


def read(arguments):
    listing = False
    pattern = ""
    for word in arguments:
        if word in ("-l", "--list"):
            listing = True
        elif word.startswith("-"):
            raise Refused(f"{word}: test has only the option -l (list)")
        elif pattern:
            raise Refused(f"{word}: one pattern at a time")
        else:
            pattern = word
    return listing, pattern


def prepare():
    needed = packages.RUN + packages.TEST + packages.IMAGE + packages.BOCHS + packages.linux_sources(tested_versions())
    packages.need("run the tests", needed)
    for version in tested_versions():
        linux.unpack(version)
    # All of it before suites run at the same time: what they make again is up to date.
    system.make_all()
    tool("make", "-s", f"-j{processors()}", "-C", TOP, "linux-tests")
    initramfs.build()


def used():
    """Seconds that programs we started have kept processors busy."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(pieces):
    """Numbers of tests passed and failed."""
    started, before = time.monotonic(), used()
    counts = Counter()
    for result in lanes.results(pieces):
        print(result.line(), flush=True)
        counts[result.passed] += 1
    seconds = time.monotonic() - started
    say(f"{seconds:.0f} s, the processors busy for {(used() - before) / seconds / processors():.0%} of them")
    return counts[True], counts[False]


def main(arguments):
    listing, pattern = read(arguments)
    every = [suite for level in LEVELS for suite in level.suites()]
    names = [name for suite in every for name in chosen(suite.names, pattern)]
    if listing:
        print("\n".join(names))
        return 0
    if not names:
        raise Refused(f"{pattern}: no test has such a name; ./purlin test -l lists them")
    prepare()
    passed, failed = run(lanes.pieces(every, pattern))
    if failed:
        say(f"logs of failing tests are in {FOLDER}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
