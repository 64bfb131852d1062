# SPDX-License-Identifier: MIT
"""Linux whose disk is a session: it goes on while the server ends again and again, and hears of an end for good."""
import hashlib
import re

from common import BUILD, TOP
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

SCENARIO = TOP / "scenarios/linux-disk.dts"
DISK = BUILD / "components/test.disk"
PASSES = 6
# Each page is a request: a server lives for about a hundred of them.
READS = f"""
echo 0 > /sys/block/vda/queue/read_ahead_kb
for pass in $(seq {PASSES}); do
	echo 3 > /proc/sys/vm/drop_caches
	sha256sum < /dev/vda || exit 1
done
"""


def contents_sum():
    """Of the disk, which ends with a whole sector."""
    contents = DISK.read_bytes()
    return hashlib.sha256(contents + bytes(-len(contents) % 512)).hexdigest()


def description(name, *changes):
    """The scenario with something else in it."""
    text = SCENARIO.read_text()
    for old, new in changes:
        if text.count(old) != 1:
            raise Failed(f"{old!r} is not in {SCENARIO} once")
        text = text.replace(old, new)
    path = FOLDER / f"{name}.dts"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace('"include/', f'"{SCENARIO.parent}/include/'))
    return path


def run(log, command, *changes):
    path = description(log.stem, *changes)
    return in_linux([str(path), "--exec", command], log)


def test_mortal(log):
    done = run(log, READS, ('binary = "module-disk"', 'binary = "mortal-disk"'))
    expect_equal("sums", done.text.split(), [contents_sum(), "-"] * PASSES)
    expect_equal("exit status", done.status, 0)
    deaths = len(re.findall(r"\[init\] module-disk: is started again", done.log))
    if deaths < PASSES:
        raise Failed(f"the server has ended only {deaths} times")
    if "I/O error" in done.log:
        raise Failed("Linux has seen an error")


def test_gone(log):
    """The last life of the server: what was asked, and what is asked from then on, is an error, and Linux goes on."""
    command = f"({READS}); echo status $?; echo 3 > /proc/sys/vm/drop_caches; head -c 1 /dev/vda 2>&1 | grep -o 'I.*'; echo still here"
    done = run(log, command, ('binary = "module-disk"', 'binary = "mortal-disk"'), ("restarts = <1000>", "restarts = <2>"))
    expect_equal("the end", done.text.splitlines()[-3:], ["status 1", "Input/output error", "still here"])
    for line in ('Block session "test.disk" is over', "I/O errors from now on"):
        if line not in done.log:
            raise Failed(f"no line {line!r}")


def suites():
    functions = {"linux-disk/mortal": test_mortal, "linux-disk/gone": test_gone}
    return [Suite(list(functions), one_by_one(functions))]
