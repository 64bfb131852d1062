# SPDX-License-Identifier: MIT
"""clang-tidy on every C file of ours, each with the options that make compiles it with by clang."""
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

import fuzz
import system
from check_tools import ours, output_of
from common import TOP, Refused, processors

TARGETS = ("all", "host-tests", "fuzz-targets", "linux-tests", "bench")
# Programs for Linux that make does not know: a script compiles them.
SCRIPTED = ["-std=gnu17", "-Wall", "-Wextra", "-I.", "-Iabi"]
# Harnesses of proofs are CBMC's: they include whole sources and call what has no body. The other is compiled in a
# copy of the kernel only (tests/suites/mortal.py).
NOT_COMPILED_HERE = ("tests/proofs/", "tests/components/deaths/kernel_mortal.c")
FOREIGN = ("build/", "drivers/platform/acpica/")
FINDING = re.compile(r"^(\S+:\d+:\d+: )?(fatal )?(error|warning): ")


def commands():
    """The compiler's command lines, as make would run them for a build from nothing."""
    done = subprocess.run(
        ["make", "-nB", "V=1", "CC=clang", *TARGETS], cwd=TOP, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Refused(f"make -nB failed: {done.stderr.strip()}", 1)
    lines = done.stdout.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if re.match(r"(clang|gcc) ", line)]


def options_of(command):
    """What the analysis needs of a command line; warnings only where they are meant for clang."""
    kept, words = [], iter(command[1:])
    for word in words:
        if word in ("-isystem", "-iquote", "-include"):
            kept += [word, next(words)]
        elif word == "-o":
            next(words)
        elif word.startswith("-W") and not word.startswith("-Wl,"):
            kept += [word] if command[0] == "clang" else []
        elif re.match(r"-([DIfmnps]|O\d)", word) and word != "-shared":
            kept.append(word)
    return kept


def compiled():
    """{file: options}; of a file that is compiled several times, the first: the product, not its test."""
    sources = {name for name in ours("c") if name.endswith(".c") and not name.startswith(NOT_COMPILED_HERE)}
    found = {}
    for command in commands():
        for name in sources.intersection(command):
            found.setdefault(name, options_of(command))
    return found | {name: SCRIPTED for name in sources - found.keys()}


def tidy(name, options):
    for line in output_of("clang-tidy", "--quiet", name, "--", *options):
        line = line.removeprefix(f"{TOP}/")
        finding = FINDING.match(line)
        if finding and not line.startswith(FOREIGN):
            yield line if finding[1] else f"{name}: {line}"


def check():
    system.make_all()
    if fuzz.make("fuzz-headers").returncode:
        raise Refused("make fuzz-headers failed", 1)
    files = compiled()
    with ThreadPoolExecutor(processors()) as pool:
        return sorted({line for lines in pool.map(lambda item: list(tidy(*item)), files.items()) for line in lines})
