# SPDX-License-Identifier: MIT
"""Each rule of tools/check-includes is broken once, in a copy of the kernel beside a few small files: it is found, and nothing else."""
import importlib.util
import shutil
from functools import partial
from importlib.machinery import SourceFileLoader

from common import BUILD, TOP
from suites.testing import Failed, Suite, expect_equal, one_by_one

SCRIPT = TOP / "tools/check-includes"
# What is there beside the kernel, for the faults to include.
OTHERS = ("abi/purlin/boot.h", "lib/formats/elf.h", "lib/arch/x86_64/include/runtime/arch/cache.h", "init/state.h", "tests/host/allocations.h")
CIRCLE = frozenset({"kernel/object/first", "kernel/object/second"})

# The files that are made, with what each includes, and what the script has to say.
FAULTS = {
    "circle": (
        {"kernel/object/first.h": "object/second.h", "kernel/object/second.h": "object/first.h"},
        "in a circle: kernel/object/first -> kernel/object/second; kernel/object/second -> kernel/object/first",
    ),
    "circle-by-sources": (
        {
            "kernel/object/first.h": None, "kernel/object/second.h": None,
            "kernel/object/first.c": "object/second.h", "kernel/object/second.c": "object/first.h",
        },
        "in a circle: kernel/object/first -> kernel/object/second; kernel/object/second -> kernel/object/first",
    ),
    "circle-of-three": (
        {"kernel/core/a.h": "core/b.h", "kernel/core/b.h": "core/c.h", "kernel/core/c.h": "core/a.h"},
        "in a circle: kernel/core/a -> kernel/core/b; kernel/core/b -> kernel/core/c; kernel/core/c -> kernel/core/a",
    ),
    "base-includes-core": ({"kernel/base/new.c": "core/call.h"}, "kernel/base/new.c:1: includes kernel/core/call.h: kernel/base/ may include only"),
    "base-includes-object": ({"kernel/base/new.c": "object/pd.h"}, "kernel/base/new.c:1: includes kernel/object/pd.h: kernel/base/ may include only"),
    "object-includes-core": ({"kernel/object/new.c": "core/call.h"}, "kernel/object/new.c:1: includes kernel/core/call.h: kernel/object/ may include only"),
    "architecture": ({"kernel/object/new.c": "arch/cursor.h"}, "arch/cursor.h: not a header of the architecture's contract"),
    "contract-of-another": ({"kernel/core/new.c": "arch/guest.h"}, "arch/guest.h: not a header of the architecture's contract"),
    "architecture-of-lib": (
        {"init/new.c": "lib/arch/x86_64/include/runtime/arch/cache.h"},
        "init/new.c:1: includes lib/arch/x86_64/include/runtime/arch/cache.h: generic code knows an architecture only by",
    ),
    "kernel-includes-init": ({"kernel/core/new.c": "init/state.h"}, "kernel/core/new.c:1: includes init/state.h: kernel/ may include only"),
    "init-includes-kernel": ({"init/new.c": "kernel/object/pd.h"}, "init/new.c:1: includes kernel/object/pd.h: init/ may include only"),
    "abi-includes-lib": ({"abi/purlin/new.h": "lib/formats/elf.h"}, "abi/purlin/new.h:1: includes lib/formats/elf.h: abi/ may include only itself"),
    "lib-includes-tests": ({"lib/purlin/new.c": "tests/host/allocations.h"}, "lib/purlin/new.c:1: includes tests/host/allocations.h: lib/ may include only"),
    "driver-includes-driver": (
        {"drivers/one/new.h": None, "drivers/two/new.c": "drivers/one/new.h"},
        "drivers/two/new.c:1: includes drivers/one/new.h: one of drivers/ includes another",
    ),
}  # fmt: skip


def script(folder):
    """tools/check-includes as a module that looks at another folder."""
    loader = SourceFileLoader("check_includes", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_includes", loader))
    loader.exec_module(module)
    module.TOP = folder
    return module


def copied(name):
    folder = BUILD / "tests/includes" / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(TOP / "kernel", folder / "kernel")
    for other in OTHERS:
        (folder / other).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / other, folder / other)
    return folder


def write(folder, files):
    for file, included in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(f'#include "{included}"\n' if included else "\n")


def look(module):
    return module.findings(sorted(path for path in module.TOP.rglob("*") if path.suffix in (".c", ".h")))


def expect_only(what, found, expected):
    if len(found) != 1 or expected not in found[0]:
        raise Failed(f"{what}: expected only {expected!r}, found {found}")


def test_fault(name, log):
    files, expected = FAULTS[name]
    folder = copied(name)
    write(folder, files)
    found = look(script(folder))
    log.write_text("\n".join(found) + "\n")
    expect_only(name, found, expected)


def test_assembly(log):
    folder = copied("assembly")
    (folder / "kernel/core/new.c").write_text('void f(void)\n{\n\tasm volatile("hlt");\n}\n')
    found = look(script(folder))
    log.write_text("\n".join(found) + "\n")
    expect_only("assembly", found, "kernel/core/new.c:3: assembly")


def test_exceptions(log):
    """A circle that is listed with a reason is none; one that has no reason, or is gone, is told."""
    log.touch()
    folder = copied("exceptions")
    write(folder, FAULTS["circle"][0])
    module = script(folder)
    module.CIRCLES = {CIRCLE: "each holds the other"}
    expect_equal("a circle in the list", look(module), [])
    module.CIRCLES = {CIRCLE: ""}
    expect_only("no reason", look(module), "no reason for the circle kernel/object/first, kernel/object/second")
    (folder / "kernel/object/second.h").write_text("\n")
    module.CIRCLES = {CIRCLE: "each held the other"}
    expect_only("a circle that is gone", look(module), "there is no circle kernel/object/first, kernel/object/second any more")


def test_contract(log):
    """The page and the script name the same headers, and those who may include one do."""
    log.touch()
    module = script(copied("contract"))
    contract = dict(module.KERNEL_CONTRACT)
    module.KERNEL_CONTRACT = {**contract, "arch/frame.h": (*contract["arch/frame.h"], "object/timer.h")}
    expect_only("includes no more", look(module), "kernel/object/timer.h does not include arch/frame.h any more")
    module.KERNEL_CONTRACT = contract
    page = module.TOP / "kernel/README.md"
    page.write_text(page.read_text() + "`arch/cursor.h`\n")
    expect_only("on the page only", look(module), "arch/cursor.h is named there or in tools/check-includes, but not in both")


def test_clean(log):
    """Neither the copy nor the tree has a fault."""
    log.touch()
    expect_equal("the copy", look(script(copied("clean"))), [])
    module = script(TOP)
    expect_equal("the tree", module.findings([TOP / name for name in module.names()]), [])


def suites():
    functions = {f"includes/{name}": partial(test_fault, name) for name in FAULTS}
    functions["includes/assembly"] = test_assembly
    functions["includes/exceptions"] = test_exceptions
    functions["includes/contract"] = test_contract
    functions["includes/clean"] = test_clean
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
