# SPDX-License-Identifier: MIT
"""
The fuzz targets: half a minute of each, from its corpus on; and each deliberate fault is found by the target it names.
A fault that is not found says that the target has gone blind.
"""
import shutil
import threading
from functools import partial

import fuzz
import packages
from common import Refused, shown
from suites.testing import Failed, Suite, side_by_side

SECONDS = 30
SECONDS_FOR_A_FAULT = 60
# The same inputs each time: what a test finds today it finds tomorrow.
REPEATABLE = ["-seed=1"]
# Tests run side by side, builds one after the other: each takes all processors.
BUILDING = threading.Lock()


def built(target, fault=None):
    try:
        with BUILDING:
            return fuzz.build(target, fault)
    except Refused as refusal:
        raise Failed(str(refusal)) from refusal


def fresh_search(target, program, seconds, name):
    """From the stored corpus only: what other runs have collected must not decide a test."""
    shutil.rmtree(fuzz.OUTPUT / "corpus" / name, ignore_errors=True)
    return fuzz.search(target, program, seconds, name, options=REPEATABLE)


def test_target(target, log):
    if not any(target.corpus.glob("*")):
        raise Failed(f"{shown(target.corpus)}: no corpus")
    done = fresh_search(target, built(target), SECONDS, f"test-{target.name}")
    log.write_text(done.text)
    if done.found:
        raise Failed(f"{done.reason}; the input: {fuzz.again(target, done.found)}")
    if done.status:
        raise Failed(f"ended with status {done.status}")


def test_fault(target, fault, log):
    """Found, and by what the fault does: the same input breaks nothing without it."""
    done = fresh_search(target, built(target, fault), SECONDS_FOR_A_FAULT, f"test-{target.name}-{fault.name}")
    log.write_text(done.text)
    if not done.found:
        raise Failed(f"not found in {SECONDS_FOR_A_FAULT} s (status {done.status}): {fault.sentence}")
    right = fuzz.run(built(target), target.options, [done.found], fuzz.OUTPUT / "found" / target.name)
    if right.status:
        raise Failed(f"breaks without the fault, too: {fuzz.again(target, done.found)}")


def suites():
    targets, faults = fuzz.targets(), fuzz.faults()
    functions = {f"fuzz/{name}": partial(test_target, target) for name, target in targets.items()}
    for name, fault in faults.items():
        functions[f"fuzz/fault/{name}"] = partial(found_by, targets, fault)
    return [Suite(list(functions), side_by_side(functions), packages.FUZZ)]


def found_by(targets, fault, log):
    if fault.target not in targets:
        raise Failed(f"{shown(fault.patch)}: there is no target {fault.target}")
    test_fault(targets[fault.target], fault, log)
