# SPDX-License-Identifier: MIT
"""
./purlin bench served: what a request to a disk costs the whole machine, in instructions: natively, by Linux's own driver on
Purlin, and by a session with a Linux that has the disk (scenario duo), with its client's data in the pool or lent.
"""
from bench import disk_requests, table

WAYS = {
    "native": ["native"], "own driver": ["usb"], "session, pool": ["duo", "--lend", "pool"], "session, RAM lent": ["duo", "--lend", "ram"],
}  # fmt: skip


def measure():
    disk_requests.prepare()
    found = {name: disk_requests.run(f"served: {name}", words) for name, words in WAYS.items()}
    lines = [["instructions of the machine for a request", *found]]
    for row, title in disk_requests.TITLES.items():
        base = found["native"]["virtio", row]
        costs = {name: values["virtio", row] for name, values in found.items()}
        lines.append([title, *(f"{cost:,.0f}" + (f" {cost / base:.2f}x" if name != "native" else "") for name, cost in costs.items())])
    print(table.laid_out(lines))
    return 0
