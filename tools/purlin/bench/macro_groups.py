# SPDX-License-Identifier: MIT
"""The macro benchmark's workloads, a boot for each group: files they need, commands, how the machine differs."""
from dataclasses import dataclass, field

from bench import programs, sources

# Stressor and its operations; further options.
STRESS = {
    "fork": 300, "pthread": 300, "switch": 20000, "pipe": 20000, "mmap": 10, "malloc": 20000, "futex": 10000,
    "sock": 10, "mq": 10000, "getdent": 3000, "sigsegv": 5000,
}  # fmt: skip
STRESS_OPTIONS = {"mmap": "--mmap-bytes 4m"}
HACKBENCH = "/macro/bin/hackbench -g 2 -f 10 -l 100 -s 100"
HACKBENCH_MESSAGES = 2 * 10 * 10 * 100
# /proc/meminfo as lines of ubench.
MEMINFO = """awk '{ sub(":", "", $1); printf "linux-%s %s KiB 1 0.0%%\\n", tolower($1), $2 }' /proc/meminfo | grep -E '^linux-(memtotal|memfree|slab) '"""
NETWORK_MIB = 16
SMALL, LARGE = 2048, 256
PROCESSES = (10, 100, 1000, 10000)
PAGES = (1000, 10000, 100000, 1000000)


@dataclass(frozen=True)
class Group:
    """`files` makes {path: (bytes, mode) or bytes}; the machine has a network card and a server where `network`."""

    name: str
    files: object
    commands: tuple
    network: bool = False
    packages: tuple = field(default_factory=tuple)


def workload(name, operations, command):
    return f"/bench/workload {name} {operations} {command}"


def compile_files():
    return {**programs.files("tcc", "usr/bin/tcc"), **sources.files()}


def hackbench_files():
    return programs.files("rt-tests", "usr/bin/hackbench")


def stress_files():
    return programs.files("stress-ng", "usr/bin/stress-ng")


def fio_files():
    return programs.files("fio", "usr/bin/fio")


def iperf_files():
    return programs.files("iperf3", "usr/bin/iperf3")


def stress_command(name, operations):
    options = f"--{name} 1 --{name}-ops {operations} {STRESS_OPTIONS.get(name, '')} --temp-path /tmp"
    return workload(f"stress-{name}", operations, f"/macro/bin/stress-ng {options}")


def fio_command(name, device, pattern, size, requests):
    job = f"--name=bench --filename={device} --direct=1 --ioengine=psync --rw={pattern} --bs={size}k --thread"
    job += f" --size=64M --io_size={size * requests}k --loops=1 --randrepeat=1 --norandommap"
    return workload(f"fio-{name}-{pattern}-{size}k", requests, f"/macro/bin/fio {job}")


def stress_commands():
    return (stress_command("nop", 1).replace("stress-nop", "stress-start"), *(stress_command(*one) for one in STRESS.items()))


def fio_commands(name, device):
    start = fio_command(name, device, "randread", 4, 1).replace(f"fio-{name}-randread-4k", f"fio-{name}-start")
    return (start,) + tuple(
        fio_command(name, device, pattern, size, requests)
        for pattern, size, requests in (
            ("randread", 4, SMALL), ("randwrite", 4, SMALL), ("read", 128, LARGE), ("write", 128, LARGE),
        )  # fmt: skip
    )


def iperf_commands(port):
    up = (
        "for card in /sys/class/net/e*; do :; done; ifconfig ${card##*/} 10.0.2.15 netmask 255.255.255.0 up;"
        " until grep -q 1 $card/carrier; do :; done"
    )
    client = f"/macro/bin/iperf3 -c 10.0.2.2 -p {port} -n {NETWORK_MIB}M"
    return (
        up,
        workload("iperf-send", NETWORK_MIB, client),
        workload("iperf-receive", NETWORK_MIB, client + " -R"),
    )


def numbers(many):
    return " ".join(map(str, many))


def groups(port):
    """{name: Group}; `port` is the host's, where iperf3 serves."""
    made = (
        Group("boot", dict, ("/bench/started", MEMINFO)),
        Group("compile", compile_files, (workload("compile", sources.FILES, "sh /macro/compile"),)),
        Group(
            "hackbench", hackbench_files,
            (workload("hackbench-processes", HACKBENCH_MESSAGES, HACKBENCH),
             workload("hackbench-threads", HACKBENCH_MESSAGES, HACKBENCH + " -T")),
        ),
        Group("stress", stress_files, stress_commands()),
        Group("fio", fio_files, fio_commands("usb", "/dev/sda") + fio_commands("nvme", "/dev/nvme0n1")),
        Group("network", iperf_files, iperf_commands(port), network=True),
        Group("growth", dict, (f"/bench/growth processes {numbers(PROCESSES)}", f"/bench/growth pages {numbers(PAGES)}")),
    )  # fmt: skip
    return {group.name: group for group in made}
