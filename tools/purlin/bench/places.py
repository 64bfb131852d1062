# SPDX-License-Identifier: MIT
"""Where the benchmark runs: native Linux, its partners, Purlin, and peers from Debian packages."""
from dataclasses import dataclass

import linux
import scenario
import system
from bench import debian, uml, xen
from common import Refused
from machine import Boot

PURLIN_SCENARIO = "usb"
NATIVE = "native"
PEERS = ("debian", "xen", "uml")
DEFAULT = (NATIVE, "pti", "purlin")
MACRO_DEFAULT = (NATIVE, "purlin")
# Pairs of native and Purlin: Linux's configuration, and how many processors it has.
SHAPES = (("lean", 1), ("lean", 2), ("full", 1), ("full", 2))


@dataclass(frozen=True)
class Place:
    """`boot` says what starts in place of the scenario's own; `wrap` what runs ubench there."""

    name: str
    title: str
    scenario: str
    base: str | None
    prepare: object = None
    boot: object = None
    wrap: object = None
    has_devices: bool = True
    processors: int = 1
    configuration: str | None = None  # of Linux; None: the scenario's

    @property
    def native(self):
        return self.scenario == NATIVE


def boot_pti(options, initrd):
    image = linux.stripped(linux.FOLDER / f"{system.linux_version(options)}-pti")
    return Boot(image, initrd, f"{system.NATIVE_ARGUMENTS} mitigations=auto pti=on {options.append}".strip())


def prepare_pti(options):
    linux.build_native(system.linux_version(options), "pti")


def shape_name(place, configuration, processors):
    """purlin, purlin-2, purlin-full, purlin-full-2."""
    return place + ("-full" if configuration == "full" else "") + (f"-{processors}" if processors > 1 else "")


SHAPED = tuple(shape_name(place, *shape) for shape in SHAPES for place in (NATIVE, "purlin"))


def pair(configuration, processors):
    """Native and Purlin. In `full` the drivers of disks are modules, which nobody loads here."""
    native, purlin = (shape_name(name, configuration, processors) for name in (NATIVE, "purlin"))
    facts = {"has_devices": configuration == "lean", "processors": processors, "configuration": configuration}
    words = f"{configuration}, {processors} processor" + ("s" if processors > 1 else "")
    yield Place(native, f"native, {words}", NATIVE, None, **facts)
    yield Place(purlin, f"Purlin, {words}", PURLIN_SCENARIO, native, **facts)


SPECIAL = {place.name: place for shape in SHAPES[1:] for place in pair(*shape)}
SPECIAL |= {
    place.name: place
    for place in (
        Place(NATIVE, "native", NATIVE, None),
        Place("pti", "native, pti=on", NATIVE, NATIVE, prepare_pti, boot_pti),
        Place("purlin", "Purlin", PURLIN_SCENARIO, NATIVE),
        Place("debian", "native, Debian 6.1", NATIVE, None, debian.prepare, debian.boot, has_devices=False),
        Place("xen", "Xen PV, Debian 6.1", NATIVE, "debian", xen.prepare, xen.boot, has_devices=False),
        Place("uml", "UML, Debian 6.1", NATIVE, "debian", uml.prepare, debian.boot, uml.wrap, False),
    )
}


def is_name(word):
    return word in SPECIAL or word in scenario.names()


def find(name):
    if name in SPECIAL:
        return SPECIAL[name]
    if name in scenario.names():
        return Place(name, name, name, NATIVE, has_devices=name == PURLIN_SCENARIO)
    raise Refused(f"{name}: no such place; there are {', '.join([*SPECIAL, *scenario.names()])}")


def title(name):
    return find(name).title if is_name(name) else name
