# SPDX-License-Identifier: MIT
"""
Linux with a USB controller, and the platform component under it, end at their Nth call: all is cleaned up, nothing
hangs, and the Linux that is started again reads the stick.
"""
import re

import options as run_options
import qemu_run
import system
from common import TOP
from suites import faulty, usb
from suites.testing import FOLDER, Failed, Suite, expect_equal, one_by_one

DEATHS = TOP / "tests/components/deaths"
DESCRIPTION = DEATHS / "linux.dts"
SECONDS = 600
# What ends a component (kernel_mortal.c), in the kernel's way in.
TRAP = "kernel/arch/x86_64/entry/trap.c"
CALLED = """	if (!thread)
		return;
	if (thread->object.type == PURLIN_TYPE_VCPU)
		call_of_vcpu(thread);
	else
		call_dispatch(thread);
"""
COUNTED = """	if (!thread)
		return;
	struct pd *pd = thread->pd;
	uint64_t number = thread->arch.frame.rax;
	if (mortal_before(thread, number))
		return;
	if (thread->object.type == PURLIN_TYPE_VCPU)
		call_of_vcpu(thread);
	else
		call_dispatch(thread);
	mortal_after(pd, number);
"""
INCLUDE = '#include "object/pd.h"\n'
TABLES = "kernel/object/capability.c"
TABLE_GROWS = "	if (!*page)\n		*page = account_allocate(account, PAGE_SIZE);\n"
TABLE_COUNTED = "	if (!*page) {\n		*page = account_allocate(account, PAGE_SIZE);\n		mortal_table_page(*page);\n	}\n"
TABLE_GOES = "		account_free(account, table->pages[i]);\n"
CHANGES = [
    (TRAP, CALLED, COUNTED),
    (TRAP, INCLUDE, INCLUDE + '#include "debug/mortal.h"\n'),
    ("kernel/object/pd.h", "	unsigned int thread_count;\n", "	unsigned int thread_count;\n	bool born;\n"),
    # Batches with a resume, and what servers and clients exchange the short way.
    ("kernel/arch/x86_64/guest/vcpu.c", "	vcpu = thread_vcpu(thread);\n	result = batch_apply(vcpu);\n	if (result == PURLIN_OK && !vcpu->roots",
     "	if (mortal_before(thread, 1))\n		return false;\n	vcpu = thread_vcpu(thread);\n"
     "	result = batch_apply(vcpu);\n	if (result == PURLIN_OK && !vcpu->roots"),
    ("kernel/arch/x86_64/guest/vcpu.c", '#include "arch/vcpu.h"\n', '#include "arch/vcpu.h"\n#include "debug/mortal.h"\n'),
    ("kernel/arch/x86_64/entry/exchange.c", "&& !trace_categories ?", "&& !trace_categories && !mortal_is(caller) ?"),
    ("kernel/arch/x86_64/entry/exchange.c", '#include "base/lock.h"\n', '#include "base/lock.h"\n#include "debug/mortal.h"\n'),
    (TABLES, TABLE_GROWS, TABLE_COUNTED),
    (TABLES, TABLE_GOES, TABLE_GOES + "		mortal_table_page(false);\n"),
    (TABLES, '#include "object/account.h"\n', '#include "debug/mortal.h"\n#include "object/account.h"\n'),
]  # fmt: skip
FILES = {"kernel/debug/mortal.c": DEATHS / "kernel_mortal.c", "kernel/debug/mortal.h": DEATHS / "kernel_mortal.h"}

LIFE = """#!/bin/busybox sh
export PATH=/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
/purlin/usb-settle
mount -r /dev/sda /mnt
(while head -c 1M /dev/sda > /dev/null; do echo 3 > /proc/sys/vm/drop_caches; done) &
for round in $(seq 3); do
	(cd /mnt && sha256sum first second.txt third.bin)
	lspci -xxx | wc -l
done
kill $!
wait
umount /mnt
echo "all is right"
reboot -f
"""


# The last life reads it whole.
SUMS = ["the last life", *usb.expected_sums("X").replace("X/", "").splitlines(), "all is right"]
CENSUS = {"core": "core-census", "init": "init-lives", "uart": "uart-lives", "platform": "platform-lives"}
# Of the first life everything is new.
WARM_UP = 1
# The platform component keeps what it learns of each device in the first life, so that the second needs more slots of its
# capability table at a time, and a page more of the table. A table keeps its pages; from the third life on none grows.
TABLES_GROWN = 2
NEXT_LIFE = "[init] census: "


def run(log, words, variants, ends=SUMS, description=DESCRIPTION):
    options = run_options.parse([str(description), "--smp", "1", "--stick", str(usb.image("mortal", "vfat", False))])
    options.extra_files = {"life": (LIFE.encode(), 0o755)}
    options.variants = variants
    system.build(options)
    options.kernel = faulty.build("mortal", CHANGES, FILES)
    options.qemu = ["-append", words]
    with qemu_run.prepared(options) as prepared:
        prepared.log = log
        missing = qemu_run.observe(prepared, ends, SECONDS)
    if missing:
        raise Failed(f"within {SECONDS} s this did not appear: {missing[0]!r}")
    return log.read_text(errors="replace").splitlines()


def lives(lines):
    """What was free and held around the beginning of each life of Linux: (name, numbers)."""
    found = [[]]
    for line in lines:
        held = re.match(r"\[(\w+)\] census: (.*)", line)
        free = re.match(r"\[kernel\] mortal: linux begins: (\d+) pages are free, (\d+) in tables", line)
        if line.startswith(NEXT_LIFE):
            found.append([])
        if held:
            found[-1].append((held[1], re.findall(r"\d+", held[2])))
        elif free:
            found[-1].append(("free pages, with those in tables", [int(free[1]) + int(free[2])]))
    return found


def compare(all_lives):
    """What a life finds is what the one before found: nothing of any was left."""
    known = all_lives[WARM_UP]
    for number, life in enumerate(all_lives[WARM_UP:], WARM_UP):
        if len(life) != len(known):
            raise Failed(f"life {number} is served by {life}, not {known}")
        for (name, now), (other, was) in zip(life, known, strict=True):
            if (name, now) != (other, was):
                raise Failed(f"{name} holds something else at life {number}: {now}, not {was}")


def compare_tables(lines):
    grown = re.findall(r"mortal: linux begins: .*, (\d+) in tables", "\n".join(lines))[TABLES_GROWN:]
    if len(set(grown)) != 1:
        raise Failed(f"capability tables have {grown} pages from the third life on")


def expect_deaths(lines, name, count):
    died = [line for line in lines if line.startswith(f"[kernel] mortal: {name} dies ")]
    told = [line for line in lines if line.startswith(f"[init] {name}: stopped by the kernel: ")]
    if not len(died) == len(told) == count:
        raise Failed(f"{len(died)} deaths of {count}, {len(told)} told")
    for line in lines:
        if "does not answer" in line or "panic" in line:
            raise Failed(line)


def words_for(name, first, step, count, more=""):
    return f"mortal-{name} mortal-first={first} mortal-step={step} mortal-lives={count} {more}"


def deaths_of_linux(log, first, step, count, more):
    lines = run(log, words_for("linux", first, step, count, more), CENSUS)
    expect_deaths(lines, "linux", count)
    compare(lives(lines))
    compare_tables(lines)


def test_linux(log):
    """From its first call to the last round of reading it makes some 400, without those about its own mappings."""
    deaths_of_linux(log, 40, 83, 5, "mortal-messages")


def deaths_of_platform(log, first, step, count, more=""):
    """In what it writes: Linux was told each time it had devices, and each of its lives began with the same free pages."""
    lines = run(log, words_for("platform", first, step, count, more), {})
    expect_deaths(lines, "platform", count)
    text = "\n".join(lines)
    free = set(re.findall(r"mortal: linux begins: (\d+) pages", text))
    if len(free) != 1:
        raise Failed(f"lives begin with other free pages: {free}")
    return text


def test_platform_starts(log):
    """From its first call on, while it starts itself: Linux waits for one that serves."""
    deaths_of_platform(log, 1, 27, 16)


def test_linux_starts(log):
    """While init starts Linux with it: Linux comes up with the successor."""
    text = deaths_of_platform(log, 2, 7, 6, "mortal-serving")
    broken = text.count("[init] linux: cannot be started: gone\n")
    if broken < 3:
        raise Failed(f"{broken} deaths came while Linux was started")


# A start that fails for want of a server is no fault of Linux, but its restarts are counted.
LIMITED = f"""/include/ "{DESCRIPTION}"
/ {{ components {{ linux {{ on-fault = "stop"; restarts = <2>; }}; }}; }};
"""


def test_start_limit(log):
    """Each platform component dies at the same request of each start of Linux: that is tried as often as restarts allow."""
    path = FOLDER / "start-limit.dts"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LIMITED)
    ends = ["[init] linux: restarted 2 times: not again", "[init] linux: stays away"]
    text = "\n".join(run(log, words_for("platform", 9, 0, 100, "mortal-serving"), {}, ends, path))
    expect_equal("starts", text.count("[init] linux: cannot be started: gone"), 3)


def test_platform(log):
    """Linux loses its controller while it finds the stick and while it reads it, is told so, and gets it again."""
    text = deaths_of_platform(log, 190, 110, 3, "mortal-serving")
    expect_equal("losses told", text.count("[init] linux: lost its devices: platform has ended"), 3)
    if not re.search(r"third\.bin\n(?:(?!linux begins|all is right).)*mortal: platform dies", text, re.DOTALL):
        raise Failed("no death came while the stick was read")


def test_leak(log):
    """A platform component that forgets something when a session ends is found."""
    words = words_for("linux", 60, 1, WARM_UP + 1, "mortal-messages")
    lines = run(log, words, CENSUS | {"platform": "platform-lives-leak"}, [*SUMS[:1], "linux begins", " in tables"])
    try:
        compare(lives(lines))
    except Failed as failure:
        if "platform holds something else" in str(failure):
            return
        raise
    raise Failed("nobody found the leak")


def suites():
    functions = {"mortal/linux": test_linux, "mortal/platform-starts": test_platform_starts, "mortal/platform": test_platform}
    functions |= {"mortal/linux-starts": test_linux_starts}
    functions |= {"mortal/start-limit": test_start_limit, "mortal/finds-leak": test_leak}
    return [Suite(list(functions), one_by_one(functions))]
