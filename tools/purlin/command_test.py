# SPDX-License-Identifier: MIT
"""./purlin test [-l] [--all | PATTERN]"""
import resource
import sys
import time

import initramfs
import packages
import system
from common import TOP, Refused, chosen, processors, say, tested_versions, tool

sys.path.append(str(TOP / "tests"))

from suites import lanes  # noqa: E402  (found by the line above)
from suites.levels import LEVELS  # noqa: E402
from suites.testing import FOLDER, ON_DEMAND  # noqa: E402

# Of the log of each test that failed.
SHOWN_LINES = 25


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


def run(pieces, hurry):
    """How many tests passed, and the results of those that failed."""
    started, before = time.monotonic(), used()
    passed, failed = 0, []
    for result in lanes.results(pieces, hurry):
        print(result.line(), flush=True)
        if result.passed:
            passed += 1
        else:
            failed.append(result)
    seconds = time.monotonic() - started
    say(f"{seconds:.0f} s, the processors busy for {(used() - before) / seconds / processors():.0%} of them")
    return passed, failed


def report(failed):
    """
    Once more, at the end, with what their logs end with: who reads the output of a run of hours has only its end, and who
    reads it on another machine has no logs.
    """
    for result in failed:
        print(f"\n{result.line()}")
        lines = result.log.read_text(errors="replace").splitlines() if result.log and result.log.exists() else []
        for line in lines[-SHOWN_LINES:]:
            print(f"    {line[:200]}")
    print(flush=True)
    say(f"logs of failing tests are in {FOLDER}")


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
    passed, failed = run(lanes.pieces(every, pattern), hurry=not (everything or pattern))
    if later:
        count = sum(len(suite.names) for suite in later)
        say(f"{count} tests that need a Linux compiled for them alone ({', '.join(ON_DEMAND)}) were left out: ./purlin test --all runs them, too")
    if failed:
        report(failed)
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0
