# SPDX-License-Identifier: MIT
"""The front door itself: bad input is refused before anything starts; --exec is clean; time limits hold."""
import hashlib
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import stick
import system
from common import TOP, bound
from cpio import Archive
from machine import QEMU
from suites.testing import FOLDER, Failed, Suite, expect_equal, one_by_one

# Files for bad input, made before a test needs them.
IMAGE, LINK, PIPE, EMPTY, LARGE, MANY = (str(FOLDER / f"bad-{name}") for name in "image link pipe empty large many".split())


def make_files():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, size in {IMAGE: 1 << 20, EMPTY: 0, LARGE: 32 << 20, **{f"{MANY}{number}": 512 for number in range(17)}}.items():
        with open(path, "wb") as file:
            file.truncate(size)
    for path in (LINK, PIPE):
        Path(path).unlink(missing_ok=True)
    Path(LINK).symlink_to(IMAGE)
    os.mkfifo(PIPE)


# What is refused: arguments, and what the one line must name.
BAD = {
    "no-such-command": (["walk"], "walk"),
    "no-such-scenario": (["run", "no-such"], "no-such"),
    "no-such-file": (["run", "/no/such.dts"], "/no/such.dts"),
    "no-such-option": (["run", "--fast"], "--fast"),
    "no-value": (["run", "--smp"], "--smp"),
    "no-processors": (["run", "--smp", "0"], "--smp 0"),
    "not-a-number": (["run", "--smp", "two"], "--smp two"),
    "not-a-size": (["run", "--mem", "much"], "--mem much"),
    "too-little-memory": (["run", "--mem", "1M"], "--mem 1M"),
    "linux-version": (["run", "--linux", "5.4"], "--linux 5.4"),
    "missing-stick": (["run", "--stick", "/no/such.img"], "/no/such.img"),
    "stick-is-folder": (["run", "--stick", "/tmp"], "/tmp"),
    "stick-odd-size": (["run", "--stick", str(TOP / "README.md")], "README.md"),
    "missing-disk": (["run", "--disk", "/no/disk"], "/no/disk"),
    "missing-initrd": (["run", "--initrd", "/no/initrd"], "/no/initrd"),
    "unwritable-log": (["run", "--log", "/no/such/folder/log"], "/no/such/folder/log"),
    "empty-command": (["run", "--exec", " "], "--exec"),
    "exec-and-initrd": (["run", "--exec", "true", "--initrd", "/etc/passwd"], "--initrd"),
    "negative-time": (["run", "--timeout", "-1"], "--timeout -1"),
    "usb-kind": (["run", "--usb", "thunderbolt"], "--usb thunderbolt"),
    "irq-kind": (["run", "--usb", "uhci", "--irq", "msi"], "--irq msi"),
    "iommu-kind": (["run", "--iommu", "magic"], "--iommu magic"),
    "untrusted-without-iommu": (["run", "usb", "--iommu", "none"], "trusted-dma"),
    "no-such-qemu": (["run", "--qemu", "/no/qemu"], "--qemu: /no/qemu"),
    "qemu-that-is-none": (["run", "--qemu", "/bin/true"], "--qemu: /bin/true"),
    "qemu-is-folder": (["run", "--qemu", "/tmp"], "--qemu: /tmp"),
    "qemu-in-bochs": (["run", "hello", "--qemu", QEMU, "--emulator", "bochs"], "--qemu"),
    "image-with-qemu": (["image", "--qemu", QEMU], "--qemu"),
    "given-twice": (["run", "--smp", "1", "--smp", "2"], "--smp"),
    "underscored-number": (["run", "--smp", "1_0"], "--smp 1_0"),
    "not-a-time": (["run", "--timeout", "nan"], "--timeout nan"),
    "too-many-processors": (["run", "--smp", "65"], "--smp 65"),
    "flag-with-value": (["run", "--icount=no"], "--icount=no"),
    "long-command-line": (["run", "--append", "x" * 1025], "--append"),
    "command-line-of-two": (["run", "--append", "a\nb"], "--append"),
    "unused-command-line": (["run", "hello", "--append", "quiet"], "--append"),
    "unused-controller": (["run", "linux", "--usb", "ehci"], "--usb"),
    "unused-stick": (["run", "linux", "--stick", IMAGE], "--stick"),
    "unused-disk": (["run", "linux", "--disk", IMAGE], "--disk"),
    "served-disks-missing": (["run", str(TOP / "tests/components/served/disks-only.dts")], "the machine has none of those"),
    "unused-initrd": (["run", "hello", "--initrd", "/etc/passwd"], "--initrd"),
    "same-image": (["run", "--stick", IMAGE, "--disk", LINK], "named twice"),
    "log-over-image": (["run", "--stick", IMAGE, "--log", LINK], "--log"),
    "log-is-pipe": (["run", "--log", PIPE], PIPE),
    "log-is-folder": (["run", "--log", "/tmp"], "/tmp"),
    "stick-is-device": (["run", "--stick", "/dev/null"], "/dev/null"),
    "empty-initrd": (["run", "--initrd", EMPTY], EMPTY),
    "large-initrd": (["run", "--mem", "64M", "--initrd", LARGE], LARGE),
    "many-disks": (["run", *(word for number in range(17) for word in ("--disk", f"{MANY}{number}"))], "--disk"),
    "screen-of-native": (["run", "native", "--screen"], "--screen"),
    "screen-in-bochs": (["run", "hello", "--screen", "--emulator", "bochs"], "--screen"),
    "debian-in-usb": (["run", "usb", "--debian"], "--debian"),
    "lean-debian-of-duo": (["run", "duo", "--debian", "--config", "lean"], "--config"),
    "ssh-without-debian": (["run", "usb", "--ssh", "2222"], "--ssh"),
    "instances-of-usb": (["run", "usb", "--instances", "2"], "--instances"),
    "instances-of-native": (["run", "native", "--instances", "2"], "--instances"),
    "lending-of-usb": (["run", "usb", "--lend", "pool"], "--lend"),
    "lending-of-nothing": (["run", "duo", "--lend", "nothing"], "--lend nothing"),
    "no-instance": (["run", "many", "--instances", "0"], "--instances"),
    "seventeen-instances": (["run", "many", "--instances", "17"], "--instances"),
    "root-disk-of-native": (["run", "native", "--root-on", "nvme"], "--root-on"),
    "unknown-root-disk": (["run", "debian", "--root-on", "tape"], "--root-on"),
    "unknown-configuration": (["run", "usb", "--config", "fat"], "--config"),
    "unused-configuration": (["run", "hello", "--config", "full"], "--config"),
    "lean-debian": (["run", "debian", "--config", "lean"], "--config"),
    "initrd-of-debian": (["run", "debian", "--initrd", "/etc/passwd"], "--initrd"),
    "image-of-debian": (["image", "debian"], "debian"),
    "screen-of-duo-debian": (["run", "duo", "--debian", "--screen"], "--screen"),
    "debian-in-bochs": (["run", "debian", "--emulator", "bochs"], "--emulator bochs"),
    "too-little-for-debian": (["run", "debian", "--mem", "64M"], "debian.dts"),
    "image-with-screen": (["image", "--screen"], "--screen"),
    "devices-of-native": (["devices", "native"], "native"),
    "devices-with-command": (["devices", "--exec", "true"], "--exec"),
    "devices-without-platform": (["devices", "hello"], "hello"),
    "devices-in-bochs": (["devices", "edu", "--emulator", "bochs"], "--emulator"),
    "image-of-native": (["image", "native"], "native"),
    "image-with-timeout": (["image", "--timeout", "5"], "--timeout"),
    "image-with-log": (["image", "--log", "/dev/null"], "--log"),
    "image-for-qemu": (["image", "--", "-s"], "--"),
    "debug-with-command": (["debug", "--exec", "true"], "--exec"),
    "debug-with-timeout": (["debug", "--timeout", "5"], "--timeout"),
    "bench-option": (["bench", "--fast"], "--fast"),
    "bench-word": (["bench", "no/such"], "no/such"),
    "bench-linux": (["bench", "--linux", "5.4"], "--linux 5.4"),
    "bench-kernel-place": (["bench", "kernel", "native"], "native"),
    "test-option": (["test", "--fast"], "--fast"),
    "test-two-patterns": (["test", "a", "b"], "b"),
    "test-all-and-pattern": (["test", "--all", "host"], "host"),
    "check-no-such": (["check", "no-such"], "no-such"),
    "no-such-linux": (["run", "two", "--in", "middle", "--exec", "true"], "left, right"),
    "several-linux": (["run", "two", "--exec", "true"], "--in"),
    "in-without-linux": (["run", "hello", "--in", "linux"], "--in linux"),
    "in-native": (["run", "native", "--in", "linux"], "--in linux"),
    "two-scenarios": (["run", "native", "native"], "native"),
    "no-such-test": (["test", "no-such-test-anywhere"], "no-such-test-anywhere"),
    "no-such-fuzz-target": (["fuzz", "no-such"], "no-such"),
    "fuzz-no-time": (["fuzz", "pages", "--time", "0"], "--time 0"),
    "fuzz-no-input": (["fuzz", "pages", "--input", "/no/input"], "/no/input"),
    "fuzz-no-such-fault": (["fuzz", "pages", "--fault", "no-such"], "no-such"),
    "no-such-image": (["image", "no-such"], "no-such"),
}
REFUSED_WITHIN_SECONDS = 100


def purlin(arguments, timeout=900):
    return subprocess.run(
        bound([sys.executable, "-B", TOP / "tools/purlin", *arguments]),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False,
    )  # fmt: skip


def test_refused(arguments, named):
    def run(log):
        make_files()
        started = time.monotonic()
        done = purlin(arguments)
        log.write_bytes(done.stdout + done.stderr)
        said = done.stderr.decode()
        if done.returncode == 0:
            raise Failed("was accepted")
        expect_equal("standard output", done.stdout, b"")
        if named not in said or "Traceback" in said:
            raise Failed(f"did not name {named!r}: {said!r}")
        if time.monotonic() - started > REFUSED_WITHIN_SECONDS:
            raise Failed("took long to refuse")

    return run


SCENARIOS = ("usb", "native")
KINDS = (system.SOURCE_VERSION, "native")


def execute(scenario, command, *more, timeout=600):
    return purlin(["run", scenario, "--timeout", str(timeout), *more, "--exec", command])


def test_status(scenario, log):
    for status in (0, 1, 42, 255):
        done = execute(scenario, f"exit {status}")
        log.write_bytes(done.stderr)
        expect_equal("exit status", done.returncode, status)
        expect_equal("standard output", done.stdout, b"")
    expect_equal("status of a command killed by a signal", execute(scenario, "kill -9 $$").returncode, 137)


def test_binary(scenario, log):
    """Every byte value, a megabyte of noise, no newline at the end."""
    command = "i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %03o $i)\"; i=$((i + 1)); done; "
    done = execute(scenario, command + "dd if=/dev/urandom of=/tmp/r bs=1024 count=1024 2>/dev/null; cat /tmp/r; sha256sum < /tmp/r")
    log.write_bytes(done.stderr)
    expect_equal("exit status", done.returncode, 0)
    expect_equal("the first bytes", done.stdout[:256], bytes(range(256)))
    noise, said = done.stdout[256 : 256 + (1 << 20)], done.stdout[256 + (1 << 20) :]
    expect_equal("sum of the noise", said.split()[0], hashlib.sha256(noise).hexdigest().encode())


def test_both_outputs(scenario, log):
    done = execute(scenario, "echo out; echo err >&2; cat; printf end")
    log.write_bytes(done.stderr)
    expect_equal("output", done.stdout, b"out\nerr\nend")


def test_quoting(scenario, log):
    done = execute(scenario, """printf '%s|' "a  b" 'c"d' $'e' "\\$HOME" '*'\nprintf 'second line\\n'""")
    log.write_bytes(done.stderr)
    expect_equal("output", done.stdout, b"""a  b|c"d|e|$HOME|*|second line\n""")


def test_timeout(scenario, log):
    """The longer limits are for machines on which Linux needs longer to come up."""
    for limit in (15, 60, 240):
        started = time.monotonic()
        done = execute(scenario, "echo early; sleep 10000", timeout=limit)
        log.write_bytes(done.stderr)
        expect_equal("exit status", done.returncode, 124)
        if not limit - 1 < time.monotonic() - started < limit + 285:
            raise Failed(f"ended after {time.monotonic() - started:.0f} s")
        if done.stdout:
            break
    expect_equal("output before the limit", done.stdout, b"early\n")


def test_panic(scenario, log):
    done = execute(scenario, "echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger")
    log.write_bytes(done.stderr)
    if done.returncode in (0, 124):
        raise Failed(f"exit status {done.returncode} for a Linux that panicked")
    if b"the end of" not in done.stderr or b"panic" not in done.stderr:
        raise Failed("the end of the serial log was not shown")


def test_log(scenario, log):
    done = execute(scenario, "echo to the console > /dev/console", "--log", str(log))
    expect_equal("exit status", done.returncode, 0)
    text = log.read_text(errors="replace")
    if "Linux version" not in text or "to the console" not in text:
        raise Failed("the serial log is not complete")


def test_append(scenario, log):
    done = execute(scenario, "cat /proc/cmdline", "--append", "one=1 two=\"a b\"")
    log.write_bytes(done.stderr)
    if b'one=1 two="a b"' not in done.stdout:
        raise Failed(f"command line: {done.stdout!r}")


def test_initrd(scenario, log):
    """A foreign initramfs: its /init runs, its console is stdout, power-off ends the run."""
    archive = Archive()
    for folder in ("dev", "bin"):
        archive.folder(folder)
    archive.device("dev/console", 0o600, 5, 1)
    archive.file("bin/busybox", open("/usr/bin/busybox", "rb").read(), 0o755)
    archive.file("init", b"#!/bin/busybox sh\necho foreign init\n/bin/busybox poweroff -f\n", 0o755)
    image = FOLDER / f"{log.stem}.cpio"
    image.write_bytes(archive.finish())
    done = purlin(["run", scenario, "--timeout", "300", "--initrd", str(image)])
    log.write_bytes(done.stdout + done.stderr)
    expect_equal("exit status", done.returncode, 0)
    if b"foreign init" not in done.stdout:
        raise Failed("the console did not come to standard output")


def test_disk(scenario, log):
    image = FOLDER / f"{log.stem}.img"
    image.write_bytes(stick.ext4({"on-disk": b"yes\n"}))
    done = execute(scenario, "mount /dev/vda /mnt && cat /mnt/on-disk && echo back > /mnt/new", "--disk", str(image))
    log.write_bytes(done.stderr)
    expect_equal("output", done.stdout, b"yes\n")


def untranslated_disk(extra, missing, log):
    """
    Such a device takes what Linux thinks are physical addresses, not bus addresses: it would reach the memory of others.
    Linux has to refuse it, and say so.
    """
    image = FOLDER / f"{log.stem}.img"
    image.write_bytes(bytes(1 << 20))
    qemu = ["--", "-drive", f"if=none,id=disk,format=raw,file={image}", "-device", f"virtio-blk-pci,drive=disk{extra}"]
    command = "ls /sys/block | grep vd; dmesg | grep -o 'device must provide VIRTIO_F_.*'"
    done = purlin(["run", "usb", "--timeout", "300", "--exec", command, *qemu])
    log.write_bytes(done.stderr)
    expect_equal("output", done.stdout, f"device must provide {missing}\n".encode())


def test_icount(scenario, log):
    done = execute(scenario, "echo counted", "--icount", "--smp", "1")
    log.write_bytes(done.stderr)
    expect_equal("output", done.stdout, b"counted\n")


UNTRANSLATED = {
    "untranslated": (",disable-legacy=on", "VIRTIO_F_ACCESS_PLATFORM"),
    "transitional": (",disable-legacy=off", "VIRTIO_F_ACCESS_PLATFORM"),
}


def suites():
    refused = {f"front-door/refuses-{name}": test_refused(*case) for name, case in BAD.items()}
    functions = {scenario: {} for scenario in SCENARIOS}
    for name, function in globals().items():
        if name.startswith("test_") and name != "test_refused":
            for scenario, those in functions.items():
                those[f"front-door/{scenario}-{name.removeprefix('test_').replace('_', '-')}"] = partial(function, scenario)
    for name, case in UNTRANSLATED.items():
        functions["usb"][f"front-door/usb-{name}-disk"] = partial(untranslated_disk, *case)
    return [
        Suite(list(refused), one_by_one(refused), linuxes=()),
        *(Suite(list(those), one_by_one(those), linuxes=(kind,)) for kind, those in zip(KINDS, functions.values())),
    ]
