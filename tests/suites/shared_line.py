# SPDX-License-Identifier: MIT
"""The scenario `shared-line` with a platform component that lets the line wait for each owner: the test must see it."""
import options as run_options
import qemu_run
import system
from suites.testing import Failed, Suite, one_by_one

SECONDS = 300
PLATFORM = "platform-waits"  # tests/components/shared-line/module.mk


def test_waits(log):
    """An owner that never acks keeps the line from the other."""
    options = run_options.parse(["shared-line"])
    system.build(options)
    options.variants = {"platform": PLATFORM}
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, ["does not ack", "FAILED while the other never acks"], SECONDS)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")


def suites():
    functions = {"shared-line/finds-a-line-that-waits": test_waits}
    return [Suite(list(functions), one_by_one(functions))]
