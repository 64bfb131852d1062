# SPDX-License-Identifier: MIT
"""
Suites at the same time. Two lanes for two processors left these idle for two fifths of a run, since many tests wait: for a
time limit, a screen, a machine that stands still. So there are half as many lanes again as processors. The first of them
builds every Linux before it takes tests; the others begin with what needs none.
"""
import queue
import threading
import time

import linux
from common import LINUX_VERSIONS, Refused, chosen, processors, say
from suites.testing import FULL, Result

# Seconds from the beginning of a run of all tests, after which the configuration `full` is not begun: it is as much work as
# two others, and a run has to end in time on slow machines, too.
FULL_WITHIN = 1900


def pieces(every, pattern):
    """What a lane takes at a time: a suite and names of its tests."""
    for suite in every:
        selected = chosen(suite.names, pattern)
        if suite.apart:
            yield from ((suite, [name]) for name in selected)
        elif selected:
            yield suite, selected


def complete(suite, selected):
    """The results of all selected; what a suite could not even start counts as failed."""
    left = list(selected)
    try:
        for result in suite.run(selected):
            left.remove(result.name)
            yield result
    except Exception as error:  # the lane goes on with the next piece
        text = str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
        for name in left:
            yield Result(name, False, 0, text)


def build(kind):
    """A Linux of that version, or the native one. If that fails, the tests that need it say so."""
    try:
        if kind == FULL:
            linux.build_purlin(LINUX_VERSIONS[0], "full")
        elif kind in LINUX_VERSIONS:
            linux.build_purlin(kind)
        else:
            linux.build_native(LINUX_VERSIONS[0], kind)
    except Exception as error:
        say(f"Linux {kind}: {error}")


class Lanes:
    """The pieces that wait, the builds that some of them wait for, and the lanes that take them in order."""

    def __init__(self, chosen_pieces, hurry):
        self.waiting = list(chosen_pieces)
        self.hurry, self.began, self.left_out = hurry, time.monotonic(), 0
        kinds = dict.fromkeys(kind for suite, _ in self.waiting for kind in suite.linuxes)
        self.to_build = sorted(kinds, key=lambda kind: kind == FULL)
        self.unbuilt = set(self.to_build)
        self.changed = threading.Condition()
        self.done = queue.SimpleQueue()

    def take(self):
        """The first piece whose Linux is there; None when all are taken."""
        with self.changed:
            while self.waiting:
                for piece in self.waiting:
                    if self.unbuilt.isdisjoint(piece[0].linuxes):
                        self.waiting.remove(piece)
                        return piece
                self.changed.wait()
        return None

    def leave_out(self, kind):
        """What waits for it, and has not been begun, for it could not."""
        with self.changed:
            late = [piece for piece in self.waiting if kind in piece[0].linuxes]
            self.waiting = [piece for piece in self.waiting if piece not in late]
            self.left_out += sum(len(names) for _, names in late)

    def is_late(self, kind):
        return self.hurry and kind == FULL and time.monotonic() > self.began + FULL_WITHIN

    def build_all(self):
        for kind in self.to_build:
            if self.is_late(kind):
                self.leave_out(kind)
            else:
                build(kind)
            with self.changed:
                self.unbuilt.remove(kind)
                self.changed.notify_all()

    def work(self, first):
        if first:
            self.build_all()
        while piece := self.take():
            for result in complete(*piece):
                self.done.put(result)
        self.done.put(None)


def results(chosen_pieces, hurry=False):
    """
    Results of all pieces as they come. The threads are daemons: who interrupts the run need not wait for their tests, whose
    processes end with them. With `hurry`, what a slow machine has no time for is left out.
    """
    lanes = Lanes(chosen_pieces, hurry)
    left = processors() + (processors() + 1) // 2
    for number in range(left):
        threading.Thread(target=lanes.work, args=(number == 0,), daemon=True).start()
    while left:
        result = lanes.done.get()
        if result:
            yield result
        else:
            left -= 1
    if lanes.left_out:
        say(f"{lanes.left_out} tests of the configuration full were left out: this run was not as far after {FULL_WITHIN} s; ./purlin test --all runs them, too")
