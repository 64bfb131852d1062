# SPDX-License-Identifier: MIT
"""
A Linux whose root attacks by all it has, again and again in new lives, and its neighbours: a native component and a Linux with a disk
and a network, which look whether all is as they left it. Without an IOMMU they see, or the whole machine does, what it does.
"""
import hashlib
import random
import re
import threading
import time

import qemu_run
from common import BUILD, TOP, tool
from suites.testing import FOLDER, Failed, Suite, description, in_linux, one_by_one

DESCRIPTION = TOP / "tests/components/hostile/hostile.dts"
BYTES = 4 << 20
SECONDS = 30
LIVES = 2
STILL = 30  # seconds without a word, where there is one every few seconds
WHOLE = "[neighbour] is whole after"

# A disk's one half is only read, the other one is written, too; so is memory. The attacker is killed at random moments as well.
VICTIM = """
exec 2>&1
fail() { echo "DAMAGED: $*"; exit 1; }
now() { cut -d. -f1 /proc/uptime; }
ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0
/purlin/find-disk /dev/nvme0n1 > /dev/null 2>&1
head -c 2097152 /dev/urandom > /tmp/memory
memory=$(sha256sum < /tmp/memory)
rounds=0
kill=$(($(now) + 10))
until [ $(now) -gt LAST ]; do
	[ "$(dd if=/dev/nvme0n1 bs=64k count=32 iflag=direct 2> /dev/null | sha256sum)" = "SUM  -" ] || fail "what the disk held"
	dd if=/tmp/memory of=/dev/nvme0n1 bs=64k seek=32 oflag=direct 2> /dev/null || fail "a write"
	[ "$(dd if=/dev/nvme0n1 bs=64k skip=32 count=32 iflag=direct 2> /dev/null | sha256sum)" = "$memory" ] || fail "what was written"
	[ "$(sha256sum < /tmp/memory)" = "$memory" ] || fail "memory"
	ping -c 1 -W 60 10.0.2.2 > /tmp/ping || fail "no answer: $(cat /tmp/ping)"
	purlinctl list > /tmp/list && grep -q hostile /tmp/list || fail "no list"
	if [ $(now) -gt $kill ]; then
		purlinctl kill hostile > /tmp/kill || fail "it cannot be killed: $(cat /tmp/kill)"
		kill=$(($(now) + 5 + RANDOM % 25))
	fi
	rounds=$((rounds + 1))
done
dmesg | grep 'BUG\\|WARNING\\|I/O error\\|hung task\\|timed out\\|timeout,' && fail "its log"
echo "whole after $rounds rounds"
"""


def program():
    tool("make", "-s", "linux-tests")
    return {"hostile": ((BUILD / "tests/linux/hostile").read_bytes(), 0o755)}


def run(log, seconds, *options, path=DESCRIPTION, started=None):
    FOLDER.mkdir(parents=True, exist_ok=True)
    disk = FOLDER / f"{log.stem}.disk"
    content = random.Random("victim").randbytes(BYTES)
    disk.write_bytes(content)
    command = VICTIM.replace("LAST", str(seconds)).replace("SUM", hashlib.sha256(content[: BYTES // 2]).hexdigest())
    words = [str(path), *options, "--exec", command, "--"]
    words += ["-drive", f"if=none,id=disk,format=raw,file={disk}", "-device", "nvme,drive=disk,serial=victim,addr=17"]
    try:
        return in_linux(words, log, timeout=200 + 8 * seconds, started=started, extra_files=program())
    finally:
        disk.unlink()


def lives(text):
    return text.count("[init] hostile: is started again")


# What others than the attacker must not say; it unpacks its files from memory that is init's.
DAMAGE = re.compile(r"^(?:BUG: |.*(?:DAMAGED|PANIC|unpacking failed|\[init\] (?!hostile)\S+: (?:faulted|stopped|is started again))).*$", re.MULTILINE)


def check(output, least):
    """What a hostile run must not show. QEMU has a word of its own about some of it."""
    found = DAMAGE.search(output.log + output.text)
    if found:
        raise Failed(found.group())
    said = (output.text.splitlines() or [""])[-1]
    if output.status or not said.startswith("whole after"):
        raise Failed(f"the neighbour: {said or output.status}")
    if WHOLE not in output.log:
        raise Failed("the native neighbour is not heard of")
    if lives(output.log) < least:
        raise Failed(f"the attacker had only {lives(output.log)} lives")


def test_attacks(log):
    """With an IOMMU nobody else notices."""
    check(run(log, SECONDS), LIVES)


class Watcher:
    """Ends the machine when its log tells of damage, or nothing any more."""

    def __init__(self, log):
        self.log, self.seen = log, None

    def begin(self, _, process):
        threading.Thread(target=self.watch, args=[process], daemon=True).start()

    def watch(self, process):
        said, since = "", time.monotonic()
        while process.poll() is None and not self.seen:
            time.sleep(0.5)
            text = self.log.read_text(errors="replace") if self.log.exists() else ""
            if text != said:
                said, since = text, time.monotonic()
            stands_still = WHOLE in said and time.monotonic() - since > STILL
            self.seen = DAMAGE.search(said) or stands_still
        qemu_run.stop(process)


def unprotected(log):
    """Without an IOMMU the same attacks are noticed: the positive control, a minute or two of tests/soak/hostile --unprotected."""
    trusted = description(
        log.stem, DESCRIPTION, ("restarts = <100000>;", "restarts = <100000>; trusted-dma;"), ('"bdf 00:11.0";', '"bdf 00:11.0"; trusted-dma;'),
        ("control = <&hostile>;", "control = <&hostile>; trusted-dma;"), ("rdinit=/hostile", "rdinit=/hostile messages"),
    )  # fmt: skip
    watcher = Watcher(log)
    output = run(log, 600, "--iommu", "none", path=trusted, started=watcher.begin)
    found = DAMAGE.search(output.log + output.text)
    if not watcher.seen and not found:
        raise Failed("nobody has noticed anything")
    return found.group() if found else "the machine stands still"


def suites():
    functions = {"hostile/attacks": test_attacks}
    return [Suite(list(functions), one_by_one(functions))]
