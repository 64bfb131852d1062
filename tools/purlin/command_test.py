# SPDX-License-Identifier: MIT
"""./purlin test [-l] [PATTERN]"""
import initramfs
import linux
import packages
import suite_bench
import suite_bochs
import suite_broken
import suite_endings
import suite_exits
import suite_front_door
import suite_debug_kernel
import suite_fuzz
import suite_host
import suite_image
import suite_linux
import suite_memory
import suite_overlay
import suite_processors
import suite_proofs
import suite_rom
import suite_scenarios
import suite_terminal
import suite_two
import suite_usb
import system
from common import LINUX_VERSIONS, Refused, say
from testing import FOLDER, Result, chosen

LEVELS = (
    suite_host, suite_fuzz, suite_proofs, suite_bench, suite_front_door, suite_endings, suite_broken, suite_overlay, suite_processors, suite_exits, suite_scenarios,
    suite_memory, suite_debug_kernel, suite_bochs, suite_image, suite_terminal, suite_linux, suite_usb, suite_rom, suite_two,
)  # fmt: skip


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
    needed = packages.RUN + packages.TEST + packages.IMAGE + packages.BOCHS + [packages.linux_source(v) for v in LINUX_VERSIONS]
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
    suites = [suite for level in LEVELS for suite in level.suites()]
    names = [name for suite in suites for name in chosen(suite.names, pattern)]
    if listing:
        print("\n".join(names))
        return 0
    if not names:
        raise Refused(f"{pattern}: no test has such a name; ./purlin test -l lists them")
    prepare()
    passed = failed = 0
    for suite in suites:
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
