# SPDX-License-Identifier: MIT
"""Holds a command in Linux until the front door has read something in the serial log and made up its mind."""
import threading

import qemu_run
from suites.qmp import Qmp
from suites.testing import FOLDER, Failed

SECONDS = 100
# One look reads the log, the next ends the run if there was a sign; one more, since the first may have begun before.
LOOKS = 3


class Hold:
    """
    The command waits until its only disk, a stick of that name, is pulled. That happens when all `texts` are in
    the log and the watcher has looked at it since.
    """

    COMMAND = "while [ -e /sys/block/sda ]; do usleep 20000; done; "

    def __init__(self, name, stick, texts):
        self.socket = FOLDER / f"{name}.qmp"
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        self.stick, self.texts = stick, texts
        self.released = False

    def options(self):
        return ["--", "-qmp", f"unix:{self.socket},server=on,wait=off"]

    def begin(self, one, process):
        """`started` of testing.in_linux."""
        threading.Thread(target=self.work, args=[one, process], daemon=True).start()

    def work(self, one, process):
        qemu_run.wait_for_socket(self.socket, process)
        while not all(text in one.log.read_text(errors="replace") for text in self.texts):
            if not one.watcher.wait_for_looks(1, SECONDS):
                return
        if one.watcher.wait_for_looks(LOOKS, SECONDS):
            self.released = True
            Qmp(self.socket).ask("device_del", id=self.stick)

    def expect_released(self):
        if not self.released:
            raise Failed("the run ended while the command was held")
