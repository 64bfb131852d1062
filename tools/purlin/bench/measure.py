# SPDX-License-Identifier: MIT
"""ubench in one place: start the machine, keep what it said, read it."""
import linux
import qemu_run
import system
from bench import machines, results
from common import Refused, say, shown, tool

PROGRAM = results.OWN / "ubench"


def kept(request, place, ending):
    return results.OWN / f"{place.name}-{request.linux}.{ending}"


def plugin_words(request, place):
    if not request.plugin:
        return []
    output = kept(request, place, request.plugin)
    output.unlink(missing_ok=True)
    return ["-plugin", f"{results.OWN / request.plugin}.so,out={output}"]


def keep_symbols(request, place):
    """For bench/profile: the addresses of what runs now, which may be built anew before anybody looks."""
    kind = place.name if place.prepare else linux.kind_of(place.native, place.configuration)
    images = [linux.FOLDER / f"{request.linux}-{kind}/vmlinux", *([] if place.native else [system.KERNEL])]
    listed = b"".join(tool("nm", "-n", image) for image in images if image.exists())
    kept(request, place, "symbols").write_bytes(listed)


def output_of(request, place, files, command):
    """What a command says in the place; its status is reported if it is not 0."""
    options = machines.options(place, request)
    if place.wrap:
        files, command = place.wrap(files, command)
    options.exec, options.extra_files = command, files
    options.qemu = options.qemu + plugin_words(request, place)
    with qemu_run.prepared(options) as one, open(kept(request, place, "txt"), "wb") as said:
        one.log = kept(request, place, "log")
        status = qemu_run.execute(one, qemu_run.sink_to(said))
    text = kept(request, place, "txt").read_text(errors="replace").replace("\r\n", "\n")
    if status != 0:
        say(f"{place.name}: the command ended with status {status}; its output is in {shown(kept(request, place, 'txt'))}")
    return text


def ubench_command(place, patterns):
    words = ["/bench/ubench", *machines.device_words(place), *(f"'{pattern}'" for pattern in patterns)]
    return "uname -r; " + " ".join(words)


def measure(request, place):
    """The place's part of a result."""
    say(f"measuring: {place.title}")
    files = {"bench/ubench": (PROGRAM.read_bytes(), 0o755)}
    text = output_of(request, place, files, ubench_command(place, request.tests))
    tests = results.parse(text)
    if not tests:
        raise Refused(f"{place.name}: ubench measured nothing; its output is in {shown(kept(request, place, 'txt'))}", 1)
    if request.plugin == "events":
        results.add_events(tests, kept(request, place, "events").read_text().splitlines())
    if request.plugin == "profile":
        keep_symbols(request, place)
    release = next((line for line in text.splitlines() if line[:1].isdigit()), "?")
    return {"kernel": release, "title": place.title, "base": place.base, "tests": tests}
