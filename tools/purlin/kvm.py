# SPDX-License-Identifier: MIT
"""Whether KVM may be used: the processor has it *and* a probe boots under it."""
import re
from pathlib import Path


def processor_has_it():
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return re.search(r"^flags\s*:.*\b(vmx|svm)\b", flags, re.MULTILINE) is not None


def usable(options):
    del options
    return False
