# SPDX-License-Identifier: MIT
"""./purlin fuzz [TARGET] [--time SEC] [--input FILE] [--fault NAME] [--minimise]"""
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import fuzz
import packages
from common import Refused, say, shown
from options import number, readable_file

DEFAULT_SECONDS = 60


@dataclass
class Wanted:
    target: str | None = None
    seconds: int = DEFAULT_SECONDS
    input: Path | None = None
    fault: str | None = None
    minimise: bool = False


def read(arguments):
    wanted = Wanted()
    words = list(arguments)
    while words:
        option, equals, value = words.pop(0).partition("=")
        if option in ("--time", "--input", "--fault"):
            if not equals:
                if not words:
                    raise Refused(f"{option}: needs a value")
                value = words.pop(0)
            if option == "--time":
                wanted.seconds = number(option, value, 1, 10**6)
            elif option == "--input":
                wanted.input = readable_file(option, value)
            else:
                wanted.fault = value
        elif option == "--minimise":
            wanted.minimise = True
        elif option.startswith("-"):
            raise Refused(f"{option}: no such option; fuzz has --time, --input, --fault and --minimise")
        elif wanted.target:
            raise Refused(f"{option}: one target at a time")
        else:
            wanted.target = option
    if not wanted.target and arguments:
        raise Refused("fuzz: name a target; ./purlin fuzz lists them")
    if wanted.minimise and (wanted.input or wanted.fault):
        raise Refused("--minimise: alone, it is about the corpus of the program as it is")
    return wanted


def listing():
    targets = fuzz.targets()
    width = max(map(len, targets))
    for target in targets.values():
        print(f"{target.name:{width}}  {target.sentence}")
    deliberate = fuzz.faults()
    if deliberate:
        print("\nDeliberate faults (--fault NAME):")
        width = max(map(len, deliberate))
        for fault in deliberate.values():
            print(f"{fault.name:{width}}  {fault.target}: {fault.sentence}")
    return 0


def minimise(target, program):
    """The stored corpus becomes a smallest set of inputs with the coverage of all there are."""
    grown = fuzz.OUTPUT / "corpus" / target.name
    with tempfile.TemporaryDirectory() as folder:
        folders = [folder] + [path for path in (target.corpus, grown) if path.is_dir()]
        merged = fuzz.run(program, ["-set_cover_merge=1", *target.options], folders, fuzz.OUTPUT / "found" / target.name, show=True)
        if merged.status:
            return merged.status
        for path in target.corpus.glob("*"):
            # What has a name and not a hash is there for a reason of its own: a fault it once found.
            if len(path.name) == 40:
                path.unlink()
        target.corpus.mkdir(parents=True, exist_ok=True)
        for path in Path(folder).iterdir():
            shutil.copyfile(path, target.corpus / path.name)
    say(f"{shown(target.corpus)} has {len(list(target.corpus.iterdir()))} inputs now")
    return 0


def tell(target, fault, done):
    if done.found:
        say(f"{target.name}: {done.reason}")
        say(f"the input is {shown(done.found)}; again: {fuzz.again(target, done.found, fault)}")
    elif done.status:
        say(f"{target.name}: ended with status {done.status} without an input to blame")
    return 1 if done.status else 0


def main(arguments):
    wanted = read(arguments)
    packages.need("fuzz", packages.BUILD + packages.FUZZ)
    if not wanted.target:
        return listing()
    target = fuzz.targets().get(wanted.target)
    if not target:
        raise Refused(f"{wanted.target}: no such target; ./purlin fuzz lists them")
    fault = fuzz.faults().get(wanted.fault) if wanted.fault else None
    if wanted.fault and (not fault or fault.target != target.name):
        raise Refused(f"--fault {wanted.fault}: {target.name} has no such fault; ./purlin fuzz lists them")
    program = fuzz.build(target, fault)
    if wanted.minimise:
        return minimise(target, program)
    if wanted.input:
        done = fuzz.run(program, target.options, [wanted.input], fuzz.OUTPUT / "found" / target.name, show=True)
        say(f"{target.name}: {done.reason if done.status else 'this input breaks nothing'}")
        return 1 if done.status else 0
    sys.stdout.flush()
    name = f"{target.name}-{fault.name}" if fault else target.name
    return tell(target, fault, fuzz.search(target, program, wanted.seconds, name, show=True))
