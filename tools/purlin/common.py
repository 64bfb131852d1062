# SPDX-License-Identifier: MIT
"""What all parts share: where things are, how to speak, how to refuse, how to run a tool."""
import fcntl
import fnmatch
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
LINUX_VERSIONS = ("6.12", "6.1", "7.3", "7.2")
# Those that the tests leave out unless PURLIN_TEST_LINUX names them: others stand on both sides of it.
BETWEEN_TESTED = ("7.2",)
# Of Linux (docs/configurations.md); the first is the default.
CONFIGURATIONS = ("lean", "full")


class Refused(Exception):
    """The request cannot be met; the text names place and reason."""

    def __init__(self, text, status=2):
        super().__init__(text)
        self.status = status


def say(text):
    """To the person: stderr, since stdout belongs to what runs in Linux."""
    print(f"purlin: {text}", file=sys.stderr, flush=True)


def processors():
    return len(os.sched_getaffinity(0))


def tested_versions():
    """The versions of Linux that the tests build and run."""
    wanted = os.environ.get("PURLIN_TEST_LINUX", "").split()
    unknown = sorted(set(wanted) - set(LINUX_VERSIONS))
    if unknown:
        raise Refused(f"PURLIN_TEST_LINUX: no version {' or '.join(unknown)}; there are {', '.join(LINUX_VERSIONS)}")
    return [version for version in LINUX_VERSIONS if version in wanted or version not in BETWEEN_TESTED]


def shown(path):
    """A path as a person at the top of the repository would write it."""
    path = Path(path)
    return str(path.relative_to(TOP)) if path.is_relative_to(TOP) else str(path)


def chosen(names, pattern):
    """Those that a pattern with wildcards, a whole name or a part of names means."""
    if not pattern:
        return list(names)
    if any(letter in pattern for letter in "*?["):
        return [name for name in names if fnmatch.fnmatch(name, pattern)]
    exact = [name for name in names if name == pattern]
    return exact or [name for name in names if pattern in name]


def tool(*command, **options):
    """Run a tool quietly; what it said is shown only if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        bound(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    if done.returncode != 0:
        text = done.stdout.decode(errors="replace").strip()
        raise Refused(f"{' '.join(words)[:200]} failed ({done.returncode}):\n{text}", 1)
    return done.stdout


def bound(command, signal="TERM"):
    """A command that gets the signal when the thread that started it ends, even if we are killed."""
    return ["setpriv", "--pdeathsig", signal, *(str(word) for word in command)]


def write_if_changed(path, content):
    """Keep the file's time when nothing changed, so that nothing is rebuilt for it."""
    path = Path(path)
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content)
    new.rename(path)
    return True


@contextmanager
def locked(name):
    """One process at a time does this; others wait and then find it done."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / f".{name}.lock", "w") as lock:
        # Only a long wait is worth a word.
        word = threading.Timer(2, say, [f"waiting for another purlin that works on {name}"])
        word.start()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        finally:
            word.cancel()
        yield
