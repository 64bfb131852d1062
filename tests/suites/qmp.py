# SPDX-License-Identifier: MIT
"""Asks a running QEMU by its machine protocol."""
import json
import socket

from suites.testing import Failed

SECONDS = 300  # what is waited for longer does not come


class Qmp:
    """QEMU's machine protocol on a socket (docs/interop/qmp-intro of QEMU)."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r")
        self.lines.readline()
        self.events = []
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise Failed(f"{command}: {answer['error']['desc']}")
            self.events.append(answer)

    def wait_event(self, name, **data):
        """An event may have come before the answer to the command that caused it."""
        while True:
            for event in self.events:
                if event.get("event") == name and data.items() <= event.get("data", {}).items():
                    self.events.remove(event)
                    return
            self.events.append(json.loads(self.lines.readline()))
