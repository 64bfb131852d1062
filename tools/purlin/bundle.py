# SPDX-License-Identifier: MIT
"""The boot bundle: a cpio archive with page-aligned data (abi/purlin/boot.h)."""
from pathlib import Path

from common import Refused, shown
from cpio import PAGE, Archive


def make(members):
    """members: {name: path or bytes}, in this order. The names are what the scenario refers to."""
    archive = Archive(align=PAGE)
    for name, source in members.items():
        archive.file(name, content(name, source), 0o755)
    return archive.finish(PAGE)


def content(name, source):
    if isinstance(source, bytes):
        return source
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise Refused(f"bundle member {name}: {shown(source)}: {error.strerror}") from error
