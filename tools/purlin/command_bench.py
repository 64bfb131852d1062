# SPDX-License-Identifier: MIT
"""./purlin bench: ubench (bench/README.md) natively and on Purlin, instructions side by side."""
import re
from dataclasses import dataclass, field
from pathlib import Path

import initramfs
import options as run_options
import packages
import scenario
import session
import system
from common import BUILD, LINUX_VERSIONS, TOP, Refused, say, shown, tool

FOLDER = BUILD / "bench"
PROGRAM = FOLDER / "ubench"
PLUGINS = ("events", "profile")
# Where the disk tests find their disk, and how the machine gets it.
DEVICES = {"usb": ("/dev/sda", "--stick"), "disk": ("/dev/vda", "--disk")}
DEVICE_SIZE = 64 << 20
SECONDS = 900


@dataclass
class Request:
    places: list = field(default_factory=list)
    tests: list = field(default_factory=list)
    linux: str = LINUX_VERSIONS[0]
    append: str = ""
    device: str | None = None
    plugin: str | None = None

    @property
    def words(self):
        """The options of run both places get."""
        words = ["--linux", self.linux, "--smp", "1", "--mem", "1G", "--icount"]
        return words + (["--append", self.append] if self.append else [])


def read(arguments):
    request = Request()
    words = list(arguments)
    valued = {"--linux": LINUX_VERSIONS, "--append": None, "--device": tuple(DEVICES), "--plugin": PLUGINS}
    while words:
        word = words.pop(0)
        if word in valued:
            if not words:
                raise Refused(f"{word}: needs a value")
            value = words.pop(0)
            if valued[word]:
                run_options.choice(word, value, valued[word])
            setattr(request, word.removeprefix("--"), value)
        elif word.startswith("-"):
            raise Refused(f"{word}: bench knows {', '.join(valued)}")
        elif word == "native" or word in scenario.names():
            request.places.append(word)
        elif re.fullmatch(r"[a-z0-9*?-]+", word):
            request.tests.append(word)
        else:
            raise Refused(f"{word}: neither a scenario nor the name of a test")
    request.places = request.places or ["native", "usb" if request.device else "linux"]
    return request


def prepare(request):
    needed = packages.RUN + [packages.linux_source(request.linux), packages.linux_source(system.SOURCE_VERSION)]
    packages.need("run the benchmark", sorted(set(needed)))
    tool("make", "-s", "-C", TOP, "bench")
    for place in request.places:
        system.build(run_options.parse([place, *request.words]))
    initramfs.build()


def name_of(request, place):
    return f"{place}-{request.linux}"


def disk_image():
    """Contents do not matter: no test looks at them."""
    image = FOLDER / "disk.img"
    if not image.exists():
        with open(image, "wb") as file:
            file.truncate(DEVICE_SIZE)
    return image


def machine_words(request, place):
    words = [place, *request.words]
    command = ["/bench/ubench"]
    if request.device:
        path, option = DEVICES[request.device]
        words += [option, str(disk_image())]
        command += ["--device", path]
    command += [f"'{test}'" for test in request.tests]
    return [*words, "--timeout", str(SECONDS), "--exec", " ".join(command)]


def plugin_words(request, place):
    if not request.plugin:
        return []
    output = FOLDER / f"{name_of(request, place)}.{request.plugin}"
    return ["-plugin", f"{FOLDER / request.plugin}.so,out={output}"]


def keep_symbols(request, place):
    """For bench/profile: the addresses of what runs now, which may be built anew before anybody looks."""
    folder = "native" if place == "native" else "purlin"
    images = [BUILD / f"linux/{request.linux}-{folder}/vmlinux"]
    if place != "native":
        images.append(system.KERNEL)
    listed = b"".join(tool("nm", "-n", image) for image in images)
    (FOLDER / f"{name_of(request, place)}.symbols").write_bytes(listed)


def measure(request, place):
    """{test: (value, unit, operations)}; ubench's own output lies in build/bench."""
    say(f"measuring: {place}")
    options = run_options.parse(machine_words(request, place))
    options.qemu = plugin_words(request, place)
    options.extra_files = {"bench/ubench": (PROGRAM.read_bytes(), 0o755)}
    output = bytearray()
    kept = FOLDER / f"{name_of(request, place)}.txt"
    with session.prepared(options) as one:
        one.log = kept.with_suffix(".log")
        status = session.execute(one, output.extend)
    kept.write_bytes(output)
    if request.plugin == "profile":
        keep_symbols(request, place)
    if status != 0:
        say(f"{place}: ubench ended with status {status}; its output is in {shown(kept)}")
    lines = re.findall(r"^(\S+) +([0-9.]+) (\S+) +(\d+)$", output.decode(errors="replace"), re.MULTILINE)
    return {test: (float(value), unit, int(count)) for test, value, unit, count in lines}


def print_table(request, columns):
    print(f"{'':22}" + "".join(f"{place:>16}" for place in columns) + ("   ratio" if len(columns) > 1 else ""))
    first = next(iter(columns.values()))
    for test, (value, unit, _) in first.items():
        row = [column.get(test, (None,))[0] for column in columns.values()]
        cells = "".join(f"{cell:16,.1f}" if cell is not None else f"{'-':>16}" for cell in row)
        ratio = f"{row[-1] / value:7.2f}x" if len(row) > 1 and row[-1] else ""
        print(f"{test:22}{cells}{ratio} {unit if unit != 'ns' else ''}".rstrip())
    for place in columns if request.plugin == "events" else ():
        print_events(request, place, columns[place])


def print_events(request, place, tests):
    """What the plugin counted, for each operation."""
    print(f"\nevents for each operation: {place}")
    lines = Path(FOLDER / f"{name_of(request, place)}.events").read_text().splitlines()
    for (test, (_, _, count)), line in zip(tests.items(), lines):
        events = re.findall(r"(\w+)=(\d+)", line)
        shown_events = [f"{name} {int(number) / count:.2f}" for name, number in events if int(number) / count >= 0.01]
        print(f"{test:22}" + "  ".join(shown_events))


def main(arguments):
    request = read(arguments)
    prepare(request)
    columns = {place: measure(request, place) for place in request.places}
    print_table(request, columns)
    return 0 if all(columns.values()) else 1
