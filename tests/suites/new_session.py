# SPDX-License-Identifier: MIT
"""
A new kind of session is a header, a server, a client and one line in the table of services
(tests/components/meter): from the description to a guest that uses it, with all else as it is.
"""
import options as run_options
import qemu_run
import scenario
import system
from common import BUILD, TOP, Refused
from suites.testing import Failed, Suite, one_by_one

DESCRIPTION = TOP / "tests/components/meter/meter.dts"
CHECKER = BUILD / "host/check-system-meter"
EXPECT = ["guest/power: reading 100", "guest/power: paid", "guest/water: reading 101", "guest/water: paid"]
SECONDS = 300


def parsed():
    options = run_options.parse([str(DESCRIPTION)])
    options.initrd = DESCRIPTION  # none is wanted: so none is made
    return options


def checked(options, checker):
    known, scenario.CHECKER = scenario.CHECKER, checker
    try:
        system.check(options)
    finally:
        scenario.CHECKER = known


def test_line(log):
    """With the line."""
    options = parsed()
    system.make_all()
    checked(options, CHECKER)
    options.variants = {"init": "init-meter"}
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, EXPECT, SECONDS)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")


def test_no_line(log):
    """Without it the description is wrong: nothing else in the tree knows the session."""
    system.make_all()
    try:
        checked(parsed(), scenario.CHECKER)
    except Refused as refusal:
        log.write_text(str(refusal))
        if "meters" not in str(refusal):
            raise Failed(f"refused, but not for the session's property: {refusal}") from None
        return
    raise Failed("the description was accepted without the line")


def suites():
    functions = {"new-session/with-the-line": test_line, "new-session/without-it": test_no_line}
    return [Suite(list(functions), one_by_one(functions))]
