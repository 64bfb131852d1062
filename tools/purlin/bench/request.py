# SPDX-License-Identifier: MIT
"""What a person asked ./purlin bench for."""
import re
from dataclasses import dataclass, field

import options as run_options
from bench import places
from common import LINUX_VERSIONS, Refused

KINDS = ("system", "kernel", "locks", "returns", "served", "iommu", "macro", "show", "document")
PLUGINS = ("events", "profile")
VALUED = {"--linux": LINUX_VERSIONS, "--append": None, "--plugin": PLUGINS}
FLAGS = {"--time": "time", "--store": "store"}


@dataclass
class Request:
    kind: str = "system"
    places: list = field(default_factory=list)
    tests: list = field(default_factory=list)
    linux: str = LINUX_VERSIONS[0]
    append: str = ""
    plugin: str | None = "events"
    time: bool = False
    store: bool = False
    # Not from the command line: what a kind of benchmark needs.
    memory: str = "1G"
    more_qemu: tuple = ()

    @property
    def counts(self):
        """Instructions are counted, in place of time."""
        return not self.time

    @property
    def currency(self):
        return "time" if self.time else "instructions"


def add_word(request, word, first):
    if first and word in KINDS:
        request.kind = word
    elif word == "peers":
        request.places += places.PEERS
    elif word == "shapes":
        request.places += places.SHAPED
    elif places.is_name(word):
        request.places.append(word)
    elif re.fullmatch(r"[a-z0-9*?-]+", word):
        request.tests.append(word)
    else:
        raise Refused(f"{word}: neither a place nor the name of a test")


def add_value(request, option, words):
    if not words:
        raise Refused(f"{option}: needs a value")
    value = words.pop(0)
    if VALUED[option]:
        run_options.choice(option, value, VALUED[option])
    setattr(request, option.removeprefix("--"), value)


def read(arguments):
    request = Request()
    words = list(arguments)
    first = True
    while words:
        word = words.pop(0)
        if word in VALUED:
            add_value(request, word, words)
        elif word in FLAGS:
            setattr(request, FLAGS[word], True)
        elif word.startswith("-"):
            raise Refused(f"{word}: bench knows {', '.join([*VALUED, *FLAGS])}")
        else:
            add_word(request, word, first)
        first = False
    if request.kind not in ("system", "macro") and request.places + request.tests:
        raise Refused(f"{(request.places + request.tests)[0]}: bench {request.kind} takes neither places nor tests")
    if request.time:
        # Time and a plugin do not go together.
        request.plugin = None
    default = places.MACRO_DEFAULT if request.kind == "macro" else places.DEFAULT
    request.places = list(dict.fromkeys(request.places or default))
    return request
