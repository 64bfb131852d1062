# SPDX-License-Identifier: MIT
"""A Linux that has nothing to do lets its processors sleep: how often the microkernel is entered all the same."""
import re

from bench import results
from common import TOP, tool
from suites.testing import Failed, Suite, in_linux, one_by_one

VCPUS = 2
# Of the guest's clock, which goes by instructions and jumps when all processors wait.
SECONDS = 100
MOST = 5  # entries a second, of each vCPU


def entries(events):
    """Each ends with a return to ring 3, or leaves a processor that waits."""
    count = {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", events)}
    return count["sysret"] + count["iret"] + count["halt"]


def test_idle(log):
    tool("make", "-s", "-C", TOP, "bench")
    seen = results.OWN / "idle.events"
    seen.unlink(missing_ok=True)
    plugin = ["-plugin", f"{results.OWN / 'events'}.so,out={seen}"]
    words = ["linux", "--smp", str(VCPUS), "--icount", "--exec", f"/bench/idle {SECONDS}", "--", *plugin]
    in_linux(words, log, extra_files={"bench/idle": ((results.OWN / "idle").read_bytes(), 0o755)})
    each = entries(seen.read_text()) / SECONDS / VCPUS
    if each >= MOST:
        raise Failed(f"{each:.1f} entries a second of each vCPU")
    if not each:
        raise Failed("no entry at all: nobody slept")


def suites():
    return [Suite(["idle/linux"], one_by_one({"idle/linux": test_idle}))]
