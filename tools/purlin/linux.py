# SPDX-License-Identifier: MIT
"""Linux kernels: the pristine tree, the Purlin build (by linux/build) and the native one."""
import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import debian
import packages
from common import BUILD, TOP, Refused, bound, locked, processors, say, shown, tool, write_if_changed

FOLDER = BUILD / "linux"
# Steps make prints in a whole build, until a first build has counted them.
TYPICAL_STEPS = 1450
# Of the configuration `full`: its modules, below a build folder, and the size of their file system.
INSTALLED = "installed"
MODULES_BYTES = 512 << 20


def tarball(version):
    """The package's archive: this system's own, or that of a later suite, fetched into build/."""
    package = packages.linux_source(version)
    name = Path(f"usr/src/{package}.tar.xz")
    installed = Path("/") / name
    if installed.exists() or version not in packages.LATER_SUITES:
        return installed
    return debian.fetch(package, packages.LATER_SUITES[version], [package]) / name


def tree(version):
    return FOLDER / version


def tarball_identity(version):
    try:
        facts = tarball(version).stat()
    except OSError as error:
        raise Refused(f"{tarball(version)}: {error.strerror} (package linux-source-{version})", 1) from error
    return f"{tarball(version)} {facts.st_size} {int(facts.st_mtime)}\n"


def unpack(version):
    """The vanilla tree of the Debian package; unpacked again when the package changed."""
    stamp = FOLDER / f"{version}.unpacked"
    identity = tarball_identity(version)
    with locked(f"linux-{version}"):
        if tree(version).exists() and stamp.exists() and stamp.read_text() == identity:
            return tree(version)
        say(f"unpacking Linux {version}")
        fresh = FOLDER / f".unpacking-{version}"
        tool("rm", "-rf", fresh)
        fresh.mkdir(parents=True)
        tool("tar", "-C", fresh, "--strip-components=1", "-xJf", tarball(version))
        if tree(version).exists():
            old = FOLDER / f".old-{version}"
            tree(version).rename(old)
            tool("rm", "-rf", old)
        fresh.rename(tree(version))
        stamp.write_text(identity)
    return tree(version)


# What tar says of a file whose contents are the same.
HARMLESS = ("Mod time differs", "Uid differs", "Gid differs")


def compared(archive, top):
    """What tar says of an archive and the tree made of it: (paths in the archive, differences)."""
    done = subprocess.run(
        ["tar", "--compare", "--verbose", "--xz", "-f", archive, "--strip-components=1", "-C", top],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    gone = re.findall(r"^tar: (.+): Warning: Cannot stat: No such file or directory$", done.stderr, re.MULTILINE)
    if done.returncode > 1:
        raise Refused(f"{archive}: tar cannot compare it:\n{done.stderr.strip()[-2000:]}", 1)
    prefix, *lines = done.stdout.splitlines()
    members = {line.removeprefix(prefix).rstrip("/") for line in lines if line.startswith(prefix)}
    changed = [line for line in lines if not line.startswith(prefix) and not line.endswith(HARMLESS)]
    return members, changed + [f"{path}: gone" for path in gone]


def differences(archive, top):
    """What in a composed tree differs from the package's archive: linux/compose adds arch/purlin, and nothing else."""
    members, found = compared(archive, top)
    for folder, folders, files in os.walk(top):
        here = os.path.relpath(folder, top)
        if here == "arch" and "purlin" in folders:
            folders.remove("purlin")
        paths = (os.path.normpath(os.path.join(here, name)) for name in files + folders)
        found += [f"{path}: new" for path in paths if path not in members]
    return sorted(found)


class Progress:
    """Turns make's lines into a percentage: in place on a terminal, else every ten percent."""

    def __init__(self, title, expected):
        self.title, self.expected = title, max(expected, 1)
        self.steps = self.shown = 0
        self.live = sys.stderr.isatty()

    def line(self, text):
        if not text.startswith("  "):
            return
        self.steps += 1
        percent = min(99, self.steps * 100 // self.expected)
        if self.live:
            print(f"\rpurlin: {self.title}: {percent:3}% {text.strip()[:60]:60}", end="", file=sys.stderr, flush=True)
        elif percent >= self.shown + 10:
            self.shown = percent - percent % 10
            say(f"{self.title}: {self.shown}%")

    def end(self):
        if self.live and self.steps:
            print("\r" + " " * 100 + "\r", end="", file=sys.stderr, flush=True)


def logged_build(title, folder, command):
    """Run a build with progress on stderr; its whole output lies in folder/build.log."""
    log = folder / "build.log"
    count = folder / "build.steps"
    expected = int(count.read_text()) if count.exists() else TYPICAL_STEPS
    progress = Progress(title, expected)
    started = time.monotonic()
    with open(log, "w") as output, subprocess.Popen(
        bound(command),  # else it would go on, beside the next one, when we are interrupted
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=TOP,
        # A make of ours may be above: Linux's is not a part of it.
        env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")},
    ) as process:
        for text in process.stdout:
            output.write(text)
            progress.line(text)
    progress.end()
    if process.returncode != 0:
        tail = "\n".join(log.read_text().splitlines()[-25:])
        raise Refused(f"{title} failed; the end of {shown(log)}:\n{tail}", 1)
    if progress.steps > expected // 2:
        count.write_text(str(progress.steps))
    if progress.steps > 50:
        say(f"{title}: done in {time.monotonic() - started:.0f} s")


def fingerprint(*paths):
    """Changes when a file below one of the paths comes, goes or is written."""
    key = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                facts = file.stat()
                key.update(f"{file} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return key.hexdigest()


def up_to_date(folder, key):
    """Asking make costs ten seconds and more: only when an input changed since the last good build."""
    built = folder / "built"
    return (folder / "vmlinux").exists() and built.exists() and built.read_text() == key


def kind_of(native, configuration):
    """The suffix of the build folder: native, native-full, purlin, purlin-full."""
    return ("native" if native else "purlin") + ("-full" if configuration == "full" else "")


def built(version, native, configuration="lean"):
    """Where this Linux is built."""
    return FOLDER / f"{version}-{kind_of(native, configuration)}"


FRAGMENTS = {
    "native": ("common", "screen", "native"),
    "native-full": ("common", "screen", "full", "native"),
    "pti": ("common", "screen", "native", "pti"),
}


def fragments(kind):
    """What the configuration of a plain x86 kernel is made of; a later file has the last word."""
    return [TOP / f"linux/configs/{name}.config" for name in FRAGMENTS[kind]]


def configure_native(version, kind, folder):
    """One .config from the fragments; written only when they changed."""
    wanted = b"".join(path.read_bytes() for path in fragments(kind))
    if write_if_changed(folder / "all.config", wanted) or not (folder / ".config").exists():
        tool(
            "make", "-C", tree(version), f"O={folder}", "ARCH=x86",
            f"KCONFIG_ALLCONFIG={folder / 'all.config'}", "alldefconfig",
        )  # fmt: skip


def build_native(version, kind="native"):
    """Plain x86, started by QEMU through its PVH entry; path of the vmlinux to boot."""
    unpack(version)
    folder = FOLDER / f"{version}-{kind}"
    key = fingerprint(FOLDER / f"{version}.unpacked", *fragments(kind))
    with locked(f"linux-{version}-{kind}"):
        if not up_to_date(folder, key):
            folder.mkdir(parents=True, exist_ok=True)
            configure_native(version, kind, folder)
            make = ["make", "-C", tree(version), f"O={folder}", "ARCH=x86", f"-j{processors()}"]
            targets = ["vmlinux", "modules"] if kind.endswith("-full") else ["vmlinux"]
            logged_build(f"Linux {version} for plain x86 ({kind})", folder, [*make, *targets])
            if "modules" in targets:
                tool("rm", "-rf", folder / INSTALLED)
                tool(*make, f"INSTALL_MOD_PATH={folder / INSTALLED}", "INSTALL_MOD_STRIP=1", "modules_install")
            (folder / "built").write_text(key)
        return stripped(folder)


def build_purlin(version, configuration="lean"):
    """ARCH=purlin: the overlay beside the vanilla tree, built by linux/build; path of the vmlinux to boot."""
    unpack(version)
    folder = built(version, False, configuration)
    key = fingerprint(FOLDER / f"{version}.unpacked", TOP / "linux", TOP / "abi", TOP / "session")
    with locked(f"linux-{folder.name}"):
        if not up_to_date(folder, key):
            folder.mkdir(parents=True, exist_ok=True)
            command = [TOP / "linux/build", "--config", configuration, version]
            logged_build(f"Linux {version} for Purlin ({configuration})", folder, command)
            (folder / "built").write_text(key)
        return stripped(folder)


def modules_image(folder):
    """The modules of a Linux as an ext4 file system, to be mounted at /usr/lib/modules; made when they are newer."""
    image, installed = folder / "modules.img", folder / INSTALLED / "lib/modules"
    with locked(f"modules-{folder.name}"):
        if not image.exists() or image.stat().st_mtime < installed.stat().st_mtime:
            new = folder / ".modules.img"
            new.unlink(missing_ok=True)
            with open(new, "wb") as file:
                file.truncate(MODULES_BYTES)
            tool("mkfs.ext4", "-q", "-F", "-m", "0", "-L", "purlin-modules", "-E", "root_owner=0:0", "-d", installed, new)
            new.rename(image)
    return image


def stripped(folder):
    """A copy of vmlinux without symbols, made when vmlinux is newer."""
    image, small = folder / "vmlinux", folder / "vmlinux.stripped"
    if not small.exists() or small.stat().st_mtime < image.stat().st_mtime:
        tool("strip", "-o", small, image)
    return small
