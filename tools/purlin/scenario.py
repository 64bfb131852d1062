# SPDX-License-Identifier: MIT
"""Scenarios: the system descriptions in scenarios/."""
from common import TOP

FOLDER = TOP / "scenarios"


def names():
    return sorted(path.stem for path in FOLDER.glob("*.dts"))
