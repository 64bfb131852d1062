# SPDX-License-Identifier: MIT
"""
Linux whose disks are sessions: it reads and writes while the server ends again and again, hears of an end for good, and
survives a server that plays foul.
"""
import hashlib
import re

from common import BUILD, TOP
from suites.testing import Failed, Suite, description, expect_equal, in_linux, one_by_one

SCENARIO = TOP / "scenarios/linux-disk.dts"
WRITTEN = TOP / "tests/components/disks/linux.dts"
DISK = BUILD / "components/test.disk"
MORTAL = ('binary = "module-disk"', 'binary = "mortal-disk"')
PASSES = 6
# Each page is a request: a server lives for about a hundred of them.
READS = f"""
echo 0 > /sys/block/vda/queue/read_ahead_kb
for pass in $(seq {PASSES}); do
	echo 3 > /proc/sys/vm/drop_caches
	sha256sum < /dev/vda || exit 1
done
"""
ROUNDS = 4


def files(goes_on):
    """Files on a file system, written and read back as long as a shell's condition holds; $round counts."""
    return f"""
mke2fs -F /dev/vda > /dev/null 2>&1 && mount -t ext4 /dev/vda /mnt || exit 1
round=0
while {goes_on}; do
	round=$((round + 1))
	for file in a b c; do head -c 300000 /dev/urandom > /mnt/$file$((round % 4)); done
	(cd /mnt && sha256sum [abc]*) > /tmp/sums
	sync
	umount /mnt
	echo 3 > /proc/sys/vm/drop_caches
	mount -t ext4 /dev/vda /mnt || exit 1
	(cd /mnt && sha256sum -c -s /tmp/sums) && echo round $round
done
umount /mnt
"""


# With what the disk itself says; then the other disk, whose server forgets.
WRITES = files(f"[ $round -lt {ROUNDS} ]") + """echo 0 > /sys/block/vdb/queue/read_ahead_kb
state() { awk '{print $1, $9}' /sys/block/vdb/stat; }
sha256sum /dev/vdb > /tmp/read 2> /dev/null < /dev/null &
until [ -s /tmp/read ]; do
	before="$(state)"
	sleep 2
	[ "$before" = "$(state)" ] && [ "${before#* }" != 0 ] && break
done
echo "the other waits: ${before#* }"
echo done
"""
# Disks that play foul as tests/components/disks/foul.h says: every question ends. Only the one whose configuration
# changes all the time goes on; what it shows may be anything.
FOULS = 9
FOUL = """
for disk in b c d e f g h i j; do
	for try in 1 2; do
		dd if=/dev/vd$disk of=/tmp/read bs=64k count=1 2> /dev/null && echo "$disk reads" || echo "$disk fails"
	done
done
echo 3 > /proc/sys/vm/drop_caches
head -c 1048576 /dev/zero > /tmp/zero
cmp -n 1048576 /tmp/zero /dev/vda && echo "vda is whole"
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'
"""
FOUL_SAYS = [f"{disk} {'reads' if disk == 'g' else 'fails'}" for disk in "bcdefghij" for _ in range(2)] + ["vda is whole"]


def contents_sum():
    """Of the disk, which ends with a whole sector."""
    contents = DISK.read_bytes()
    return hashlib.sha256(contents + bytes(-len(contents) % 512)).hexdigest()


def run(log, command, path, *changes):
    return in_linux([str(description(log.stem, path, *changes)), "--exec", command], log)


def count_deaths(done, name):
    return len(re.findall(rf"\[init\] {name}: is started again", done.log))


def test_mortal(log):
    done = run(log, READS, SCENARIO, MORTAL)
    expect_equal("sums", done.text.split(), [contents_sum(), "-"] * PASSES)
    expect_equal("exit status", done.status, 0)
    if count_deaths(done, "module-disk") < PASSES:
        raise Failed("the server has not ended often enough")
    if "I/O error" in done.log:
        raise Failed("Linux has seen an error")


def test_written(log):
    """What was written is there; a server that does not look at the record leaves the other disk's reader waiting."""
    done = run(log, WRITES, WRITTEN, ("SERVER", "mortal-ram-disk"), ("DISKS", '"whole", "forgets"'))
    lines = done.text.splitlines()
    expect_equal("rounds", lines[:4], [f"round {number}" for number in range(1, 5)])
    expect_equal("the end", lines[-1], "done")
    if not re.match(r"the other waits: [1-9]", lines[-2]):
        raise Failed(f"the disk without a record: {lines[4:]}")
    if count_deaths(done, "ram-disk") < 10:
        raise Failed("the server has not ended often enough")
    if "I/O error" in done.log:
        raise Failed("Linux has seen an error")


def test_gone(log):
    """The last life of the server: what was asked, and what is asked from then on, is an error, and Linux goes on."""
    command = f"({READS}); echo status $?; echo 3 > /proc/sys/vm/drop_caches; head -c 1 /dev/vda 2>&1 | grep -o 'I.*'; echo still here"
    done = run(log, command, SCENARIO, MORTAL, ("restarts = <1000>", "restarts = <2>"))
    expect_equal("the end", done.text.splitlines()[-3:], ["status 1", "Input/output error", "still here"])
    for line in ('Block session "test.disk" is over', "I/O errors from now on"):
        if line not in done.log:
            raise Failed(f"no line {line!r}")


def test_foul(log):
    labels = ", ".join(['"whole"', *[f'"foul-{number}"' for number in range(FOULS)]])
    done = run(log, FOUL, WRITTEN, ("SERVER", "foul-disk"), ("DISKS", labels))
    expect_equal("disks", done.text.splitlines(), FOUL_SAYS)


def suites():
    functions = {
        "linux-disk/mortal": test_mortal, "linux-disk/written": test_written, "linux-disk/gone": test_gone, "linux-disk/foul": test_foul,
    }  # fmt: skip
    return [Suite(list(functions), one_by_one(functions))]
