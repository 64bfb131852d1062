# SPDX-License-Identifier: MIT
"""QEMU's monitor, asked while a machine hangs."""
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools/purlin"))

from suite_usb import Qmp  # noqa: E402

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
