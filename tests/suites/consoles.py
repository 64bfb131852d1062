# SPDX-License-Identifier: MIT
"""
Consoles and random numbers that are sessions: a terminal that several share, what is written while its multiplexer ends
again and again, and a Linux whose servers have ended for good.
"""
import re
import time
from collections import Counter
from functools import partial

import options as run_options
import qemu_run
import system
from common import TOP
from suites.terminal import PROMPT, with_person
from suites.testing import Failed, Suite, description, expect_equal, in_linux, one_by_one

SHARED = TOP / "tests/components/device-sessions/consoles.dts"
LINUX = TOP / "scenarios/linux.dts"
SECONDS = 900
LINES = 2000
ODD = 'odd { binary = "odd-console"; memory = "8M"; log; routes { Console = <&multiplexer>; }; };'
NEXT = b"\x1dn"
WRITER_DONE = ("[writer] 7 passed, 0 failed",)


def lines_of(log, server, client="console-client", others="", wanted=WRITER_DONE):
    """What the terminal showed, and how often each line came."""
    path = description(log.stem, SHARED, ("SERVER", server), ("CLIENT", client), ("OTHERS", others))
    options = run_options.parse([str(path)])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, wanted, SECONDS, in_order=False)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    text = log.read_text(errors="replace")
    return text, Counter(re.findall(r"line (\d{6})\n", text))


def test_shared(log):
    """Every line of the one in front is shown once, beside a client that asks for nonsense."""
    text, lines = lines_of(log, "multiplexer", others=ODD, wanted=("[odd] 15 passed, 0 failed", *WRITER_DONE))
    expect_equal("lines that came once", sum(lines[f"{number:06}"] == 1 for number in range(1, LINES + 1)), LINES)
    expect_equal("most of one", max(lines.values()), 1)
    if "oooo" in text:
        raise Failed("what another console says was shown")


def test_mortal(log):
    text, lines = lines_of(log, "mortal-multiplexer", wanted=WRITER_DONE)
    if text.count("is started again") < 10:
        raise Failed("the multiplexer has not ended often enough")
    expect_equal("most of one", max(lines.values()), 1)
    if len(lines) < LINES // 10:
        raise Failed(f"only {len(lines)} lines came")


def test_repeated(log):
    """The control: a client that asks again for what was in flight gets lines twice."""
    _, lines = lines_of(log, "mortal-multiplexer", client="repeating-console", wanted=WRITER_DONE)
    if max(lines.values()) < 2:
        raise Failed("no line came twice")


def run_in(person, command, answer):
    person.type(command)
    person.wait_for(answer)
    person.wait_for(PROMPT)


def wait_for_unseen(person, least):
    """Until left has said so much behind the other."""
    limit = time.monotonic() + SECONDS
    unseen = -1
    while unseen < least:
        person.type(b"\x1dl")
        person.wait_for(b"[1 console of left: ")
        while b" bytes" not in person.seen and (data := person.read(limit)):
            person.seen += data
        unseen = int(person.seen.split(b" ")[0])
        if time.monotonic() > limit:
            raise Failed(f"left has said {unseen} bytes, not {least}")


def test_two(person):
    """Two shells: who is behind goes on, keeps what it says, and gets no keys."""
    person.wait_for(b"[1 console of left]")
    person.wait_for(PROMPT)
    run_in(person, b"echo $((6 * 7)) left\n", b"42 left")
    # In one go: left gets its line, and is behind before it can say anything.
    person.type(b"echo la''ter\n\x1d2")
    person.wait_for(b"[2 console of right]")
    person.wait_for(PROMPT)
    run_in(person, b"dmesg -n 1; echo $((7 * 8)) right\n", b"56 right")
    wait_for_unseen(person, len("echo later\r\nlater\r\n"))
    person.type(NEXT)
    person.wait_for(b"[1 console of left]")
    person.wait_for(b"later")
    # A key of its own, and one that the other would have to end.
    person.type(b"sh -c \"echo run''ning; exec cat\"\n")
    person.wait_for(b"running")
    person.type(b"\x1d2")
    person.wait_for(b"[2 console of right]")
    person.type(b"\x03\x1dl")
    person.wait_for(b"[1 console of left: ")
    person.wait_for(b"[2 console of right: ")
    person.type(b"\x1d1")
    person.wait_for(b"[1 console of left]")
    person.type(b"st''ill cat\n")
    person.wait_for(b"st''ill cat\nst''ill cat\n")
    person.type(b"\x03")
    person.wait_for(PROMPT)
    # Far more than is kept: the oldest are lost, and that is said.
    person.type(b"seq 1 6000; echo e''nd\n\x1d2")
    wait_for_unseen(person, sum(len(f"{number}\r\n") for number in range(1, 6001)))
    person.type(b"\x1d1")
    person.wait_for(b"bytes of its output are lost]")
    person.wait_for(b"\n6000\nend")
    run_in(person, b"cat /sys/class/misc/hw_random/rng_current; head -c 100 /dev/hwrng | wc -c\n", b"virtio_rng.0\n100\n")
    person.type(b"exit\n")
    if status := person.ended():
        raise Failed(f"exit status {status} after `exit`")


FOUL = """
		foul: foul {
			binary = "foul-console";
			provides = "Console";
			priority = <36>;
		};
"""
# hvc0 and hvc1 are Terminals. Who takes nothing costs a second, and then nothing; the others cost their own console only.
TRY = """
head -c 100000 /dev/zero > /tmp/zero
for number in 2 3; do
	before=$(cut -d. -f1 /proc/uptime)
	cat /tmp/zero > /dev/hvc$number && cat /tmp/zero > /dev/hvc$number && echo hvc$number written
	[ $(($(cut -d. -f1 /proc/uptime) - before)) -lt 20 ] || echo hvc$number takes too long
done
until_gone() {
	while cat /tmp/zero > /dev/hvc$1; do :; done 2> /dev/null
	echo hvc$1 is gone
}
until_gone 4
cat /tmp/zero > /dev/hvc2 && echo hvc2 goes on
until_gone 5
until_gone 2
until_gone 3
until [ "$(ls /sys/bus/virtio/devices)" = "" ]; do sleep 0.1; done
echo still here
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace|stall'
"""
TRY_SAYS = ["hvc2 written", "hvc3 written", "hvc4 is gone", "hvc2 goes on", "hvc5 is gone", "hvc2 is gone", "hvc3 is gone", "still here"]


def test_foul(log):
    """Servers of consoles that play foul: Linux goes on, and so do its other consoles."""
    path = description(
        log.stem, LINUX, ("components {", "components {" + FOUL),
        ('consoles = "console", "exec";', 'consoles = "console", "exec"; virtio-consoles = "honest", "mute", "garbage", "ends";'),
        ("Terminal = <&uart>;", "Terminal = <&uart>; Console = <&foul>;"),
    )  # fmt: skip
    done = in_linux([str(path), "--exec", TRY], log)
    expect_equal("what Linux sees", done.text.splitlines(), TRY_SAYS)


SERVER = """
		entropy: mortal-entropy {
			binary = "mortal-entropy";
			provides = "Entropy";
			on-fault = "restart";
			restarts = <RESTARTS>;
		};
"""
NUMBERS = """
cat /sys/class/misc/hw_random/rng_current
for pass in $(seq 40); do dd if=/dev/hwrng bs=4096 count=8 iflag=fullblock 2> /dev/null; done > /tmp/numbers
wc -c < /tmp/numbers
gzip -c /tmp/numbers | wc -c
"""
GONE = """
while dd if=/dev/hwrng of=/dev/null bs=4096 count=8 2> /dev/null; do :; done
until [ "$(cat /sys/class/misc/hw_random/rng_current)" = none ]; do sleep 0.1; done
ls /sys/bus/virtio/devices | wc -l
echo still here
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'
"""


def run_numbers(log, command, restarts):
    """Linux whose random numbers come from a server that ends again and again."""
    path = description(
        log.stem, LINUX, ("components {", "components {" + SERVER.replace("RESTARTS", str(restarts))),
        ('consoles = "console", "exec";', 'consoles = "console", "exec"; entropy = "numbers";'),
        ("Terminal = <&uart>;", "Terminal = <&uart>; Entropy = <&entropy>;"),
    )  # fmt: skip
    return in_linux([str(path), "--exec", command], log)


def test_numbers(log):
    done = run_numbers(log, NUMBERS, 1000)
    current, size, packed = done.text.split()
    expect_equal("source", current, "virtio_rng.0")
    expect_equal("bytes", int(size), 40 * 8 * 4096)
    if int(packed) < int(size):
        raise Failed(f"{size} random bytes shrink to {packed}")
    if done.log.count("mortal-entropy: is started again") < 3:
        raise Failed("the server has not ended often enough")


def test_numbers_gone(log):
    """Reading ends with an error, and the device is no more."""
    done = run_numbers(log, GONE, 2)
    expect_equal("what Linux sees", done.text.splitlines(), ["0", "still here"])


def suites():
    native = {"consoles/shared": test_shared, "consoles/mortal": test_mortal, "consoles/repeated": test_repeated}
    linux = {
        "consoles/two": partial(with_person(test_two), "consoles"), "consoles/foul": test_foul, "entropy/numbers": test_numbers, "entropy/gone": test_numbers_gone,
    }  # fmt: skip
    return [Suite(list(native), one_by_one(native), linuxes=()), Suite(list(linux), one_by_one(linux))]
