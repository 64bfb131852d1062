# SPDX-License-Identifier: MIT
"""Fuzz targets: what there is, building them with or without a deliberate fault, running them."""
import functools
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from common import BUILD, TOP, Refused, bound, locked, processors, shown, write_if_changed

FOLDER = TOP / "tests/fuzz"
OUTPUT = BUILD / "fuzz"
# An input that takes as long is a finding: all take less than a second on an idle machine.
SECONDS_FOR_AN_INPUT = 100
MEBIBYTES = 2048
SEED = ["-seed=1"]


@dataclass
class Target:
    name: str
    options: list  # further ones of libFuzzer
    sentence: str

    @property
    def corpus(self):
        return FOLDER / "corpus" / self.name


@dataclass
class Fault:
    """A deliberate one: a patch whose head names the target that finds it, and says what is wrong."""

    name: str
    target: str
    sentence: str
    patch: Path

    @property
    def files(self):
        return re.findall(r"^\+\+\+ b/(\S+)", self.patch.read_text(), re.MULTILINE)


@dataclass
class Run:
    """What came of one."""

    status: int
    found: Path | None  # the input that broke the target
    text: str

    @property
    def reason(self):
        telling = r"(.*(?:broken|panic|runtime error|ERROR: \w+Sanitizer|ERROR: libFuzzer).*)"
        match = re.search(telling, self.text)
        return match[1].strip() if match else f"status {self.status}"


def make(*words):
    return subprocess.run(
        bound(["make", "-s", "--no-print-directory", "-C", TOP, *words]),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip


def targets():
    """{name: Target} as make knows them."""
    listed = make("list-fuzz-targets")
    if listed.returncode:
        raise Refused(f"make list-fuzz-targets failed: {listed.stderr.strip()}", 1)
    rows = [line.split("|") for line in listed.stdout.splitlines()]
    return {name: Target(name, options.split(), sentence) for name, options, sentence in rows}


def faults():
    """{name: Fault}"""
    found = {}
    for patch in sorted((FOLDER / "faults").glob("*.patch")):
        head = patch.read_text().split("\n---", 1)[0]
        target = re.search(r"^Target: (\S+)$", head, re.MULTILINE)
        sentence = re.search(r"^Fault: (.+)$", head, re.MULTILINE)
        if not target or not sentence:
            raise Refused(f"{shown(patch)}: its head must have a line `Target: NAME` and a line `Fault: SENTENCE`")
        found[patch.stem] = Fault(patch.stem, target[1], sentence[1], patch)
    return found


def plant(fault):
    """The files that the fault's patch changes, changed, where the Makefile looks for them."""
    tree = OUTPUT / "fault" / fault.name / "tree"
    with tempfile.TemporaryDirectory() as folder:
        for name in fault.files:
            if not (TOP / name).is_file():
                raise Refused(f"{shown(fault.patch)}: there is no {name}", 1)
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TOP / name, Path(folder) / name)
        patched = subprocess.run(
            ["patch", "-p1", "--fuzz=0", "--silent", "--no-backup-if-mismatch", "-d", folder, "-i", str(fault.patch)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if patched.returncode:
            raise Refused(f"{shown(fault.patch)} does not apply any more: {patched.stdout.strip()}", 1)
        for stale in [path for path in tree.rglob("*") if path.is_file()]:
            if str(stale.relative_to(tree)) not in fault.files:
                stale.unlink()
        for name in fault.files:
            write_if_changed(tree / name, (Path(folder) / name).read_bytes())


def build(target, fault=None):
    """The program."""
    with locked("fuzz"):
        words = [f"-j{processors()}"]
        program = OUTPUT / target.name
        if fault:
            plant(fault)
            words.append(f"FAULT={fault.name}")
            program = OUTPUT / "fault" / fault.name / target.name
        made = make(*words, str(program.relative_to(TOP)))
    if made.returncode:
        raise Refused(f"make {' '.join(words)} {shown(program)} failed:\n{made.stdout}{made.stderr}", 1)
    return program


@functools.cache
def same_addresses():
    """A command that runs another with the same addresses each time, which libFuzzer takes up in inputs; not every container lets us."""
    command = ["setarch", "-R"]
    return command if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0 else []


def run(program, options, folders, found_in, show=False):
    """libFuzzer's run, of a program or of words that start it; what it says goes to stderr meanwhile if `show`."""
    found_in.mkdir(parents=True, exist_ok=True)
    words = [
        *map(str, program if isinstance(program, list) else [program]), f"-artifact_prefix={found_in}/", f"-timeout={SECONDS_FOR_AN_INPUT}",
        f"-rss_limit_mb={MEBIBYTES}", "-print_final_stats=1", *options, *map(str, folders),
    ]  # fmt: skip
    said = []
    with subprocess.Popen(
        bound(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=TOP,
        text=True, errors="replace",
    ) as process:  # fmt: skip
        try:
            for line in process.stdout:
                said.append(line)
                if show:
                    print(line, end="", flush=True)
        except KeyboardInterrupt:
            process.wait()
    text = "".join(said)
    unit = re.search(r"Test unit written to (\S+)", text)
    return Run(process.returncode, Path(unit[1]) if unit else None, text)


def in_order(target, name):
    """Words for libFuzzer that name the stored inputs: in a folder their order is another one on each machine."""
    listed = OUTPUT / "corpus" / f"{name}.inputs"
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text(",".join(str(path) for path in sorted(target.corpus.iterdir())))
    return [f"-seed_inputs=@{listed}"]


def search(target, program, seconds, name, show=False, options=(), repeatable=False):
    """
    Look for inputs that break it, from the stored corpus on; what is new is kept under build/fuzz,
    by `name`. `repeatable`: with the same options and the same `name`, empty before, it is the same search again.
    """
    grown = OUTPUT / "corpus" / name
    grown.mkdir(parents=True, exist_ok=True)
    folders = [grown]
    if repeatable:
        options = [*options, *in_order(target, name), *SEED, "-reload=0"]
        program = [*same_addresses(), program]
    elif target.corpus.is_dir():
        folders.append(target.corpus)
    limits = [f"-max_total_time={seconds}", *target.options, *options]
    return run(program, limits, folders, OUTPUT / "found" / name, show)


def again(target, found, fault=None):
    words = ["./purlin fuzz", target.name] + ([f"--fault {fault.name}"] if fault else [])
    return f"{' '.join(words)} --input {shown(found)}"
