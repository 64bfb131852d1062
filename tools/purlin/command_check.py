# SPDX-License-Identifier: MIT
"""./purlin check: what a reader should not have to check. Each check says what it found and where."""
import re
import time

import check_kernel_style
import check_tidy
import linux
import packages
import system
from check_tools import ours, output_of
from common import BUILD, LINUX_VERSIONS, TOP, Refused, chosen, say

MOST_LINES = 800
MOST_COLUMNS = 100
# Foreign files keep their own head; machine-made ones say so; data has no comments.
NO_LICENCE_LINE = re.compile(
    r"^LICENSES/|\.(aml|dump|img|bin|json|png|expected|dat|dsl|txt|patch)$|^\.gitignore$|\.md$|_defconfig$|^tools/initramfs/etc/|/acpi-tables/"
)


def check_format():
    found = []
    for line in output_of("clang-format", "--dry-run", "-Werror", *ours("c")):
        if "error:" in line:
            found.append(line)
    return found


def lines_of(name):
    return enumerate((TOP / name).read_text(errors="replace").splitlines(), 1)


def check_columns():
    """Of pages: tables and headings cannot be wrapped, nor what has no space in it."""
    found = []
    for name in ours("c"):
        for number, line in lines_of(name):
            if len(line.expandtabs(8)) > MOST_COLUMNS and "http" not in line:
                found.append(f"{name}:{number}: {len(line.expandtabs(8))} columns")
    for name in ours("text"):
        for number, line in lines_of(name) if name.endswith(".md") else ():
            if len(line) > MOST_COLUMNS and not line.startswith(("|", "#")) and " " in line.strip(" -*>"):
                found.append(f"{name}:{number}: {len(line)} columns")
    return found


def check_sizes():
    found = []
    for name in ours("text"):
        if re.search(r"\.(c|h|S|py|sh)$", name) and not name.startswith("LICENSES"):
            lines = (TOP / name).read_text(errors="replace").count("\n")
            if lines > MOST_LINES:
                found.append(f"{name}: {lines} lines, at most {MOST_LINES}")
    return found


def check_includes():
    return output_of("tools/check-includes")


def check_abi():
    system.make_all()
    if (TOP / "docs/abi.md").read_bytes() != (BUILD / "gen/abi.md").read_bytes():
        return ["docs/abi.md: differs from what abi/calls.toml says; cp build/gen/abi.md docs/abi.md"]
    return []


def check_spdx():
    found = []
    for name in ours("text"):
        if NO_LICENCE_LINE.search(name):
            continue
        head = (TOP / name).read_bytes()[:600].decode(errors="replace").splitlines()[:3]
        licence = next((line for line in head if "SPDX-License-Identifier:" in line), None)
        overlay = name.startswith("linux/overlay/")
        if licence is None:
            found.append(f"{name}: no SPDX line at the top")
        elif overlay and "GPL-2.0" not in licence:
            found.append(f"{name}: the overlay is GPL-2.0")
        elif not overlay and "MIT" not in licence:
            found.append(f"{name}: everything but the overlay is MIT (or MIT OR GPL-2.0)")
    return found


def check_shell():
    return output_of("shellcheck", "-x", "-S", "warning", "-f", "gcc", *ours("shell"))


def check_python():
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPYCACHEPREFIX": str(BUILD / "pycache")}
    return output_of("python3", "-m", "py_compile", *ours("python"), env=environment)


def check_overlay():
    """Nothing outside arch/purlin; every tree unpacked here equals its package."""
    names = [name for name in ours("text") if name.startswith("linux/overlay/")]
    found = [f"{name}: outside arch/purlin" for name in names if not name.startswith("linux/overlay/arch/purlin/")]
    for version in LINUX_VERSIONS:
        if linux.tree(version).exists():
            found += [f"Linux {version}: {text}" for text in linux.differences(linux.tarball(version), linux.tree(version))[:20]]
    return found


CHECKS = {
    "format": check_format,
    "columns": check_columns,
    "sizes": check_sizes,
    "includes": check_includes,
    "abi": check_abi,
    "spdx": check_spdx,
    "shellcheck": check_shell,
    "python": check_python,
    "clang-tidy": check_tidy.check,
    "overlay": check_overlay,
    "checkpatch": check_kernel_style.check,
}


def main(arguments):
    if len(arguments) > 1 or any(word.startswith("-") for word in arguments):
        raise Refused(f"check takes the name of one check at most: {', '.join(CHECKS)}")
    names = chosen(CHECKS, arguments[0] if arguments else "")
    if not names:
        raise Refused(f"{arguments[0]}: no such check; there are {', '.join(CHECKS)}")
    packages.need("check", packages.BUILD + packages.CHECK + packages.linux_sources([system.SOURCE_VERSION]))
    bad = 0
    for name in names:
        started = time.monotonic()
        found = CHECKS[name]()
        bad += bool(found)
        print(f"{'FAIL' if found else 'ok  '}  {name} ({time.monotonic() - started:.1f} s)" + (f": {len(found)} findings" if found else ""))
        for line in found[:60]:
            print(f"      {line}")
        if len(found) > 60:
            say(f"{name}: {len(found) - 60} more")
    print(f"{len(names) - bad} passed, {bad} failed")
    return 1 if bad else 0
