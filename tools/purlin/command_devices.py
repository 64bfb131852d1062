# SPDX-License-Identifier: MIT
"""./purlin devices: boots a scenario, shows who has which device once it is up, and stops."""
import json
import os
import threading

import command_run
import debian_root
import device_report
import machine
import options as run_options
import qemu_run
import system
from common import Refused

INCLUDE = "include/devices.dtsi"


def parse(arguments):
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    as_json = "--json" in words[:end]
    if as_json:
        words.remove("--json")
    options = run_options.parse(words)
    if options.native:
        raise Refused("devices native: the report comes from Purlin's platform component")
    for option in ("--exec", "--in", "--screen"):
        if option in options.given:
            raise Refused(f"{option}: not with devices, which shows the machine when it is up, and stops it")
    if options.emulator != "qemu":
        raise Refused("--emulator bochs: not with devices")
    one = system.loaded(options)
    if not any("Devices" in node.texts("provides") for node in one.components):
        raise Refused(f"devices {options.scenario}: nothing in its description provides Devices")
    options.includes.append(INCLUDE)
    options.keep = False
    return options, as_json


def lines_of(stream):
    held = b""
    while data := os.read(stream.fileno(), 1 << 16):
        *lines, held = (held + data).split(b"\n")
        yield from (line.decode(errors="replace").rstrip("\r") for line in lines)


def watch(process, expect):
    """
    The first report that began after the last text the scenario expects. A machine that ends before: the
    last report there was.
    """
    missing, reader, seen = list(expect), device_report.Reader(), None
    for line in lines_of(process.stdout):
        while missing and missing[0] in line:
            line = line[line.index(missing[0]) + len(missing.pop(0)) :]
            if not missing:
                reader.current, seen, reader.whole = None, reader.whole, None
        reader.line(line)
        if not missing and reader.whole:
            break
    return reader.whole or seen


def until(options):
    """The texts after which the machine is up, and how long that may take."""
    one = system.loaded(options)
    texts, seconds = ([debian_root.UP], debian_root.UP_SECONDS) if options.debian else (one.expect, one.timeout)
    return texts, options.timeout or seconds


def report(options):
    """Boot and watch; what was reported, or nothing."""
    texts, seconds = until(options)
    with qemu_run.prepared(options) as one:
        with qemu_run.qemu(one.command(machine.observed(one.log))) as process:
            limit = threading.Timer(seconds, qemu_run.stop, [process])
            limit.start()
            try:
                return watch(process, texts)
            finally:
                limit.cancel()
                qemu_run.keep_log(one)


def main(arguments):
    options, as_json = parse(arguments)
    command_run.prepare(options)
    data = report(options)
    if not data:
        raise Refused(f"devices {options.scenario}: no report; build/last.log has what the machine said", 1)
    print(json.dumps(data, indent=1) if as_json else device_report.table(data))
    return 0
