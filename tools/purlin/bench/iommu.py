# SPDX-License-Identifier: MIT
"""
./purlin bench iommu: what a request of a Linux that drives its own disks costs the whole machine, in instructions, without an
IOMMU and behind each kind; and how many commands the IOMMU got meanwhile, by QEMU's trace.
"""
from bench import counted, disk_requests, results, table
from common import TOP

DEVICES = ("virtio", "nvme")
# The kind, and QEMU's trace of a command to it.
KINDS = {"no IOMMU": ("none", None), "VT-d": ("vtd", "vtd_inv_desc"), "AMD-Vi": ("amd", "amdvi_command_exec")}


def description():
    """The scenario `usb`, whose Linux trusts its devices: for a machine without an IOMMU."""
    text = (TOP / "scenarios/usb.dts").read_text().replace('"include/', f'"{TOP}/scenarios/include/')
    path = results.OWN / "trusted.dts"
    path.write_text(text.replace("pci = ", "trusted-dma;\n\t\t\tpci = ", 1))
    return path


class Commands:
    """Those that the IOMMU got between the first and the last row that the machine printed."""

    def __init__(self, path):
        self.path, self.said, self.counts = path, b"", []
        path.unlink(missing_ok=True)

    def heard(self, data):
        before = self.said.count(b"row ")
        self.said += data
        if self.said.count(b"row ") > before:
            self.counts.append(self.path.read_text(errors="replace").count("\n") if self.path.exists() else 0)

    @property
    def first(self):
        return self.counts[0]

    @property
    def between(self):
        return self.counts[-1] - self.counts[0]


def measure():
    counted.prepare()
    path, found, commands = description(), {}, {}
    for name, (kind, event) in KINDS.items():
        trace = results.OWN / f"iommu-{kind}.trace"
        heard = Commands(trace)
        qemu = ["-trace", event, "-D", str(trace)] if event else []
        found[name] = disk_requests.run(f"iommu: {name}", [str(path), "--iommu", kind], DEVICES, qemu, heard.heard)
        commands[name] = f"{heard.between} (at start {heard.first})" if event else "-"
    lines = [["instructions of the machine for a request", *found]]
    for device in DEVICES:
        for row, title in disk_requests.TITLES.items():
            lines.append([f"{device}, {title}", *(f"{values[device, row]:,.0f}" for values in found.values())])
    lines.append(["commands to the IOMMU meanwhile", *commands.values()])
    print(table.laid_out(lines))
    return 0
