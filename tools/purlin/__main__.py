# SPDX-License-Identifier: MIT
"""./purlin: choose the command and turn refusals into one line and a status."""
import importlib
import os
import signal
import sys

from common import Refused, say

COMMANDS = ("run", "test", "bench", "fuzz", "debug", "devices", "image", "check", "help")


def end(number, frame):
    """SIGTERM ends us as an exception does: machines are stopped, temporary folders removed."""
    del frame
    sys.exit(128 + number)


def main():
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    arguments = sys.argv[1:] or ["help"]
    command = {"-h": "help", "--help": "help"}.get(arguments[0], arguments[0])
    try:
        if command not in COMMANDS:
            raise Refused(f"{command}: no such command; ./purlin help tells which there are")
        module = importlib.import_module("command_" + command)
        status = module.main(arguments[1:])
    except Refused as refusal:
        say(str(refusal))
        status = refusal.status
    except KeyboardInterrupt:
        say("interrupted")
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 141
    sys.exit(status)


main()
