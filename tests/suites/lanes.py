# SPDX-License-Identifier: MIT
"""
Suites at the same time. Two lanes for two processors left these idle for two fifths of a run, since many tests wait: for a
time limit, a screen, a machine that stands still. So there are half as many lanes again as processors. The first of them
builds every Linux before it takes tests; the others begin with what needs none.
"""
import queue
import threading

import linux
from common import LINUX_VERSIONS, Refused, chosen, processors, say
from suites.testing import Result


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
        if kind in LINUX_VERSIONS:
            linux.build_purlin(kind)
        else:
            linux.build_native(LINUX_VERSIONS[0], kind)
    except Exception as error:
        say(f"Linux {kind}: {error}")


class Lanes:
    """The pieces that wait, the builds that some of them wait for, and the lanes that take them in order."""

    def __init__(self, chosen_pieces):
        self.waiting = list(chosen_pieces)
        self.to_build = list(dict.fromkeys(kind for suite, _ in self.waiting for kind in suite.linuxes))
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

    def build_all(self):
        for kind in self.to_build:
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


def results(chosen_pieces):
    """
    Results of all pieces as they come. The threads are daemons: who interrupts the run need not wait for their tests, whose
    processes end with them.
    """
    lanes = Lanes(chosen_pieces)
    left = processors() + (processors() + 1) // 2
    for number in range(left):
        threading.Thread(target=lanes.work, args=(number == 0,), daemon=True).start()
    while left:
        result = lanes.done.get()
        if result:
            yield result
        else:
            left -= 1
