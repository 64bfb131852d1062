# SPDX-License-Identifier: MIT
"""./purlin test [-l] [--all | PATTERN]"""
import resource
import sys
import time
from collections import Counter

import initramfs
import packages
import system
from common import TOP, Refused, chosen, processors, say, tested_versions, tool

sys.path.append(str(TOP / "tests"))

from suites import lanes  # noqa: E402  (found by the line above)
from suites.levels import LEVELS  # noqa: E402
from suites.testing import FOLDER, ON_DEMAND  # noqa: E402


def read(arguments):
    listing = everything = False
    pattern = ""
    for word in arguments:
        if word in ("-l", "--list"):
            listing = True
        elif word == "--all":
            everything = True
        elif word.startswith("-"):
            raise Refused(f"{word}: test has the options -l (list) and --all")
        elif pattern:
            raise Refused(f"{word}: one pattern at a time")
        else:
            pattern = word
    if everything and pattern:
        raise Refused(f"{pattern}: a pattern and --all at once")
    return listing, everything, pattern


def prepare():
    needed = packages.RUN + packages.TEST + packages.IMAGE + packages.BOCHS + packages.linux_sources(tested_versions())
    packages.need("run the tests", needed)
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
    listing, everything, pattern = read(arguments)
    every = [suite for level in LEVELS for suite in level.suites()]
    # Whoever names tests means them, and whoever only lists them sees all there are.
    later = [suite for suite in every if suite.on_demand and not (everything or pattern or listing)]
    every = [suite for suite in every if suite not in later]
    names = [name for suite in every for name in chosen(suite.names, pattern)]
    if listing:
        print("\n".join(names))
        return 0
    if not names:
        raise Refused(f"{pattern}: no test has such a name; ./purlin test -l lists them")
    prepare()
    passed, failed = run(lanes.pieces(every, pattern))
    if later:
        count = sum(len(suite.names) for suite in later)
        say(f"{count} tests that need a Linux compiled for them alone ({', '.join(ON_DEMAND)}) were left out: ./purlin test --all runs them, too")
    if failed:
        say(f"logs of failing tests are in {FOLDER}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
