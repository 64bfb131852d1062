# SPDX-License-Identifier: MIT
"""./purlin run: check, install, build, boot."""
import bochs
import debian_root
import initramfs
import many
import options as run_options
import packages
import qemu_run
import system
from common import BUILD


def prepare(options):
    """Packages and builds for a run; nothing has started yet."""
    versions = {system.SOURCE_VERSION, options.linux or system.SOURCE_VERSION}
    wanted = packages.RUN + packages.linux_sources(versions) + (packages.IMAGE if options.screen else [])
    wanted += packages.DEBIAN if options.debian else []
    packages.need(f"run {options.scenario}", wanted)
    system.build(options)
    if options.debian:
        debian_root.image()
    initramfs.build()


def run_in_bochs(options):
    bochs.check(options)
    packages.need("run Bochs", packages.BOCHS + packages.IMAGE)
    prepare(options)
    return bochs.run_options(options)


def main(arguments):
    options = run_options.parse(arguments)
    if options.emulator == "bochs":
        return run_in_bochs(options)
    prepare(options)
    status = qemu_run.run(options)
    if options.exec == many.COMMAND:
        print(many.summary((options.log or BUILD / "last.log").read_text(errors="replace")))
    return status
