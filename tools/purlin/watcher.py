# SPDX-License-Identifier: MIT
"""Reads the serial log of a run for what tells that the command of --exec will never end."""
import threading

# The system and its supervisor; both write these at the beginning of a line.
LOST = (
    b"kernel panic: ", b"[kernel] kernel panic: ", b"Purlin cannot run on this processor: ",
    b"[core] init ended with ", b"[core] init stopped by ",
)  # fmt: skip
# A native Linux says so when it begins to spin for ever; with a time-out (panic=) it restarts instead.
NATIVE_LOST = (b"---[ end Kernel panic - not syncing",)
# Whoever has seen the end still wants the rest of the report: it comes without a pause.
QUIET_SECONDS = 1


def signs(component):
    """
    What follows on a fault, an exit or a panic is the description's; init, which acts by it, says when the
    component is not started again. `component` None: a native Linux.
    """
    return NATIVE_LOST if component is None else (*LOST, b"[init] %s: stays away" % component.encode())


class Lines:
    """Whole lines of a file that grows."""

    def __init__(self, path):
        self.path, self.at, self.held = path, 0, b""

    def new(self):
        """Those since the last look, and whether anything was added."""
        if not self.path.exists():
            return [], False
        with open(self.path, "rb") as log:
            log.seek(self.at)
            data = log.read()
        self.at += len(data)
        *lines, self.held = (self.held + data).split(b"\n")
        return lines, bool(data)


class Watcher(threading.Thread):
    """Calls `give_up` once the log shows that the Linux that runs the command is lost for good."""

    def __init__(self, log, component, is_over, give_up):
        super().__init__(daemon=True)
        self.lines, self.signs = Lines(log), signs(component)
        self.is_over, self.give_up = is_over, give_up
        self.cancelled = threading.Event()
        self.looks = 0
        self.looked = threading.Condition()
        self.start()

    def cancel(self):
        self.cancelled.set()

    def run(self):
        lost = False
        while not self.cancelled.wait(QUIET_SECONDS) and not self.is_over():
            lines, grown = self.lines.new()
            if lost and not grown:
                self.give_up()
                return
            # A native Linux puts the time before what it says.
            lost = lost or any(self.is_sign(line) for line in lines)
            with self.looked:
                self.looks += 1
                self.looked.notify_all()

    def wait_for_looks(self, number, seconds):
        """Until it has looked so often from now on; whether it has."""
        with self.looked:
            wanted = self.looks + number
            return self.looked.wait_for(lambda: self.looks >= wanted, seconds)

    def is_sign(self, line):
        if self.signs is NATIVE_LOST:
            return any(sign in line for sign in self.signs)
        return line.startswith(self.signs)
