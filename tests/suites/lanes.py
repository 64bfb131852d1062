# SPDX-License-Identifier: MIT
"""
Suites at the same time. Two lanes for two processors left these idle for two fifths of a run, since many tests wait: for a
time limit, a screen, a machine that stands still. So there are half as many lanes again as processors.
"""
import queue
import threading

from common import Refused, chosen, processors
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


def work(waiting, done):
    while True:
        try:
            piece = waiting.get_nowait()
        except queue.Empty:
            break
        for result in complete(*piece):
            done.put(result)
    done.put(None)


def results(chosen_pieces):
    """
    Results of all pieces as they come. The threads are daemons: who interrupts the run need not wait for their tests, whose
    processes end with them.
    """
    waiting, done = queue.SimpleQueue(), queue.SimpleQueue()
    for piece in chosen_pieces:
        waiting.put(piece)
    lanes = processors() + (processors() + 1) // 2
    for _ in range(lanes):
        threading.Thread(target=work, args=(waiting, done), daemon=True).start()
    while lanes:
        result = done.get()
        if result:
            yield result
        else:
            lanes -= 1
