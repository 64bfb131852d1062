# SPDX-License-Identifier: MIT
"""Each sentence of a session header names its checks in tests/sessions, or why there is none; the checks exist and run."""
import re
from functools import cache
from pathlib import Path

from common import TOP
from suites.testing import Failed, Suite, one_by_one

FOLDER = TOP / "tests/sessions"
HEADERS = TOP / "session"
# What a check looks like where it is written; any mention will do in other files.
SHAPES = {"components/": r'"{}"', "host/": r"(TEST|cmocka_unit_test\w*)\({}[,)]"}


def sentences(text):
    """Those of a header's comments, in one line each, its licence left out."""
    found = []
    for comment in re.findall(r"/\*(.*?)\*/", text, re.DOTALL):
        for paragraph in re.split(r"\n\s*\n", re.sub(r"^\s*\* ?", "", comment, flags=re.MULTILINE)):
            words = " ".join(paragraph.split())
            if words and not words.startswith(("SPDX", "clang-format")):
                found += re.split(r"(?<=[.!?])\s+(?=[A-Z~`(_])", words)
    return found


def listed(text):
    """{sentence: [checks]}: sentences begin at the margin and may be wrapped, their checks follow, indented."""
    found = {}
    for block in text.strip().split("\n\n"):
        lines = block.splitlines()
        sentence = " ".join(" ".join(line for line in lines if not line.startswith("\t")).split())
        found.setdefault(sentence, []).extend(line.strip() for line in lines if line.startswith("\t"))
    return found


@cache
def component_sources():
    """{source below tests: components it belongs to} as module.mk says."""
    found = {}
    text = (TOP / "tests/components/module.mk").read_text()
    text += "".join(path.read_text() for path in (TOP / "tests/components").glob("*/module.mk"))
    for name, sources in re.findall(r"call component,([\w-]+),([^,]*)", text.replace("\\\n", " ")):
        for pattern in re.findall(r"tests/(components/[\w/*.-]+\.c)", sources):
            for path in (TOP / "tests").glob(pattern):
                found.setdefault(str(path.relative_to(TOP / "tests")), set()).add(name)
    return found


@cache
def started():
    """Binaries in scenarios that expect something."""
    texts = [path.read_text() for path in (TOP / "scenarios").glob("**/*.dts*")]
    return set(re.findall(r'binary = "([\w-]+)"', "\n".join(texts)))


def runs(path):
    """Does a test run this file?"""
    if path.startswith("components/"):
        return bool(component_sources().get(path, set()) & started())
    if path.startswith("host/"):
        makefiles = (TOP / "tests/host").glob("*/module.mk")
        name = Path(path).name
        return any(name in text or name.removesuffix("_test.c") in text for text in (file.read_text() for file in makefiles))
    return True


def stands(path, check):
    text = (TOP / "tests" / path).read_text()
    if path.startswith("../scenarios/broken"):
        return f"/* refused: {check} */" in text
    if path.startswith("../scenarios"):
        expected = re.search(r"\bexpect = (.*?);\s*\n\s*timeout", text, re.DOTALL)
        return bool(expected) and check in expected[1]
    shape = next((shape for folder, shape in SHAPES.items() if path.startswith(folder)), "{}")
    return re.search(shape.replace("{}", re.escape(check)), text) is not None


def complaint(check):
    """What is wrong with one check; None: nothing."""
    if check.startswith("- "):
        return None if len(check) > 10 else "gives no reason"
    path, _, name = check.partition(": ")
    if not name or not (TOP / "tests" / path).is_file():
        return "names no file"
    if not stands(path, name):
        return "is not there"
    return None if runs(path) else "is run by no test"


def compare(header, table):
    """What is wrong, one line each."""
    rows, said = listed(table), sentences(header)
    wrong = [f"not listed: {sentence}" for sentence in said if sentence not in rows]
    wrong += [f"not in the header: {sentence}" for sentence in rows if sentence not in said]
    wrong += [f"without a check: {sentence}" for sentence, checks in rows.items() if not checks]
    for sentence, checks in rows.items():
        wrong += [f"{check}: {problem} ({sentence[:60]})" for check in checks if (problem := complaint(check))]
    return wrong


def test(path):
    def run(_log):
        table = FOLDER / f"{path.stem}.txt"
        wrong = compare(path.read_text(), table.read_text() if table.exists() else "")
        if wrong:
            raise Failed("; ".join(wrong[:8]) + (f"; {len(wrong) - 8} more" if len(wrong) > 8 else ""))

    return run


def test_finds(_log):
    """Changes that would make the tables untrue are seen."""
    header, table = (HEADERS / "timer.h").read_text(), (FOLDER / "timer.txt").read_text()
    for what, changed in {
        "a new promise": (header.replace("Replaces an earlier one.", "Replaces an earlier one. Never fails."), table),
        "a changed promise": (header.replace("BUSY: not", "DEAD: not"), table),
        "a promise that went": (header.replace("Replaces an earlier one.", ""), table),
        "a check that went": (header, table.replace("Timer: fires once", "Timer: fires twice")),
        "a file that went": (header, table.replace("session-test/services.c", "session-test/other.c")),
        "a sentence without checks": (header, table.replace("\tcomponents/session-test/services.c: Timer: the replaced alarm is silent\n", "")),
        "a file that nobody runs": (header, table.replace("components/session-test/services.c", "components/check.h")),
    }.items():
        if changed == (header, table) or not compare(*changed):
            raise Failed(f"{what} is not seen")


def suites():
    functions = {f"session-headers/{path.stem}": test(path) for path in sorted(HEADERS.glob("*.h"))}
    functions["session-headers/finds-changes"] = test_finds
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
