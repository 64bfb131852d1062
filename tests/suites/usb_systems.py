# SPDX-License-Identifier: MIT
"""Sticks as other systems make them: exFAT, NTFS, UDF and ISO 9660, written and read in one boot, then read by GRUB's code."""
import hashlib

from common import tool
from suites.testing import FOLDER, Failed, expect_equal, in_linux

MEBIBYTE = 1 << 20
SECONDS = 900
FILES = {"first": bytes(range(256)) * 40, "folder/a name that is longer than eight and three.txt": "größer\n".encode()}
# Each with the command that makes it empty and the one that finds it sound.
MADE = {
    "exfat": (["mkfs.exfat", "-L", "PURLIN"], ["fsck.exfat", "-n"]),
    "ntfs3": (["mkntfs", "-F", "-Q", "-q", "-L", "PURLIN"], ["ntfsfix", "-n"]),
    "udf": (["mkudffs", "--media-type=hd", "--blocksize=512", "--label=PURLIN"], None),
}
IMAGE = "iso9660"
# What is written is read again after a new mount; `look` only reads.
COMMAND = """
set -e
mkdir -p /written/folder && cd /written
head -c 5000000 /dev/urandom > random
echo a line > 'folder/Größe ∞'
cp -a folder 'a second folder with a name of its own'
find . -type f -exec sha256sum {} + | sort -k 2 > /sums
# Linux names disks in the order in which they answer.
at() { # port
	for block in /sys/block/sd?; do
		case $(readlink $block) in *-$1:1.0/*) echo /dev/${block##*/} ;; esac
	done
}
disk() { # device type
	mount -t $2 $1 /mnt
	cp -r /written/. /mnt
	echo gone > /mnt/gone && sync && rm /mnt/gone
	umount /mnt
	mount -r -t $2 $1 /mnt
	(cd /mnt && sha256sum -c /sums) > /result || cat /result
	grep ' /mnt ' /proc/mounts | cut -d ' ' -f 3
	umount /mnt
}
look() { # device type
	mount -r -t $2 $1 /mnt
	echo "FIRST  /mnt/first" | sha256sum -c > /result || cat /result
	grep ' /mnt ' /proc/mounts | cut -d ' ' -f 3
	umount /mnt
}
DISKS
mount -r -t iso9660 $(at 4.1) /mnt
grep ' /mnt ' /proc/mounts | cut -d ' ' -f 3
cd /mnt && find . -type f -exec sha256sum {} + | sort -k 2
sha256sum /written/random
"""


def command(read_only):
    disks = [f"{'look' if kind in read_only else 'disk'} $(at {port}) {kind}" for port, kind in enumerate(MADE, 1)]
    return COMMAND.replace("DISKS", "\n".join(disks)).replace("FIRST", hashlib.sha256(FILES["first"]).hexdigest())


def empty(name, kind):
    """`name`: the test's own, since other tests run at the same time."""
    path = FOLDER / f"{name}-{kind}.img"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(path, "wb") as new:
        new.truncate(64 * MEBIBYTE)
    tool(*MADE[kind][0], path)
    return path


def disc(name):
    """An ISO image with Rock Ridge, as xorriso makes it of files."""
    root, path = FOLDER / f"{name}-iso", FOLDER / f"{name}-{IMAGE}.img"
    for file, data in FILES.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(data)
    path.unlink(missing_ok=True)
    tool("xorriso", "-as", "mkisofs", "-quiet", "-r", "-J", "-joliet-long", "-o", path, root)
    return path


def read_back(path, name):
    target = path.with_suffix(".back")
    target.unlink(missing_ok=True)
    tool("grub-fstest", path, "cp", f"(loop0)/{name}", target)
    return target.read_bytes()


def check_written(kind, path, digest):
    """Linux and GRUB know these file systems by independent code; so does the tool that looks for damage."""
    expect_equal(f"{kind}: sum of the large file", hashlib.sha256(read_back(path, "random")).hexdigest(), digest)
    expect_equal(f"{kind}: the file with a long name", read_back(path, "folder/Größe ∞"), b"a line\n")
    if "gone" in tool("grub-fstest", path, "ls", "(loop0)/").decode().split():
        raise Failed(f"{kind}: a removed file is still there")
    if MADE[kind][1]:
        tool(*MADE[kind][1], path)


def add_first(path):
    """To an NTFS."""
    source = path.with_suffix(".first")
    source.write_bytes(FILES["first"])
    tool("ntfscp", path, source, "first")


def test(scenario, expect_ok, expect_clean, ntfs_grows):
    """Without `ntfs_grows` NTFS is only read."""
    read_only = () if ntfs_grows else ("ntfs3",)

    def run(log):
        images = {kind: empty(log.stem, kind) for kind in MADE}
        for kind in read_only:
            add_first(images[kind])
        words = list(scenario)
        for path in [*images.values(), disc(log.stem)]:
            words += ["--stick", str(path)]
        output = in_linux([*words, "--exec", command(read_only)], log, SECONDS)
        expect_ok(output)
        expect_clean(output)
        lines = output.text.splitlines()
        expect_equal("types mounted", lines[: len(MADE) + 1], [*MADE, IMAGE])
        sums = [f"{hashlib.sha256(data).hexdigest()}  ./{name}" for name, data in sorted(FILES.items())]
        expect_equal("sums of the ISO image", lines[len(MADE) + 1 : -1], sums)
        for kind, path in images.items():
            if kind not in read_only:
                check_written(kind, path, lines[-1].split()[0])

    return run
