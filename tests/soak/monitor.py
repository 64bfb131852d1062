# SPDX-License-Identifier: MIT
"""QEMU's monitor, asked while a machine hangs."""
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tools/purlin"), str(TOP / "tests")]

from suites.qmp import Qmp  # noqa: E402

SAMPLES = 3


def registers(path):
    """Registers of all processors and the interrupt controllers, a few times."""
    try:
        qmp = Qmp(path)
        parts = []
        for _ in range(SAMPLES):
            parts.append(qmp.ask("human-monitor-command", **{"command-line": "info registers -a"}))
            time.sleep(0.3)
        parts.append(qmp.ask("human-monitor-command", **{"command-line": "info lapic 0"}))
        return "\n".join(parts)
    except (OSError, ValueError) as error:
        return f"QEMU's monitor did not answer: {error}\n"
