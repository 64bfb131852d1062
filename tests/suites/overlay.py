# SPDX-License-Identifier: MIT
"""The overlay changes no file of a vanilla tree, and one set of files builds on each version."""
import linux
from common import TOP, tested_versions, tool
from suites.testing import ON_DEMAND, Failed, Suite, one_by_one


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


def test_compiles(version):
    """The overlay alone, where nobody waits for the whole."""

    def run(log):
        linux.unpack(version)
        log.write_bytes(tool(TOP / "linux/build", version, "arch/purlin/"))

    return run


def suite(functions, *linuxes):
    return Suite(list(functions), one_by_one(functions), linuxes=linuxes)


def suites():
    parts = {f"overlay/compiles-{version}": test_compiles(version) for version in ON_DEMAND if version in tested_versions()}
    parts |= {f"overlay/pure-{version}": test_pure(version) for version in tested_versions()}
    whole = [suite({f"overlay/build-{version}": test_build(version)}, version) for version in tested_versions()]
    return [suite(parts), *whole]
