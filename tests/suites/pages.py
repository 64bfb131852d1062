# SPDX-License-Identifier: MIT
"""The Markdown pages: what they name exists, they keep to the glossary's words, and the glossary is in order."""
import re
import subprocess
import tempfile
from pathlib import Path

import linux
from common import LINUX_VERSIONS, TOP, tested_versions
from suites.testing import Failed, Suite, expect_equal, one_by_one

GLOSSARY = TOP / "docs/glossary.md"
# Words that the glossary has another word for: what to look for, and what to write.
OTHER_WORDS = {
    r"\bhypercalls?\b": "kernel call",
    r"\bsyscalls? of the (micro)?kernel\b": "kernel call",
    r"\bprocess(es)? of Purlin\b": "component",
    r"\bcapability space\b|\bcspace\b": "capability table",
    r"\bTLB shootdowns?\b": "shoot-down",
    r"\bhost-guest shared page\b|\bshared info page\b": "state page",
    r"\b(slow|fast)[- ]?path\b": "long way, short way",
    r"\bVM exits?\b": "upcall",
    r"\bdom(ain)? ?U\b": "guest",
}
# In the code, too, one word means one thing: where a name is not to be used, which, and what is meant there instead.
OTHER_NAMES = (
    ("bench/ lib/", r"\bregions?(_\w+)?\b", "region: a mapping; here interval (bench) or addresses (lib)"),
    ("core/ init/ drivers/ lib/", r"\bstruct attachment\b|_DMA_(AT|DE)TACH\b", "attachment: of a guest; for devices, DMA mapping"),
    ("drivers/ init/", r"\bstruct claim\b", "claim: what core records; what a component got is a resource"),
    ("core/ init/ lib/ drivers/", r"\bstruct guest\b", "guest: the kernel's object; in init, struct new_guest"),
    ("kernel/", r"\b(struct )?address_space\b", "space: of a guest; a native PD has page tables"),
)
# Folders whose code has other customs: the kernel's own regions are measured there, ACPICA is foreign.
FOREIGN = ("bench/kernel/", "bench/results/", "drivers/platform/acpica/")
# Paths in these folders exist after a build, or on the machine that was booted.
MADE = ("build/", "dev/", "proc/", "sys/", "mnt/", "tmp/", "purlin/")
# Sources of includes and of names that a page about them may leave out.
ROOTS = (
    "", "kernel", "kernel/arch/x86_64", "kernel/arch/x86_64/checks_off", "lib/include", "lib/arch/x86_64/include",
    "linux/overlay", "linux/overlay/arch/purlin", "tests/fuzz",
)  # fmt: skip
PLACEHOLDER = re.compile(r"NAME|FILE|VERSION|TARGET|SCENARIO|ARCH|CLASS|DEVICE|PROTOCOL")


def pages():
    done = subprocess.run(["git", "ls-files", "*.md"], cwd=TOP, stdout=subprocess.PIPE, text=True, check=True)
    return [TOP / name for name in done.stdout.split() if (TOP / name).is_file()]


def without_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)


def exists(path, page):
    """As a path from the top, from the page's folder or one above it, or from a root of includes."""
    pattern = PLACEHOLDER.sub("*", path).rstrip("/")
    folders = [page.parent, *page.parent.parents]
    folders = folders[: folders.index(TOP) + 1] if TOP in folders else [page.parent]
    folders += [TOP / root for root in ROOTS] + [linux.tree(version) for version in LINUX_VERSIONS]
    folders += [linux.tree(version) / "arch/x86/include" for version in LINUX_VERSIONS]
    return any(folder.exists() and any(folder.glob(pattern)) for folder in folders)


def test_names():
    """Levels and names of tests, which look like paths."""
    from suites.levels import LEVELS  # which names this module

    return {name for level in LEVELS if level.__name__ != __name__ for suite in level.suites() for name in suite.names}


def is_test(path, names):
    pattern = PLACEHOLDER.sub(".*", re.escape(path.removesuffix("...").rstrip("*")))
    return path.startswith("pages/") or any(re.match(pattern, name) for name in names)


def paths_of(text):
    """Each path, and whether the page says that it is still to be made."""
    for word, new in re.findall(r"`([^`\n]+)`( \(new\))?", without_code(text)):
        if "/" in word and re.fullmatch(r"[\w.*/-]+", word) and not word.startswith(("/", "./", *MADE)):
            yield word, bool(new)


def missing_paths(page, text, names):
    """Those that are missing, and those that are called new and are there."""
    return [path for path, new in paths_of(text) if not is_test(path, names) and exists(path, page) == new]


def missing_links(page, text):
    links = re.findall(r"\]\(([^)#\s]+)", without_code(text))
    return [link for link in links if "://" not in link and not (page.parent / link).exists()]


def other_words(text):
    return [f"{found[0]!r}: write {better!r}" for word, better in OTHER_WORDS.items() for found in re.finditer(word, text, re.I)]


def other_names(name, text):
    """Names in a file of code that mean something else elsewhere."""
    for folders, names, better in OTHER_NAMES:
        if name.startswith(tuple(folders.split())) and not name.startswith(FOREIGN):
            yield from (f"{name}: {found[0]!r}: {better}" for found in re.finditer(names, text))


def test_names_of_code(log):
    done = subprocess.run(["git", "ls-files", "*.c", "*.h"], cwd=TOP, stdout=subprocess.PIPE, text=True, check=True)
    files = [name for name in done.stdout.split() if (TOP / name).is_file()]
    found = [line for name in files for line in other_names(name, (TOP / name).read_text(errors="replace"))]
    log.write_text("\n".join(found) + "\n")
    if found:
        raise Failed(f"{len(found)} findings, the first: {found[0]}")


def each_page(look):
    """A test that fails with what `look` finds on the pages."""

    def test(log):
        found = [f"{page.relative_to(TOP)}: {text}" for page in pages() for text in look(page, page.read_text())]
        log.write_text("\n".join(found) + "\n")
        if found:
            raise Failed(f"{len(found)} findings, the first: {found[0]}")

    return test


def test_paths(log):
    for version in tested_versions():
        linux.unpack(version)
    names = test_names()
    each_page(lambda page, text: missing_paths(page, text, names))(log)


def entries(text):
    """The terms of the glossary's table, in order."""
    return re.findall(r"^\| ([^|]+?) \| ", text, re.M)[1:]


def test_glossary(log):
    log.touch()
    terms = [term for line in entries(GLOSSARY.read_text()) if not line.startswith("---") for term in line.split(", ")]
    expect_equal("terms given twice", sorted({term for term in terms if terms.count(term) > 1}), [])
    first = [line.split(", ")[0].lower() for line in entries(GLOSSARY.read_text()) if not line.startswith("---")]
    expect_equal("order of the terms", first, sorted(first))


def test_findings(log):
    """A page with one fault of each kind: each is found, and nothing else."""
    log.touch()
    names = test_names()
    with tempfile.TemporaryDirectory(prefix="purlin-") as folder:
        page = Path(folder) / "page.md"
        (Path(folder) / "there.md").touch()
        text = "`kernel/no_such.c` `kernel/object/` `scenario/hello` `no-level/hello` `kernel/core/` (new) `kernel/no_such/` (new) [a](there.md) [b](gone.md) a hypercall"
        expect_equal("paths", missing_paths(page, text, names), ["kernel/no_such.c", "no-level/hello", "kernel/core/"])
        expect_equal("links", missing_links(page, text), ["gone.md"])
        expect_equal("words", len(other_words(text)), 1)
    code = "struct region a; struct attachment b; struct claim c; struct guest d; struct address_space e;"
    expect_equal("names in lib", len(list(other_names("lib/a.c", code))), 3)
    expect_equal("names in init", len(list(other_names("init/a.c", code))), 3)
    expect_equal("names in the kernel", len(list(other_names("kernel/a.c", code))), 1)
    expect_equal("names where they belong", list(other_names("tests/a.c", code)), [])


def suites():
    functions = {
        "pages/paths": test_paths,
        "pages/links": each_page(missing_links),
        "pages/words": each_page(lambda page, text: other_words(text)),
        "pages/glossary": test_glossary,
        "pages/names-of-code": test_names_of_code,
        "pages/findings": test_findings,
    }
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
