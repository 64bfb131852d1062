# SPDX-License-Identifier: MIT
"""./purlin debug: QEMU stopped at its first instruction, gdb attached with all symbols."""
import os
import subprocess
import sys

import command_run
import linux
import machine
import options as run_options
import packages
import qemu_run
import system
from common import TOP, Refused, bound, say, shown


# QEMU listens before its machine is made, and answers afterwards: on a busy host later than the 2 s for which gdb waits.
PATIENCE = "set remotetimeout 100"


def gdb_commands(options, socket):
    """What gdb does before it asks the person (or reads commands from a pipe)."""
    commands = ["set pagination off", "set confirm off", f"cd {TOP}"]
    if options.native:
        vmlinux = system.linux_folder(options) / "vmlinux"
        commands += [f"file {vmlinux}"]
    else:
        commands += [f"file {system.KERNEL}", f"source {TOP / 'tools/gdb/purlin.py'}"]
        if system.has_linux(options):
            commands.append(f"add-symbol-file {system.linux_folder(options)}/vmlinux")
    commands += [PATIENCE, f"target remote {socket}"]
    return commands


def gdb_environment():
    return {**os.environ, "DEBUGINFOD_URLS": ""}


def main(arguments):
    options = run_options.parse(arguments)
    if options.timeout is not None:
        raise Refused("--timeout: not with debug; gdb stops the machine's time")
    if options.exec is not None:
        raise Refused("--exec: not with debug; run the command in the console")
    if options.emulator != "qemu":
        raise Refused("--emulator bochs: not with debug; Bochs has a debugger of its own")
    packages.need("debug", packages.DEBUG)
    command_run.prepare(options)
    with qemu_run.prepared(options) as one:
        socket = one.folder / "gdb"
        options.qemu += ["-S", "-gdb", f"unix:{socket},server=on,wait=off"]
        log = options.log or one.folder / "serial.log"
        process = subprocess.Popen(
            bound(one.command(machine.observed(log))),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            # gdb's Ctrl-C is not QEMU's.
            start_new_session=True,
        )  # fmt: skip
        try:
            qemu_run.wait_for_socket(socket, process)
            say(f"the console goes to {shown(log)}; `purlin` lists the helper commands, `continue` starts the machine")
            words = ["gdb", "-q"]
            for text in gdb_commands(options, socket):
                words += ["-ex", text]
            if not sys.stdin.isatty():
                words.append("-batch")
                words += [word for line in sys.stdin.read().splitlines() for word in ("-ex", line)]
            status = subprocess.run(words, env=gdb_environment()).returncode
        finally:
            qemu_run.stop(process)
        qemu_run.keep_log(one)
        return status
