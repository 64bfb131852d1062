# SPDX-License-Identifier: MIT
"""./purlin test [-l] [PATTERN]"""
import sys

import initramfs
import linux
import packages
import system
from common import LINUX_VERSIONS, TOP, Refused, chosen, say

sys.path.append(str(TOP / "tests"))

from suites.levels import LEVELS  # noqa: E402  (found by the line above)
from suites.testing import FOLDER, Result  # noqa: E402


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
    needed = packages.RUN + packages.TEST + packages.IMAGE + packages.BOCHS + packages.linux_sources(LINUX_VERSIONS)
    packages.need("run the tests", needed)
    for version in LINUX_VERSIONS:
        linux.unpack(version)
    system.make_all()
    initramfs.build()


def complete(suite, selected):
    """The suite's results; what it could not even start counts as failed."""
    left = list(selected)
    try:
        for result in suite.run(selected):
            left.remove(result.name)
            yield result
    except Refused as refusal:
        for name in left:
            yield Result(name, False, 0, str(refusal))


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
    passed = failed = 0
    for suite in every:
        selected = chosen(suite.names, pattern)
        if not selected:
            continue
        for result in complete(suite, selected):
            print(result.line(), flush=True)
            passed += result.passed
            failed += not result.passed
    if failed:
        say(f"logs of failing tests are in {FOLDER}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
