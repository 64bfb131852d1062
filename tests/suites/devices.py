# SPDX-License-Identifier: MIT
"""./purlin devices: what it shows of a machine whose devices, owners and resets are known."""
import json
import subprocess

import options as run_options
import qemu_run
import system
from common import TOP, bound
from suites import front_door
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

SECONDS = 300
# Devices with D3hot, with a function level reset.
MACHINE = ["-device", "e1000e,addr=10", "-device", "nvme,addr=11,serial=a"]
NIC, NVME, EDU, BRIDGE = "00:10.0", "00:11.0", "00:01.0", "00:1f.0"
DESCRIPTION = """/dts-v1/;
/include/ "include/platform.dtsi"
/ {{
	compatible = "purlin,system";
	description = "Components that keep what they have";
	qemu = "-device edu,dma_mask=0xffffffff";
	expect = "{expect}";
	timeout = <60>;

	components {{ {components} }};
}};
"""
HOLDER = """
		{name} {{
			binary = "holder";
			memory = "4M";
			log;
			pci = "device 1234:11e8";
			routes {{ PCI = <&platform>; }};
		}};
"""
FIRST, SECOND = HOLDER.format(name="first"), HOLDER.format(name="second")


DRIVE_BYTES = 1 << 20
DRIVE = [
    "-blockdev", f"driver=null-co,node-name=drive,size={DRIVE_BYTES},read-zeroes=on", "-device", "nvme,serial=unit,drive=drive",
]  # fmt: skip


def describe(name, expect, components):
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"devices-{name}.dts"
    path.write_text(DESCRIPTION.format(expect=expect, components=components))
    return str(path)


def devices(path, log, *words):
    """The report as data."""
    done = front_door.purlin(["devices", path, "--json", "--timeout", "300", "--log", str(log), *words], timeout=900)
    if done.returncode:
        raise Failed(done.stderr.decode())
    return json.loads(done.stdout)


def function(report, place):
    return next(one for one in report["functions"] if one["at"] == place)


def test_owned(log):
    """Who has what, with which interrupt, how much memory and which resets there are; and who has nothing."""
    report = devices(describe("owned", "holding", FIRST), log, "--", *MACHINE)
    expect_equal("IOMMU", report["iommu"], "vtd")
    edu = function(report, EDU)
    expect_equal("identity", (edu["id"], edu["class"]), ("1234:11e8", "00ff00"))
    expect_equal("owner", (edu["state"], edu["owner"], edu["seen"]), ("owned", "first/held", EDU))
    expect_equal("registers", (edu["bars"][0]["number"], edu["bars"][0]["bytes"]), (0, 1 << 20))
    expect_equal("interrupts", [one["kind"] for one in edu["interrupts"]], ["line"])
    expect_equal("domains", report["domains"], [{"owner": "first/held", "devices": 1, "mappings": 1, "bytes": 8192}])
    expect_equal("others", (function(report, NIC)["state"], function(report, BRIDGE)["state"]), ("free", "platform"))
    expect_equal("resets", [function(report, place)["resets"] for place in (EDU, NIC, NVME)], [[], ["power"], ["function"]])


def test_refused(log):
    """Two components ask for one device."""
    report = devices(describe("refused", "is not given to", FIRST + SECOND), log)
    edu = function(report, EDU)
    names = {edu["owner"].split("/")[0], edu["refused"]["client"].split("/")[0]}
    expect_equal("both", names, {"first", "second"})
    expect_equal("reason", edu["refused"]["reason"], "another component has it")


def test_no_route(log):
    """A description decides who may look: without a route there is no session."""
    component = 'devices { binary = "devices"; memory = "2M"; log; routes { Timer = <&core>; }; };'
    path = describe("no-route", "no route for Devices", component)
    options = run_options.parse([path])
    system.build(options)
    with qemu_run.prepared(options) as one:
        one.log = log
        missing = qemu_run.observe(one, ["no route for Devices", "a session is missing"], SECONDS)
    expect_equal("missing", missing, [])
    if "[devices] machine" in log.read_text(errors="replace"):
        raise Failed("a component without a route got a session")


def test_table(log):
    """For people: a line for each function."""
    path = describe("table", "holding", FIRST)
    done = front_door.purlin(["devices", path, "--timeout", "300", "--log", str(log)], timeout=900)
    lines = done.stdout.decode().splitlines()
    expect_equal("status", done.returncode, 0)
    if not any(line.startswith(EDU) and "first/held" in line for line in lines):
        raise Failed("no line for the device")
    if "first/held: 1 devices reach 8K in 1 mappings" not in lines:
        raise Failed("nothing about its memory")


def test_matrix(log):
    """A part of the table of docs/devices.md: drives of many kinds, behind ports, switches and bridges, with AMD-Vi and two processors."""
    with open(log, "w") as said:
        done = subprocess.run(bound([TOP / "tests/soak/devices", "--boot", "0", "amd-2-6.12-msi"]), stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=900, check=False)
    if done.returncode:
        raise Failed(log.read_text().strip().splitlines()[-1])


def test_unit(setting, said):
    """A unit of another kind: drives are read through it."""

    def run(log):
        unit = f"intel-iommu,intremap=on,{setting}"
        words = ["usb", "--iommu", "none", "--exec", "head -c 512 /dev/sda | wc -c; wc -c < /dev/nvme0n1"]
        output = in_linux([*words, "--", "-device", unit, *DRIVE], log)
        expect_equal("bytes read", output.text.split(), ["512", str(DRIVE_BYTES)])
        line = next((line for line in output.log.splitlines() if "IOMMU: VT-d" in line), "no line")
        if said not in line:
            raise Failed(f"{said!r} is not in {line!r}")

    return run


def suites():
    functions = {
        "devices/caching-mode": test_unit("aw-bits=48,caching-mode=on", "caching mode"),
        "devices/three-levels": test_unit("aw-bits=39", "tables of 3 levels"),
        "devices/owned": test_owned,
        "devices/refused": test_refused,
        "devices/no-route": test_no_route,
        "devices/table": test_table,
        "devices/matrix": test_matrix,
    }
    return [Suite(list(functions), one_by_one(functions))]
