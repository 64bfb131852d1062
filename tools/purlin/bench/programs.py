# SPDX-License-Identifier: MIT
"""Debian's programs for the macro benchmark with the libraries they need, from unpacked packages: nothing is installed."""
import os
import re
import subprocess
from pathlib import Path

from bench import debian
from common import Refused

LIBRARIES = "macro/lib"
MOST_ROUNDS = 6


def depends(package):
    """The libraries a package asks for."""
    listed = subprocess.run(
        ["apt-cache", "depends", "--important", package], stdout=subprocess.PIPE, text=True, check=False
    ).stdout
    return [name for name in re.findall(r"Depends: (lib\S+)", listed) if name not in ("libc6", "libgcc-s1")]


def library_folders(packages):
    """Where libraries lie: the linker's usual folders and those some packages keep for themselves."""
    found = set()
    for package in packages:
        for library in debian.unpacked(package).rglob("*.so*"):
            found.add(str(library.parent))
    return sorted(found)


def linked(program, packages):
    """({library: file}, [missing]) of a program."""
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(library_folders(packages))}
    listed = subprocess.run(
        ["ldd", str(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment
    ).stdout
    missing = re.findall(r"(\S+) => not found", listed)
    return {Path(path).name: Path(path) for path in re.findall(r"(/\S+) \(0x", listed)}, missing


def libraries(package, program):
    """({library: file}, packages) for a program; further packages are fetched as long as a library is missing."""
    packages, level = [package], depends(package)
    for _ in range(MOST_ROUNDS):
        found, missing = linked(program, packages)
        if not missing:
            return found, packages
        packages += [name for name in level if name not in packages]
        level = [deeper for name in level for deeper in depends(name)]
    raise Refused(f"{program}: no package of {package}'s has {' '.join(missing)}", 1)


def program(package, path):
    return debian.unpacked(package) / path


def files(package, path):
    """{path in the archive: (bytes, mode)}: the program as macro/bin/NAME and its libraries."""
    binary = program(package, path)
    found, _ = libraries(package, binary)
    members = {f"macro/bin/{binary.name}": (binary.read_bytes(), 0o755)}
    for name, library in found.items():
        if not name.startswith("ld-linux"):
            members[f"{LIBRARIES}/{name}"] = (library.read_bytes(), 0o755)
    return members


def environment_here(package, path):
    """The environment to run the program on this machine."""
    _, packages = libraries(package, program(package, path))
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(library_folders(packages))}
