# SPDX-License-Identifier: MIT
"""The overlay changes no file of a vanilla tree, and one set of files builds on each version."""
import linux
from common import TOP, tested_versions, tool
from suites.testing import ON_DEMAND, Failed, Suite, expect_equal, one_by_one


def test_pure(version):
    def run(log):
        with open(log, "w") as report:
            differences = linux.differences(linux.tarball(version), linux.unpack(version))
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


def damage(top):
    """A file, a right and a link are changed, a file and the folder of one are gone, and some are new."""
    (top / "Makefile").write_text("all: ;\n")
    (top / "run").chmod(0o644)
    (top / "link").unlink()
    (top / "link").symlink_to("run")
    tool("rm", "-r", top / "mm")
    (top / "arch/purlin").mkdir()
    (top / "arch/purlin/Makefile").write_text("")
    (top / "arch/other").mkdir()
    (top / "new.c").write_text("")


def test_sees_changes(log):
    top, archive = log.with_suffix(".tree"), log.with_suffix(".tar.xz")
    tool("rm", "-rf", top)
    for folder in ("linux/arch", "linux/mm"):
        (top / folder).mkdir(parents=True)
    for name in ("Makefile", "run", "mm/slab.c"):
        (top / "linux" / name).write_text("any: ;\n")
    (top / "linux/run").chmod(0o755)
    (top / "linux/link").symlink_to("Makefile")
    tool("tar", "-C", top, "-cJf", archive, "linux")
    expect_equal("differences of what is as it was", linux.differences(archive, top / "linux"), [])
    damage(top / "linux")
    wanted = ["Makefile: Contents differ", "arch/other: new", "link: Symlink differs", "mm/slab.c: gone", "mm: gone", "new.c: new", "run: Mode differs"]
    expect_equal("differences", linux.differences(archive, top / "linux"), wanted)


def suite(functions, *linuxes):
    return Suite(list(functions), one_by_one(functions), linuxes=linuxes)


def suites():
    parts = {f"overlay/compiles-{version}": test_compiles(version) for version in ON_DEMAND if version in tested_versions()}
    parts["overlay/sees-changes"] = test_sees_changes
    parts |= {f"overlay/pure-{version}": test_pure(version) for version in tested_versions()}
    whole = [suite({f"overlay/build-{version}": test_build(version)}, version) for version in tested_versions()]
    return [suite(parts), *whole]
