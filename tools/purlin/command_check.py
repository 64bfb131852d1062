# SPDX-License-Identifier: MIT
"""./purlin check: what a reader should not have to check. Each check says what it found and where."""
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import linux
import packages
import suite_overlay
import system
from common import BUILD, LINUX_VERSIONS, TOP, Refused, processors, say
from testing import chosen

MOST_LINES = 800
MOST_COLUMNS = 100
# Foreign files keep their own head; machine-made ones say so; data has no comments.
NO_LICENCE_LINE = re.compile(
    r"^LICENSES/|\.(dump|img|bin|json|expected|dat|dsl|txt)$|^\.gitignore$|\.md$|_defconfig$|^tools/initramfs/etc/|/acpi-tables/"
)


def ours(kind):
    done = subprocess.run([TOP / "tools/our-files", kind], stdout=subprocess.PIPE, text=True, check=True)
    return [name for name in done.stdout.split() if (TOP / name).is_file()]


def output_of(*command, **options):
    """What a tool said, if it failed."""
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False, **{"cwd": TOP, **options},
    )  # fmt: skip
    return done.stdout.splitlines() or [f"{command[0]}: status {done.returncode}"] if done.returncode else []


def check_format():
    found = []
    for line in output_of("clang-format", "--dry-run", "-Werror", *ours("c")):
        if "error:" in line:
            found.append(line)
    return found


def check_columns():
    found = []
    for name in ours("c"):
        for number, line in enumerate((TOP / name).read_text(errors="replace").splitlines(), 1):
            if len(line.expandtabs(8)) > MOST_COLUMNS and "http" not in line:
                found.append(f"{name}:{number}: {len(line.expandtabs(8))} columns")
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


def check_tidy():
    kernel = [name for name in ours("c") if re.match(r"kernel/(object|core|debug|arch/x86_64)/.*\.c$", name)]
    users = [name for name in ours("c") if re.match(r"(lib/purlin|lib/c|core|init|drivers/[^/]+)/[^/]*\.c$", name)]
    common = ["-std=c17", "-ffreestanding", "-Iabi", "-Ibuild/gen", "-Wno-everything"]
    runs = [(name, [*common, "-Ikernel", "-Ikernel/arch/x86_64", "-mgeneral-regs-only"]) for name in kernel]
    linux_lib = f"-isystem{linux.tree(LINUX_VERSIONS[0])}/scripts/dtc/libfdt"
    runs += [(name, [*common, "-I.", "-Ilib/include", "-Ilib/c/include", "-Idrivers/platform", linux_lib]) for name in users]

    def tidy(run):
        done = output_of("clang-tidy", "--quiet", run[0], "--", *run[1])
        return [line for line in done if re.search(r": (error|warning):.*\[(bugprone|clang-analyzer|misc|readability)", line)]

    with ThreadPoolExecutor(processors()) as pool:
        return sorted({line for lines in pool.map(tidy, runs) for line in lines})


def check_overlay():
    """Nothing outside arch/purlin, and the composed tree equals the package's."""
    files = output_of("git", "ls-files", "linux/overlay") or subprocess.run(
        ["git", "ls-files", "linux/overlay"], cwd=TOP, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    found = [f"{name}: outside arch/purlin" for name in files if not name.startswith("linux/overlay/arch/purlin/")]
    for version in LINUX_VERSIONS:
        if linux.tree(version).exists():
            found += [f"Linux {version}: {text}" for text in suite_overlay.compare(version)[:20]]
    return found


def check_kernel_style():
    """The overlay by the kernel's own checkpatch."""
    script = linux.tree(LINUX_VERSIONS[0]) / "scripts/checkpatch.pl"
    if not script.exists():
        return []
    files = [name for name in ours("text") if re.match(r"linux/overlay/.*\.(c|h|S)$", name)]
    paths = [TOP / name for name in files]
    # It leaves a file where it runs.
    options = "--no-tree --strict --terse --no-summary --show-types -f".split()
    lines = output_of("perl", script, *options, *paths, cwd=BUILD)
    return [line.removeprefix(f"{TOP}/") for line in lines if re.search(r": (ERROR|WARNING|CHECK):", line)]


CHECKS = {
    "format": check_format,
    "columns": check_columns,
    "sizes": check_sizes,
    "includes": check_includes,
    "abi": check_abi,
    "spdx": check_spdx,
    "shellcheck": check_shell,
    "python": check_python,
    "clang-tidy": check_tidy,
    "overlay": check_overlay,
    "checkpatch": check_kernel_style,
}


def main(arguments):
    if len(arguments) > 1 or any(word.startswith("-") for word in arguments):
        raise Refused(f"check takes the name of one check at most: {', '.join(CHECKS)}")
    names = chosen(CHECKS, arguments[0] if arguments else "")
    if not names:
        raise Refused(f"{arguments[0]}: no such check; there are {', '.join(CHECKS)}")
    packages.need("check", packages.BUILD + packages.CHECK)
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
