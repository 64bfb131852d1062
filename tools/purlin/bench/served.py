# SPDX-License-Identifier: MIT
"""
./purlin bench served: what a request to a disk, and TCP with this machine, cost the whole machine, in instructions: natively,
by Linux's own drivers on Purlin, and by sessions with a Linux that has disk and card (scenario duo), with its client's data in
the pool or lent.
"""
from bench import counted, disk_requests, streams, table

NATIVE = "native"
DISKS = {
    NATIVE: [NATIVE], "own driver": ["usb"], "session, pool": ["duo", "--lend", "pool"], "session, RAM lent": ["duo", "--lend", "ram"],
}  # fmt: skip
# And whether its card is to be added.
NETWORKS = {NATIVE: ([NATIVE], True), "own driver": (["bench", "--mem", "1G"], True), "session": (["duo"], False)}


def rows(titles, found):
    """A line for each title: instructions in each place, and times the native ones."""
    for row, title in titles.items():
        base = found[NATIVE][row]
        yield [title, *(f"{values[row]:,.0f}" + (f" {values[row] / base:.2f}x" if name != NATIVE else "") for name, values in found.items())]


def measure():
    counted.prepare()
    disks = {name: disk_requests.run(f"served: {name}", words) for name, words in DISKS.items()}
    disks = {name: {row: cost for (_, row), cost in costs.items()} for name, costs in disks.items()}
    networks = {name: streams.run(f"served: {name}, network", words, with_card) for name, (words, with_card) in NETWORKS.items()}
    print(table.laid_out([["instructions of the machine", *disks], *rows(disk_requests.TITLES, disks)]))
    print("\n" + table.laid_out([["instructions of the machine", *networks], *rows(streams.TITLES, networks)]))
    return 0
