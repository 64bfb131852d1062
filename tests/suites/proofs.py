# SPDX-License-Identifier: MIT
"""Proofs by CBMC of small functions (tests/proofs/proofs.toml), each beside a fault that has to refute it."""
import shutil
import subprocess
import tomllib

import debian
import system
from common import BUILD, TOP, Refused, bound
from suites.testing import Failed, Suite, one_by_one

FOLDER = TOP / "tests/proofs"
DOCUMENT = TOP / "docs/proofs.md"
# Bookworm has no CBMC. Trixie's runs with trixie's own libraries, beside those of the system.
SUITE = "trixie"
PACKAGES = ["cbmc", "minisat", "libc6", "libstdc++6", "libgcc-s1"]
SECONDS = 900  # of a machine with much else to do
INCLUDES = ("", "kernel", "abi", "build/gen", "tests/proofs")
FULFILLED, REFUTED = "VERIFICATION SUCCESSFUL", "VERIFICATION FAILED"


def described():
    return tomllib.loads((FOLDER / "proofs.toml").read_text())["proof"]


def prover():
    """CBMC's command, fetched once; it says clearly why it cannot be had."""
    try:
        folder = debian.fetch("cbmc", SUITE, PACKAGES)
    except Refused as refusal:
        raise Failed(f"no CBMC, so nothing is proven: {refusal}") from refusal
    libraries = f"{folder}/usr/lib/x86_64-linux-gnu:{folder}/usr/lib"
    return [folder / "usr/lib64/ld-linux-x86-64.so.2", "--library-path", libraries, folder / "usr/bin/cbmc"]


def ask(proof, log, first=()):
    """CBMC's verdict, with folders searched before the repository's."""
    folders = [*first, *(TOP / name for name in (*INCLUDES, *proof["includes"]))]
    command = [
        *prover(), FOLDER / f"{proof['name']}.c", "--unwind", proof["unwind"], "--slice-formula", "--stop-on-fail",
        *(f"-I{folder}" for folder in folders),
    ]  # fmt: skip
    with open(log, "a") as report:
        try:
            subprocess.run(
                bound(command), stdin=subprocess.DEVNULL, stdout=report, stderr=subprocess.STDOUT,
                timeout=SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Failed(f"no verdict after {SECONDS} s") from error
    return log.read_text(errors="replace")


def refuting(text):
    lines = [line.strip() for line in text.splitlines()]
    after = lines.index("Violated property:") if "Violated property:" in lines else len(lines)
    return " ".join(lines[after + 2 : after + 3]) or "see the log"


def test_proof(proof):
    def run(log):
        system.make_all()
        text = ask(proof, log)
        if FULFILLED not in text:
            raise Failed(f"not proven: {refuting(text)}" if REFUTED in text else "CBMC came to no verdict")

    return run


def test_fault(proof):
    """The same with the fault put into a copy that is found first: CBMC has to refute it, and not for want of unwinding."""

    def run(log):
        system.make_all()
        text = (TOP / proof["file"]).read_text()
        if text.count(proof["fault"]["old"]) != 1:
            raise Failed(f"{proof['file']}: the text of the fault does not stand there once: {proof['fault']['old']!r}")
        folder = BUILD / "proofs" / proof["name"]
        shutil.rmtree(folder, ignore_errors=True)
        # Under both names by which harnesses include it.
        for root in ("", "kernel", "kernel/arch/x86_64"):
            if (TOP / proof["file"]).is_relative_to(TOP / root):
                copy = folder / (TOP / proof["file"]).relative_to(TOP / root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(text.replace(proof["fault"]["old"], proof["fault"]["new"]))
        said = ask(proof, log, [folder])
        if REFUTED not in said or "unwinding assertion" in refuting(said):
            raise Failed("the fault went unnoticed")

    return run


def test_document(log):
    """docs/proofs.md has the sentence and the bounds of each proof."""
    log.touch()
    words = " ".join(DOCUMENT.read_text().split())
    for proof in described():
        for part in ("property", "bounds"):
            if " ".join(proof[part].split()) not in words:
                raise Failed(f"docs/proofs.md does not have this {part} of {proof['name']}: {proof[part]}")


def suites():
    functions = {"proofs/document": test_document}
    for proof in described():
        functions[f"proofs/{proof['name']}"] = test_proof(proof)
        functions[f"proofs/{proof['name']}-fault"] = test_fault(proof)
    return [Suite(list(functions), one_by_one(functions), apart=True, linuxes=())]
