# SPDX-License-Identifier: MIT
"""Linux programs in the guest, many in one boot; natively, too, so that an expectation is known to be Linux's."""
import re
import secrets
import time

import system
from common import BUILD, TOP, tested_versions, tool
from suites import debian_kernel
from suites.testing import Result, Suite, in_linux, log_file

SOURCE = TOP / "tests/linux"
SECONDS_EACH = 600  # run-tests: when a program hangs. On a busy machine some take two minutes.
# The kernel's log is looked at when everything else has run.
LAST = ["kernel_log.sh"]
SHARED = ["vcpu_sharing", "taking_away", *LAST]


def programs():
    names = sorted(path.stem for path in SOURCE.glob("*.c"))
    scripts = sorted(path.name for path in SOURCE.glob("*.sh") if path.name not in LAST)
    return names + scripts + LAST


def file_of(program):
    return SOURCE / program if program.endswith(".sh") else BUILD / "tests/linux" / program


def judge(program, status, output):
    """Why the program failed, or nothing."""
    expected = SOURCE / (program.removesuffix(".sh") + ".expected")
    if status != 0:
        problem = f"exit status {status}"
    elif expected.exists():
        problem = "" if output == expected.read_text() else "output differs from " + str(expected.relative_to(TOP))
    else:
        problem = "" if output.endswith("checks passed\n") else "ended before its last check"
    if problem and output.strip():
        problem += ": " + output.strip().splitlines()[0]
    return problem


def run_on(scenario, prefix, kernel=None):
    """
    `scenario`: its name and the options that make it the one meant. `kernel()`: another kernel than the usual, what it
    needs in the initramfs, and what to do before programs run.
    """

    def run(names):
        tool("make", "-s", "-C", TOP, "linux-tests")
        wanted = [name.removeprefix(prefix) for name in names]
        mark = secrets.token_hex(8)
        files = {f"tests/{program}": (file_of(program).read_bytes(), 0o755) for program in wanted}
        files["tests/run-tests"] = ((SOURCE / "run-tests").read_bytes(), 0o755)
        image, more, before = kernel() if kernel else (None, {}, "")
        command = f"{before}/tests/run-tests {mark} {' '.join(wanted)}"
        log = log_file(prefix + "all" if len(wanted) > 1 else prefix + wanted[0])
        log.unlink(missing_ok=True)
        started = time.monotonic()
        words = [*scenario, "--mem", "512M", "--exec", command]
        output = in_linux(words, log, timeout=60 + SECONDS_EACH * len(wanted), extra_files={**files, **more}, kernel=image)
        each = (time.monotonic() - started) / len(wanted)
        yield from results(prefix, wanted, output, mark, log, each)

    return run


def results(prefix, wanted, output, mark, log, seconds):
    text = output.text
    for program in wanted:
        found = re.search(rf"^{mark} begin {re.escape(program)}\n(.*?)^{mark} end {re.escape(program)} (\d+)$", text, re.DOTALL | re.MULTILINE)
        if found:
            problem = judge(program, int(found[2]), found[1])
        elif f"{mark} begin {program}\n" in text:
            problem = f"Linux ended or hung in it (status {output.status})"
        else:
            problem = f"Linux ended before it (status {output.status})"
        if problem:
            own = log_file(prefix + program, "output")
            own.write_text(found[1] if found else text[-20000:])
            with open(log, "a") as report:
                report.write(f"\n--- {program}: {problem}; its output is in {own.name} ---\n")
        yield Result(prefix + program, not problem, seconds, problem, log)


def debians():
    image, files = debian_kernel.fetched(system.SOURCE_VERSION)
    return image, files, debian_kernel.START


def suites():
    everything = programs()
    return [
        Suite(
            [f"debian-kernel/{program}" for program in everything],
            run_on(["native", "--append", debian_kernel.ARGUMENTS], "debian-kernel/", debians),
            linuxes=(),
        ),
        Suite([f"native/{program}" for program in everything], run_on(["native"], "native/"), linuxes=("native",)),
        Suite([f"linux/{program}" for program in everything], run_on(["usb"], "linux/")),
        Suite(
            [f"linux-smp/{program}" for program in everything],
            run_on(["usb", "--smp", "4"], "linux-smp/"),
        ),
        # Four vCPUs on one processor: what waits for another vCPU does not wait for a time slice.
        Suite(
            [f"linux-shared/{program}" for program in SHARED],
            run_on([str(SOURCE / "shared.dts"), "--smp", "1", "--append", "shared-processor"], "linux-shared/"),
        ),
        *(
            Suite(
                [f"linux-{version}/{program}" for program in everything],
                run_on(["usb", "--linux", version, "--smp", "2"], f"linux-{version}/"),
                linuxes=(version,),
            )
            for version in tested_versions()[1:]
        ),
    ]
