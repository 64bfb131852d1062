# SPDX-License-Identifier: MIT
"""The Debian's root file system: made whole or not at all, and Linux says what is wrong with a disk that has none."""
import os
import shutil
import signal
import socket
import subprocess
import time
from collections import namedtuple
from functools import partial

import debian_root
import options as run_options
import stick
import system
from common import TOP, Refused, bound
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

MAKE_ROOT = TOP / "tools/debian/make-root"
# Stand in for the programs that need root and the network: the first writes into the file system and is busy then.
DONE = """#!/bin/sh
grep -q bookworm || exit 1 # the source list on standard input
for word; do [ "${word%/fs}" = "$word" ] || mkdir -p "$word/etc"; done
"""
BUSY = f"{DONE}echo busy\nexec sleep 600\n"
FAKES = {"id": "#!/bin/sh\necho 0\n", "mke2fs": "#!/bin/sh\n:\n", "mmdebstrap": BUSY}
WAIT_SECONDS = 60
MEMORY = "256M 512M 768M 1G 1536M 4G".split()


def make_folder(name, fakes):
    """A folder for the image, beside one with programs that come before the system's."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "images").mkdir(parents=True)
    programs = folder / "programs"
    programs.mkdir()
    for program, text in fakes.items():
        (programs / program).write_text(text)
        (programs / program).chmod(0o755)
    (folder / "list").write_text("deb http://nowhere/debian bookworm main\n")
    return folder


def start(script, folder):
    return subprocess.Popen(
        bound(["sh", script, folder / "images/one.img", "/etc/hostname", folder / "list"]), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, env={**os.environ, "PATH": f"{folder / 'programs'}:{os.environ['PATH']}"},
        # As from a terminal: Ctrl-C's signal is not ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip


def left_by(script, name, number):
    """The names that stay in the images' folder when the script is interrupted while the file system is made."""
    folder = make_folder(name, FAKES)
    with start(script, folder) as process:
        process.stdout.readline()
        process.send_signal(number)
        try:
            process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired as late:
            process.kill()
            raise Failed("went on after the signal") from late
        # Its end: nobody writes to the pipe any more, so what it had started has ended, too.
        process.stdout.read()
        if process.returncode == 0:
            raise Failed("ended with status 0")
    return sorted(path.name for path in (folder / "images").iterdir())


def interrupted(number, _log):
    expect_equal("left", left_by(MAKE_ROOT, f"make-root-{number}", number), [])


def interrupted_without_traps(_log):
    """The same must find that a script without traps leaves what it made."""
    copies = FOLDER / "make-root-copy"
    shutil.copytree(MAKE_ROOT.parent, copies, dirs_exist_ok=True)
    script = copies / "make-root"
    script.write_text("".join(line for line in MAKE_ROOT.read_text().splitlines(True) if not line.startswith("trap ")))
    if not left_by(script, "make-root-no-traps", signal.SIGTERM):
        raise Failed("nothing was left")


def after_a_killed_one(_log):
    """What one left that was killed goes when the next is made; the image stays, as it is whole."""
    folder = make_folder("make-root-after", {**FAKES, "mmdebstrap": DONE})
    (folder / "images/.root.killed/fs").mkdir(parents=True)
    with start(MAKE_ROOT, folder) as process:
        process.stdout.read()
    expect_equal("status", process.returncode, 0)
    expect_equal("left", [path.name for path in (folder / "images").iterdir()], ["one.img"])


def too_little_space(_log):
    usage = namedtuple("usage", "total used free")
    real = shutil.disk_usage
    shutil.disk_usage = lambda _path: usage(10**10, 8 * 10**9, 2 * 10**9)
    try:
        debian_root.check_space(TOP / "build/debian", 19 * 10**8, "an image")
        debian_root.check_space(TOP / "build/debian", 3 * 10**9, "an image")
    except Refused as refused:
        expect_equal("refused with", str(refused), "build/debian: an image takes 3.0 GB, and 2.0 GB are free")
    else:
        raise Failed("was accepted")
    finally:
        shutil.disk_usage = real


def port_in_use(_log):
    """Said before anything is built; and the port is free again when the other has gone."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        words = ["debian", "--ssh", str(other.getsockname()[1])]
        try:
            run_options.parse(words)
        except Refused as refused:
            expect_equal("refused with", str(refused), f"{' '.join(words[1:])}: port {words[2]} of 127.0.0.1 cannot be used: Address already in use")
        else:
            raise Failed("was accepted")
    run_options.parse(words)


def any_memory(_log):
    """Its Linux has the rest of a small machine and of a large one."""
    system.make_all()
    for size in MEMORY:
        system.check(run_options.parse(["debian", "--mem", size]))


def give_up(content, root, said, more, log):
    """Linux is told to go on with a system on a disk that has none: it says so, and the machine powers off."""
    disk = FOLDER / "no-system.img"
    disk.write_bytes(content())
    started = time.monotonic()
    words = ["usb", "--disk", str(disk), "--append", f"root={root}", "--timeout", "600", *more, "--exec", "true"]
    done = in_linux(words, log)
    if said not in done.log:
        raise Failed(f"did not say {said!r} within {time.monotonic() - started:.0f} s")
    expect_equal("status", done.status, 125)


def no_system():
    return stick.ext4({"a-file": b""}, label="purlin-debian")


def no_file_system():
    return bytes(1 << 20)


DISKS = {
    "no-system": (no_system, "LABEL=purlin-debian", "no system on the disk LABEL=purlin-debian: it has no /sbin/init", ()),
    "no-file-system": (no_file_system, "/dev/vda", "/dev/vda cannot be mounted", ()),
    # The machine's time runs as fast as it can: nobody waits for a minute and a half.
    "no-disk": (no_file_system, "LABEL=elsewhere", "there is no disk LABEL=elsewhere; powering off", ("--icount", "--smp", "1")),
}


def suites():
    disks = {f"debian-root/{name}": partial(give_up, *case) for name, case in DISKS.items()}
    host = {f"debian-root/interrupted-{number.name}": partial(interrupted, number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    host["debian-root/interrupted-without-traps"] = interrupted_without_traps
    host["debian-root/after-a-killed-one"] = after_a_killed_one
    host["debian-root/too-little-space"] = too_little_space
    host["debian-root/port-in-use"] = port_in_use
    host["debian-root/any-memory"] = any_memory
    return [Suite(list(disks), one_by_one(disks)), Suite(list(host), one_by_one(host), linuxes=())]
