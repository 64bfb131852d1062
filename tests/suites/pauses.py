# SPDX-License-Identifier: MIT
"""The whole machine stands still for a while, as when the host sleeps: tests/linux/pause.c."""
import signal
import time

from common import BUILD, TOP, tool
from suites.testing import Suite, expect_equal, in_linux, one_by_one

# RCU's stall detector, told to wait less than that, must not report a stall that there was not.
STALL = 3
SECONDS = 6  # tests/soak/pause: more
PROGRAMS = ("pause", "kernel_log.sh")


def program(name):
    return (TOP / "tests/linux" / name if name.endswith(".sh") else BUILD / "tests/linux" / name).read_bytes()


def stand_still(process, seconds):
    """QEMU is stopped for a while, with all that it emulates."""
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)


def pause(log, seconds, stall, processors=2):
    tool("make", "-s", "-C", TOP, "linux-tests")
    processes, heard = [], bytearray()

    def hear(data):
        """When the program is ready the machine is stopped."""
        was_ready = b"ready" in heard
        heard.extend(data)
        if not was_ready and b"ready" in heard:
            stand_still(processes[0], seconds)

    output = in_linux(
        ["linux", "--smp", str(processors), "--mem", "512M", "--append", f"rcupdate.rcu_cpu_stall_timeout={stall}",
         "--exec", f"/tests/pause {seconds} && /tests/kernel_log.sh"], log, 600 + seconds,
        started=lambda one, process: processes.append(process), heard=hear,
        extra_files={f"tests/{name}": (program(name), 0o755) for name in PROGRAMS},
    )  # fmt: skip
    expect_equal("the program and the kernel's log", output.text, "ready\nchecks passed\nclean\n")


def test_pause(log):
    pause(log, SECONDS, STALL)


def suites():
    return [Suite(["pause/clocks-and-timers"], one_by_one({"pause/clocks-and-timers": test_pause}))]
