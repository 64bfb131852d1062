# SPDX-License-Identifier: MIT
"""The overlay changes no file of a vanilla tree, and one set of files builds on each version."""
import linux
from common import tested_versions
from suites.testing import Failed, Suite, one_by_one


def test_pure(version):
    def run(log):
        with open(log, "w") as report:
            differences = linux.differences(version)
            report.write("\n".join(differences) + "\n")
        if differences:
            raise Failed(f"{len(differences)} differences to the Debian package, the first: {differences[0]}")

    return run


def test_build(version):
    def run(log):
        log.write_text(f"see build/linux/{version}-purlin/build.log\n")
        linux.build_purlin(version)

    return run


def suites():
    functions = {f"overlay/build-{version}": test_build(version) for version in tested_versions()}
    functions |= {f"overlay/pure-{version}": test_pure(version) for version in tested_versions()}
    return [Suite(list(functions), one_by_one(functions), linuxes=tuple(tested_versions()))]
