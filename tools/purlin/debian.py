# SPDX-License-Identifier: MIT
"""
Packages of other Debian suites, unpacked under build/: the system's apt configuration, lists and packages stay
as they are.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

from common import BUILD, Refused, locked, say, tool

FOLDER = BUILD / "debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DEFAULT_MIRROR = "http://deb.debian.org/debian"
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d")
OWN = "(as this system has it)"


def mirror():
    """Where this machine gets Debian's own packages from."""
    files = [Path(SOURCES[0]), *sorted(Path(SOURCES[1]).glob("*"))]
    for file in filter(Path.is_file, files):
        text = re.sub(r"^#.*", "", file.read_text(errors="replace"), flags=re.MULTILINE)
        found = re.search(r"(?:^URIs:\s*|^deb\s+(?:\[.*?\]\s+)?)(\S+/debian)/?\s", text, re.MULTILINE)
        if found:
            return found[1]
    return DEFAULT_MIRROR


class Suite:
    """One suite (trixie, sid, trixie-backports): lists and cache of its own; or OWN, what the system's apt knows."""

    def __init__(self, name):
        self.name = name
        self.folder = FOLDER / name

    def options(self):
        if self.name == OWN:
            return ["-o", "APT::Sandbox::User=root"]
        words = {
            "Dir::Etc::SourceList": self.folder / "sources.list",
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null",
            "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::State": self.folder / "state",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            "APT::Architecture": "amd64",
            "APT::Sandbox::User": "root",
            "Debug::NoLocking": "true",
        }
        return [word for key, value in words.items() for word in ("-o", f"{key}={value}")]

    def apt(self, *words, folder=None):
        done = subprocess.run(
            ["apt-get", "-q", *self.options(), *words], cwd=folder or self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        if done.returncode:
            raise Refused(f"Debian {self.name}: apt-get {words[0]} failed:\n{done.stdout.strip()}", 1)
        return done.stdout

    def update(self):
        if shutil.which("apt-get") is None:
            raise Refused(f"this is not Debian: no packages of its suite {self.name} can be fetched", 1)
        if self.name == OWN:
            self.apt("update", folder="/")
            return
        for part in ("state/lists/partial", "cache/archives/partial"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        key = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
        (self.folder / "sources.list").write_text(f"deb {key}{mirror()} {self.name} main\n")
        self.apt("update", "-o", "APT::Update::Error-Mode=any")

    def download(self, packages, folder):
        """The .deb files of the packages; lists that are old get read anew."""
        try:
            self.apt("download", *packages, folder=folder)
        except (Refused, FileNotFoundError):
            self.update()
            self.apt("download", *packages, folder=folder)


def dependency(package):
    """The one package that this one stands for, as `linux-image-6.12-amd64` does for the newest such kernel."""
    shown = subprocess.run(
        ["apt-cache", "depends", "--no-recommends", "--no-suggests", package],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False, env={**os.environ, "LC_ALL": "C"},
    ).stdout  # fmt: skip
    named = re.findall(r"^  Depends: (\S+)$", shown, re.MULTILINE)
    if len(named) != 1:
        raise Refused(f"package {package}: apt-cache names no kernel for it", 1)
    return named[0]


def fetch(name, suite, packages):
    """
    The packages' files below build/tools/NAME, all unpacked into one tree; nothing is done when they are there. For
    another suite or other packages the tree is made anew.
    """
    folder = BUILD / "tools" / name
    stamp = folder / ".fetched"
    wanted = f"{suite} {' '.join(packages)}\n"
    with locked("debian"):
        if stamp.exists() and stamp.read_text() == wanted:
            return folder
        say(f"fetching {', '.join(packages)} of Debian {suite} into build/tools/{name}")
        shutil.rmtree(folder, ignore_errors=True)
        archives = FOLDER / suite / "debs"
        shutil.rmtree(archives, ignore_errors=True)
        archives.mkdir(parents=True)
        Suite(suite).download(packages, archives)
        for archive in sorted(archives.glob("*.deb")):
            folder.mkdir(parents=True, exist_ok=True)
            tool("dpkg-deb", "--extract", archive, folder)
        shutil.rmtree(archives)
        stamp.write_text(wanted)
    return folder
