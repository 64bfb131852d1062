# SPDX-License-Identifier: MIT
"""Modules of Linux's configuration `full` for the initramfs."""
from pathlib import Path

import linux


def files(version, names):
    """The modules, those they need, and the lists by which modprobe finds them."""
    top = next((linux.built(version, False, "full") / linux.INSTALLED / "lib/modules").iterdir())
    needs = {}
    for line in (top / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        needs[Path(path).stem.replace("-", "_")] = [path, *rest.split()]
    paths = {path for name in names for path in needs.get(name.replace("-", "_"), [])}
    lists = [path.name for path in top.glob("modules.*")]
    return {f"lib/modules/{top.name}/{path}": ((top / path).read_bytes(), 0o644) for path in [*paths, *lists]}


def names(version):
    """All that there are, as /proc/modules has them."""
    top = linux.built(version, False, "full") / linux.INSTALLED / "lib/modules"
    return {path.stem.replace("-", "_") for path in top.glob("**/*.ko")}
