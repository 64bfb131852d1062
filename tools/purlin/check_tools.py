# SPDX-License-Identifier: MIT
"""What the checks share: which files are ours, and what a tool complains of."""
import subprocess

from common import TOP


def ours(kind):
    done = subprocess.run([TOP / "tools/our-files", kind], stdout=subprocess.PIPE, text=True, check=True)
    return [name for name in done.stdout.split() if (TOP / name).is_file()]


def output_of(*command, **options):
    """What a tool said, if it failed."""
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False, **{"cwd": TOP, **options},
    )  # fmt: skip
    return done.stdout.splitlines() or [f"{command[0]}: status {done.returncode}"] if done.returncode else []
