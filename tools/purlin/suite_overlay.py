# SPDX-License-Identifier: MIT
"""The overlay changes no file of a vanilla tree, and one set of files builds on each version."""
import os

import linux
from common import LINUX_VERSIONS
from testing import Failed, Suite, one_by_one

# All that may be there besides what the package holds (linux/compose refuses anything else).
OURS = "arch/purlin"


def test_pure(version):
    def run(log):
        with open(log, "w") as report:
            differences = compare(version)
            report.write("\n".join(differences) + "\n")
        if differences:
            raise Failed(f"{len(differences)} differences to the Debian package, the first: {differences[0]}")

    return run


def compare(version):
    """Differences between the composed tree and a fresh reading of the package's tarball."""
    tree = linux.tree(version)
    wanted = linux.manifest(version)
    differences = []
    for folder, folders, files in os.walk(tree):
        here = os.path.relpath(folder, tree)
        if here == "arch" and "purlin" in folders:
            folders.remove("purlin")
        for name in files + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            path = os.path.normpath(os.path.join(here, name))
            if path not in wanted:
                differences.append(f"new: {path}")
            elif linux.measure(tree / path) != wanted.pop(path):
                differences.append(f"changed: {path}")
    differences += [f"gone: {path}" for path in wanted if not (tree / path).exists() and not (tree / path).is_symlink()]
    return sorted(differences)


def test_build(version):
    def run(log):
        log.write_text(f"see build/linux/{version}-purlin/build.log\n")
        linux.build_purlin(version)

    return run


def suites():
    functions = {f"overlay/build-{version}": test_build(version) for version in LINUX_VERSIONS}
    functions |= {f"overlay/pure-{version}": test_pure(version) for version in LINUX_VERSIONS}
    return [Suite(list(functions), one_by_one(functions))]
