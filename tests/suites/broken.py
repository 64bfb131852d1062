# SPDX-License-Identifier: MIT
"""Broken system descriptions (scenarios/broken): each is refused with place and reason before anything starts."""
import re

import scenario
from suites.front_door import purlin
from suites.testing import Failed, Suite, one_by_one

FOLDER = scenario.FOLDER / "broken"


def test(path):
    def run(log):
        wanted = re.search(r"/\* refused: (.*?) \*/", path.read_text())
        if not wanted:
            raise Failed(f"{path.name}: has no line /* refused: TEXT */")
        done = purlin(["run", str(path), "--timeout", "60"])
        said = done.stderr.decode(errors="replace")
        log.write_text(said)
        if done.returncode == 0 or done.returncode == 124 or "booting" in said:
            raise Failed(f"was started (exit status {done.returncode})")
        if done.stdout:
            raise Failed("printed to standard output")
        if wanted[1] not in said:
            raise Failed(f"did not say {wanted[1]!r}: {said.strip()[:300]!r}")
        if not re.search(rf"{path.name}:\d+", said):
            raise Failed(f"did not name the line: {said.strip()[:300]!r}")

    return run


def suites():
    functions = {f"broken/{path.stem}": test(path) for path in sorted(FOLDER.glob("*.dts"))}
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
