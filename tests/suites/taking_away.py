# SPDX-License-Identifier: MIT
"""What tests/linux/taking_away.c is for, it finds: kernels that keep translations too long, under a Linux with two vCPUs."""
import system
from common import BUILD, TOP, tool
from suites import faulty
from suites.testing import Failed, Suite, in_linux, one_by_one
from suites.vcpus import CONTROLS as VCPU_CONTROLS

HAND_OVER = "kernel/arch/x86_64/guest/vcpu.c"
CONTROLS = {
    "no-shoot-down": VCPU_CONTROLS["no-shoot-down"][0],
    "one-processor-skipped": VCPU_CONTROLS["one-processor-skipped"][0],
    # Three times of four: a Linux whose notes are never applied does not come up.
    "notes-kept": [(HAND_OVER, "\tresult = batch_apply(vcpu);\n\tif (result == PURLIN_OK && ", "\tstatic unsigned int kept;\n\n\tresult = ++kept % 4 ? PURLIN_OK : batch_apply(vcpu);\n\tif (result == PURLIN_OK && ")],
}
PROGRAM = BUILD / "tests/linux/taking_away"
SECONDS = 600


# A stale translation is used until the next timer event at the latest: those who share it must run at the same time.
PROCESSORS = "2"


def test_control(changes, log):
    system.make_all()
    tool("make", "-s", "-C", TOP, "linux-tests")
    output = in_linux(
        ["linux", "--smp", PROCESSORS, "--mem", "512M", "--exec", "/tests/taking_away"], log, SECONDS,
        extra_files={"tests/taking_away": (PROGRAM.read_bytes(), 0o755)}, kernel=faulty.build(log.stem, changes),
    )  # fmt: skip
    if "not so: " not in output.text:
        raise Failed(f"nobody noticed the fault: status {output.status}, {output.text[-200:]!r}")


def suites():
    functions = {f"taking-away/{name}": lambda log, changes=changes: test_control(changes, log) for name, changes in CONTROLS.items()}
    return [Suite(list(functions), one_by_one(functions))]
