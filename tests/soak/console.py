# SPDX-License-Identifier: MIT
"""What must not be on a serial log."""

LINUX = ("WARNING:", "BUG:", "Oops", "Call Trace", "Kernel panic", "rcu_sched self-detected", "blocked for more than")
LINUX += ("soft lockup", "nobody cared", "I/O error", "general protection")
PURLIN = ("bad batch", "guest kernel fault", "kernel panic: ", ": stopped: ", " refused: ", ": fault: vector")


def suspicious(log, allowed=()):
    """The first line that should not be there, or nothing."""
    for line in log.splitlines():
        for sign in LINUX + PURLIN:
            if sign in line and sign not in allowed:
                return line.strip()
    return ""
