# SPDX-License-Identifier: MIT
"""
./purlin bench locks: how many instructions run with the kernel's lock held, by operation; and how often
a processor found it held while two ran guests at the same time.
"""
import bisect
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass

import initramfs
import options as run_options
import packages
import qemu_run
import system
from bench import results, table
from common import TOP, Refused, say, tool

PLUGIN = results.OWN / "locks.so"
LOCK = "kernel_lock_held"
SECONDS = 600
UBENCH = ("null", "anonymous-fault", "file-fault", "copy-fault", "mprotect-pair", "mmap-1m", "fork", "fork-exec", "pipe", "futex")
# What takes a small lock and not the kernel's.
SHORT = {"batch_quick": "short batch: the lock of its space", "vcpu_switch_quick": "short switch: the lock of its vCPU"}
# What the lock was taken for, by the function that took it; a call is named by its handler.
WAYS = {
    "trap_syscall": "call",
    "trap_endpoint_call": "endpoint_call, the short way",
    "trap_endpoint_reply": "endpoint_reply_receive, the short way",
    "vcpu_hand_over": "resume with a batch",
    "trap_user": "exception or interrupt",
    "trap_kernel": "interrupt of an idle processor",
}  # fmt: skip
FURTHER = {"timeout_expired": "timer interrupt", "irq_interrupt": "device interrupt", "tlb_answer": "shoot-down asked for"}
LINE = re.compile(r"([0-9a-f]+) (\S+)" + 6 * r" (\d+)")


@dataclass
class Held:
    times: int = 0
    contended: int = 0
    instructions: int = 0
    longest: int = 0
    waited: int = 0
    longest_wait: int = 0

    def add(self, words):
        self.times += words[0]
        self.contended += words[1]
        self.instructions += words[2]
        self.longest = max(self.longest, words[3])
        self.waited += words[4]
        self.longest_wait = max(self.longest_wait, words[5])

    @property
    def average(self):
        return self.instructions / self.times


class Symbols:
    def __init__(self):
        lines = tool("nm", "-n", system.KERNEL).decode().splitlines()
        found = [line.split() for line in lines]
        self.named = {words[2]: int(words[0], 16) for words in found if len(words) == 3}
        code = [(int(words[0], 16), words[2]) for words in found if len(words) == 3 and words[1] in "tT"]
        self.addresses, self.names = zip(*code)

    def function(self, address):
        return self.names[bisect.bisect_right(self.addresses, address) - 1]

    def range(self, function):
        start = self.named[function]
        return start, self.addresses[bisect.bisect_right(self.addresses, start)]


def write_names(symbols):
    """What the plugin tells apart: handlers of calls, and a few functions."""
    calls = tomllib.loads((TOP / "abi/calls.toml").read_text())["call"]
    names = [f"call_{call['name']}" for call in calls] + [*FURTHER, "kernel_lock_wait"]
    path = results.OWN / "locks.names"
    path.write_text("".join(f"{symbols.named[name]:x} {name}\n" for name in names if name in symbols.named))
    return path


def plugin_words(symbols, output):
    short = "".join(f",short={start:x}-{end:x}" for start, end in map(symbols.range, SHORT))
    return ["-plugin", f"{PLUGIN},lock={symbols.named[LOCK]:x},names={write_names(symbols)},out={output}{short}"]


def operation(symbols, site, kind):
    function = symbols.function(site)
    if function in SHORT:
        return SHORT[function]
    way = WAYS.get(function, function)
    if kind.startswith("call_"):
        return kind.removeprefix("call_")
    return FURTHER.get(kind, way)


def blocks(symbols, output):
    """{title: {operation: Held}} of the plugin's lines."""
    found, title = {}, None
    for line in output.read_text().splitlines():
        match = LINE.fullmatch(line)
        if not match:
            title = line
            found[title] = defaultdict(Held)
        else:
            words = [int(word) for word in match.groups()[2:]]
            found[title][operation(symbols, int(match[1], 16), match[2])].add(words)
    return found


def run(symbols, words, name, files=None):
    options = run_options.parse(words)
    system.build(options)
    output = results.OWN / f"locks-{name}.txt"
    output.unlink(missing_ok=True)
    options.qemu = list(options.qemu) + plugin_words(symbols, output)
    if files:
        options.extra_files = files
    say(f"measuring: {name}")
    with qemu_run.prepared(options) as one:
        one.log = results.OWN / f"locks-{name}.log"
        if options.exec is not None:
            with open(results.OWN / f"locks-{name}.said", "wb") as said:
                qemu_run.execute(one, qemu_run.sink_to(said))
        else:
            qemu_run.observe(one, ["asks for the machine's power-off"], SECONDS)
    if not output.exists():
        raise Refused(f"{name} said nothing about locks", 1)
    return blocks(symbols, output)


def held_text(operations, fewest=20):
    """Operations that came often enough, the most expensive in all first."""
    lines = [["", "times", "instructions, mean", "longest"]]
    for name, held in sorted(operations.items(), key=lambda item: -item[1].instructions):
        if held.times >= fewest:
            lines.append([name, f"{held.times:,}", f"{held.average:,.0f}", f"{held.longest:,}"])
    return table.laid_out(lines)


def contention_text(operations):
    lines = [["", "times", "found it held", "waited, mean", "longest"]]
    for name, held in sorted(operations.items(), key=lambda item: -item[1].contended):
        if held.contended:
            share = f"{100 * held.contended / held.times:.1f} %"
            lines.append([name, f"{held.times:,}", share, f"{held.waited / held.contended:,.0f}", f"{held.longest_wait:,}"])
    return table.laid_out(lines)


def tests_text(found):
    """Of each test of ubench: the lock's share of an operation, and what takes it."""
    said = (results.OWN / "locks-linux.said").read_text(errors="replace")
    names = re.findall(r"^(\S+) +([0-9.]+) \S+ +(\d+) +[0-9.]+%\r?$", said, re.MULTILINE)
    lines = [["", "instructions", "times locked", "of them locked", "share"]]
    for number, (name, value, count) in enumerate(names):
        operations = {name: one for name, one in found.get(f"test {number}", {}).items() if name not in SHORT.values()}
        held = sum(one.instructions for one in operations.values()) / int(count)
        times = sum(one.times for one in operations.values()) / int(count)
        lines.append([name, f"{float(value):,.0f}", f"{times:.2f}", f"{held:,.0f}", f"{100 * held / float(value):.0f} %"])
    return table.laid_out(lines)


def measure():
    packages.need("run the benchmark", packages.RUN)
    system.make_all()
    tool("make", "-s", "-C", TOP, "bench")
    symbols = Symbols()
    kernel = run(symbols, ["kernel-bench", "--smp", "1", "--icount"], "kernel")
    print("The microkernel's own operations, one processor:\n" + held_text(kernel["all"]))
    initramfs.build()
    files = {"bench/ubench": ((results.OWN / "ubench").read_bytes(), 0o755)}
    command = "/bench/ubench " + " ".join(UBENCH)
    linux = run(symbols, ["linux", "--smp", "1", "--icount", "--exec", command], "linux", files)
    print("\nLinux, one processor, by what took the lock:\n" + held_text(linux["all"]))
    print("\nLinux, one processor, by test:\n" + tests_text(linux))
    several = run(symbols, ["guest-several", "--smp", "2"], "several")
    print("\nTwo processors at the same time (guest-several):\n" + contention_text(several["all"]))
    return 0
