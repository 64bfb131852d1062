# SPDX-License-Identifier: MIT
"""./purlin run: check, install, build, boot."""
import initramfs
import options as run_options
import packages
import session
import system


def prepare(options):
    """Packages and builds for a run; nothing has started yet."""
    versions = {system.SOURCE_VERSION, options.linux or system.SOURCE_VERSION}
    packages.need(f"run {options.scenario}", packages.RUN + sorted(map(packages.linux_source, versions)))
    system.build(options)
    initramfs.build()


def main(arguments):
    options = run_options.parse(arguments)
    prepare(options)
    return session.run(options)
