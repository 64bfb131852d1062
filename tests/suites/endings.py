# SPDX-License-Identifier: MIT
"""When a run of --exec is over: what the description says decides, not a text on the console."""
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from common import TOP
from suites import front_door
from suites.hold import Hold
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

PANIC = "echo c > /proc/sysrq-trigger; sleep 100"
# The first time it leaves a word on the disk and panics; the second time it finds the word.
ONCE = f"""
if [ "$(head -c 5 /dev/vda)" = again ]; then
	echo second
	exit 7
fi
printf again | dd of=/dev/vda conv=fsync 2>/dev/null
echo first
{PANIC}
"""
PANIC_TIMES = {"at-once": "panic=-1", "never": "panic=0", "after-a-second": "panic=1"}
MACHINES = {"qemu": ["linux"], "bochs": ["linux", "--emulator", "bochs"], "qemu-with-command": ["usb", "--exec", "echo; sleep 1000"]}
# A machine left behind would run longer than that.
SECONDS = 60
RESTARTS = 'on-fault = "restart"; restarts = <2>;'


def description(name, properties):
    """The scenario usb with a Linux that says otherwise."""
    path = FOLDER / f"{name}.dts"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'/include/ "usb.dts"\n/ {{ components {{ linux {{ {properties} }}; }}; }};\n')
    return str(path)


def run(log, path, command, *more, timeout=600):
    done = front_door.execute(path, command, "--log", str(log), *more, timeout=timeout)
    return done, log.read_text(errors="replace")


def test_second_life(append):
    """A Linux that is started again after a panic runs the command again, and its status counts."""

    def test(log):
        disk = FOLDER / "second-life.img"
        disk.write_bytes(bytes(1 << 20))
        path = description("second-life", RESTARTS)
        done, text = run(log, path, ONCE, "--disk", str(disk), "--append", append)
        expect_equal("output", done.stdout, b"first\nsecond\n")
        expect_equal("exit status", done.returncode, 7)
        expect_equal("panics told", text.count("[init] linux: panicked"), 1)

    return test


def test_restart_limit(append):
    """Panics are faults whatever panic= says: the limit holds, then the run is over, long before the time limit."""

    def test(log):
        done, text = run(log, description("restart-limit", RESTARTS), PANIC, "--append", append)
        expect_equal("exit status", done.returncode, 125)
        expect_equal("restarts", text.count("[init] linux: is started again"), 2)
        if "[init] linux: restarted 2 times: not again" not in text:
            raise Failed("the limit was not told")

    return test


def test_stays_away(log):
    done, text = run(log, description("stays-away", 'on-fault = "stop";'), PANIC)
    expect_equal("exit status", done.returncode, 125)
    if "[init] linux: stays away" not in text:
        raise Failed("init did not say that Linux stays away")


def test_restart_asked_for(log):
    """reboot is no fault: the description's on-restart decides."""
    disk = FOLDER / "asked-for.img"
    disk.write_bytes(bytes(1 << 20))
    command = ONCE.replace(PANIC, "reboot -f")
    path = description("asked-for", 'on-restart = "restart"; on-fault = "stop";')
    done, text = run(log, path, command, "--disk", str(disk))
    expect_equal("output", done.stdout, b"first\nsecond\n")
    expect_equal("exit status", done.returncode, 7)
    expect_equal("panics told", text.count("panicked"), 0)


def test_reboot_limit(log):
    """A Linux that reboots again and again is not started for ever, either."""
    path = description("reboot-limit", 'on-restart = "restart"; restarts = <2>;')
    done, text = run(log, path, "reboot -f")
    expect_equal("exit status", done.returncode, 125)
    expect_equal("restarts", text.count("[init] linux: is started again"), 2)
    if "[init] linux: restarted 2 times: not again" not in text:
        raise Failed("the limit was not told")


def words_on_the_console(scenario, log):
    """What only looks like an end: a program wrote it to the console."""
    words = ("Kernel panic - not syncing: no", "x kernel panic: no", "x [init] linux: stays away", "y: stopped by the kernel: no")
    command = "".join(f"echo '{text}' > /dev/console; " for text in words) + Hold.COMMAND + "echo alive"
    hold = Hold(log.stem, "usb-stick0", words)
    done = in_linux([scenario, "--exec", command, *hold.options()], log, started=hold.begin)
    expect_equal("output", done.text, "alive\n")
    expect_equal("exit status", done.status, 0)
    hold.expect_released()


def test_words_on_the_console(log):
    words_on_the_console("usb", log)


def test_words_on_the_native_console(log):
    words_on_the_console("native", log)


def test_sign_while_held(log):
    """The same command with a true sign among its words: the run ends while it waits, so the test above shows something."""
    hold = Hold("sign-while-held", "usb-stick0", ["not yet"])
    command = "echo '[init] linux: stays away' > /dev/console; " + Hold.COMMAND + "echo alive"
    done = in_linux(["usb", "--exec", command, *hold.options()], log, started=hold.begin)
    expect_equal("exit status", done.status, 125)
    expect_equal("output", done.text, "")


def processes_below(parent):
    """All that this process started, and those in turn."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    own = [int(word) for word in path.read_text().split()] if path.exists() else []
    return own + [pid for child in own for pid in processes_below(child)]


def test_killed(words):
    """Nothing that we started outlives us, even if we could not end it."""

    def test(log):
        with open(log, "wb") as said, subprocess.Popen(
            [sys.executable, "-B", str(TOP / "tools/purlin"), "run", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
        ) as door:  # fmt: skip
            first = door.stdout.readline()
            machines = {pid: os.pidfd_open(pid) for pid in processes_below(door.pid)}
            if "bochs" in words:
                # It dies of what it writes once nobody reads it; one that is silent lives on.
                for pid in machines:
                    os.kill(pid, signal.SIGSTOP)
            door.kill()
        if not first or not machines:
            raise Failed("no machine ran: this shows nothing")
        for pid, descriptor in machines.items():
            if not select.select([descriptor], [], [], SECONDS)[0]:
                os.kill(pid, signal.SIGKILL)
                raise Failed(f"process {pid} outlives the front door")
            os.close(descriptor)

    return test


def test_native_panic(log):
    """Natively a panic without a time-out spins for ever, and one with restarts."""
    for append in ("panic=0", "panic=1"):
        done, _ = run(log, "native", PANIC, "--append", append)
        expect_equal(f"exit status with {append}", done.returncode, 125)


def by_name(*functions):
    return {f"endings/{function.__name__.removeprefix('test_').replace('_', '-')}": function for function in functions}


def suites():
    functions = {f"endings/second-life-{name}": test_second_life(append) for name, append in PANIC_TIMES.items()}
    functions |= {f"endings/restart-limit-{name}": test_restart_limit(append) for name, append in PANIC_TIMES.items()}
    functions |= by_name(test_stays_away, test_restart_asked_for, test_reboot_limit, test_words_on_the_console, test_sign_while_held)
    functions |= {f"endings/killed-{name}": test_killed(words) for name, words in MACHINES.items()}
    native = by_name(test_words_on_the_native_console, test_native_panic)
    return [Suite(list(functions), one_by_one(functions)), Suite(list(native), one_by_one(native), linuxes=("native",))]
