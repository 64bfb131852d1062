# SPDX-License-Identifier: MIT
"""USB sticks through Linux: file systems, partitions, writing back, controllers and interrupts, hubs, hotplug."""
import hashlib
import re
import threading

import options as run_options
import qemu_run
import stick
import system
from common import Refused, tested_versions, tool
from suites import usb_systems
from suites.qmp import Qmp
from suites.testing import FOLDER, Failed, Suite, expect_equal, in_linux, one_by_one

FILES = {
    "first": bytes(range(256)) * 40,
    "second.txt": b"The second file\n",
    "third.bin": hashlib.sha512(b"purlin").digest() * 5000,
}
WHOLE = {"vfat": stick.vfat, "ext4": stick.ext4}
KINDS = {"vfat": 0x0E, "ext4": 0x83}
SECONDS = 900
BLOCK = 1 << 16
# Its driver for NTFS never sets zone_max, the room for further records: no file can be made.
NTFS_STAYS = ("6.1",)
OTHER_IOMMU = {"7.3": ["--iommu", "amd"]}  # the others have what is usual


def image(name, filesystem, in_partition):
    """`name`: the test's own, since other tests run at the same time."""
    content = WHOLE[filesystem](FILES)
    path = FOLDER / f"{name}.img"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sparse(path, stick.partitioned(content, KINDS[filesystem]) if in_partition else content)
    return path


def write_sparse(path, content):
    """There are many images, each nearly empty."""
    with open(path, "wb") as file:
        for start in range(0, len(content), BLOCK):
            block = content[start : start + BLOCK]
            if any(block):
                file.seek(start)
                file.write(block)
        file.truncate(len(content))


def device(in_partition):
    return "/dev/sda1" if in_partition else "/dev/sda"


def expected_sums(folder="/mnt"):
    return "".join(f"{hashlib.sha256(FILES[name]).hexdigest()}  {folder}/{name}\n" for name in sorted(FILES))


def expect_ok(output):
    if output.status != 0:
        raise Failed(f"exit status {output.status}: {output.text.strip()[-300:]!r}")


def expect_clean(output):
    for sign in ("WARNING:", "BUG:", "Oops", "nobody cared", "Call Trace", "reset high-speed USB", "I/O error"):
        if sign in output.log:
            raise Failed(f"the console said {sign!r}")


def test_sums(scenario, filesystem, in_partition):
    def run(log):
        path = image(log.stem, filesystem, in_partition)
        command = f"mount -r {device(in_partition)} /mnt && cd /mnt && sha256sum first second.txt third.bin | sed 's|  |  /mnt/|'"
        output = in_linux([*scenario, "--stick", str(path), "--exec", command], log, SECONDS)
        expect_ok(output)
        expect_equal("sums", output.text, expected_sums())
        expect_clean(output)

    return run


def test_write_back(scenario, filesystem):
    """What Linux wrote is on the image afterwards, and the file system is sound."""

    def run(log):
        path = image(log.stem, filesystem, False)
        command = (
            "mount /dev/sda /mnt && cp /usr/bin/busybox /mnt/copy && echo from the guest > /mnt/note && rm /mnt/first"
            " && sha256sum < /mnt/copy && umount /mnt"
        )
        output = in_linux([*scenario, "--stick", str(path), "--exec", command], log, SECONDS)
        expect_ok(output)
        expect_clean(output)
        content = read_back(path, filesystem)
        expect_equal("note", content["note"], b"from the guest\n")
        expect_equal("sum of the copy", hashlib.sha256(content["copy"]).hexdigest(), output.text.split()[0])
        if content["first"] is not None:
            raise Failed("a file removed in Linux is still on the image")

    return run


def read_back(path, filesystem):
    """Files of the image read on this machine; None for those that are not there."""
    content = {}
    for name in ("note", "copy", "first"):
        target = path.with_name(f"{path.stem}-{name}")
        target.unlink(missing_ok=True)
        if filesystem == "vfat":
            tool("fsck.vfat", "-n", path)
            if name in listing_vfat(path):
                tool("mcopy", "-n", "-i", path, f"::{name}", target)
        else:
            tool("e2fsck", "-f", "-n", path)
            tool("debugfs", "-R", f"dump {name} {target}", path)
        content[name] = target.read_bytes() if target.exists() and target.stat().st_size else None
    return content


def listing_vfat(path):
    return tool("mdir", "-b", "-i", path).decode().lower().replace("::/", "").split()


def test_controller(scenario, usb, irq):
    """Each controller finds the stick; its interrupt is of the wanted kind and counts up."""

    def run(log):
        path = image(log.stem, "vfat", True)
        command = (
            f"mount -r /dev/sda1 /mnt && cd /mnt && sha256sum first second.txt third.bin | sed 's|  |  /mnt/|';"
            f" echo --; grep -i {usb} /proc/interrupts; echo --; lsusb -t; lspci -v -d ::0c03"
        )
        words = [*scenario, "--stick", str(path), "--usb", usb, "--irq", irq, "--exec", command]
        output = in_linux(words, log, SECONDS)
        expect_ok(output)
        expect_clean(output)
        sums, interrupts, rest = output.text.split("--\n", 2)
        expect_equal("sums", sums, expected_sums())
        # A column for each processor; the interrupt comes to any of them.
        counts = re.match(r" *\d+:((?: +\d+)+) ", interrupts)
        if not counts or sum(map(int, counts[1].split())) < 20:
            raise Failed(f"interrupts of {usb}: {interrupts!r}")
        check_interrupt_kind(usb, irq, interrupts, rest)

    return run


def check_interrupt_kind(usb, irq, interrupts, rest):
    line = interrupts.lower()
    message = "msi" in line
    if message != (usb == "xhci" and irq != "intx"):
        raise Failed(f"interrupt of another kind: {interrupts!r}")
    if usb == "xhci":
        wanted = {"msix": "MSI-X: Enable+", "msi": "MSI: Enable+", "intx": "IRQ "}[irq]
        if wanted not in rest:
            raise Failed(f"lspci does not say {wanted!r}")
    if "Driver=usb-storage" not in rest:
        raise Failed(f"lsusb -t does not show the stick: {rest[:300]!r}")


def test_three_sticks_and_hub(scenario):
    def run(log):
        paths = [image(f"{log.stem}-{i}", kind, part) for i, (kind, part) in enumerate([("vfat", True), ("ext4", False)])]
        behind = image(f"{log.stem}-behind", "vfat", False)
        command = (
            "for disk in /dev/sd[abc]; do p=$disk; [ -b ${disk}1 ] && p=${disk}1; mkdir /mnt/${disk#/dev/};"
            " mount -r $p /mnt/${disk#/dev/} || exit 1; (cd /mnt/${disk#/dev/} && sha256sum first second.txt third.bin); done;"
            " lsusb | wc -l; lsusb -t | grep -c 'Driver=hub/'"
        )
        words = [*scenario, "--stick", str(paths[0]), "--stick", str(paths[1]), "--exec", command, "--"]
        words += ["-device", "usb-hub,bus=usb.0,port=3,id=hub"]
        words += ["-drive", f"if=none,id=behind,format=raw,file={behind}"]
        words += ["-device", "usb-storage,bus=usb.0,port=3.2,drive=behind"]
        output = in_linux(words, log, SECONDS)
        expect_ok(output)
        expect_clean(output)
        sums = expected_sums("X").replace("X/", "")
        if output.text.count(sums) != 3:
            raise Failed(f"sums of three sticks: {output.text!r}")

    return run


ROUNDS = 5
# The guest reads the stick, says so, and waits for it to go and come again.
HOTPLUG = f"""
for round in $(seq 1 {ROUNDS}); do
	/purlin/find-disk /dev/sda > /dev/null 2>&1
	mount -r /dev/sda /mnt || exit 1
	(cd /mnt && sha256sum first second.txt third.bin)
	umount /mnt
	echo "read $round"
	[ $round = {ROUNDS} ] && break
	while [ -e /sys/block/sda ]; do usleep 20000; done
	echo "gone $round"
done
"""


def test_hotplug(scenario):
    """device_del and device_add of a stick while Linux runs, again and again."""

    def run(log):
        path = image(log.stem, "vfat", False)
        control = log.with_suffix(".qmp")
        control.unlink(missing_ok=True)
        words = [*scenario, "--stick", str(path), "--exec", HOTPLUG, "--", "-qmp", f"unix:{control},server=on,wait=off"]
        puller = Puller(control)
        output = in_linux(words, log, SECONDS, started=puller.begin, heard=puller.heard)
        if puller.error:
            raise Failed(puller.error)
        expect_ok(output)
        sums = expected_sums("X").replace("X/", "")
        expect_equal("reads", output.text.count(sums), ROUNDS)
        for sign in ("WARNING:", "BUG:", "Oops", "Call Trace"):
            if sign in output.log:
                raise Failed(f"the console said {sign!r}")

    return run


class Puller:
    """Takes the stick out whenever the guest has read it, and puts it back when the guest saw it gone."""

    def __init__(self, control):
        self.control = control
        self.error = None
        self.seen = b""
        self.news = threading.Condition()

    def begin(self, one, process):
        self.image = one.options.sticks[0]
        self.process = process
        threading.Thread(target=self.work, daemon=True).start()

    def heard(self, data):
        with self.news:
            self.seen += data
            self.news.notify_all()

    def wait_for(self, text):
        with self.news:
            if not self.news.wait_for(lambda: text in self.seen, SECONDS):
                raise Failed(f"Linux did not say {text.decode()!r}")

    def work(self):
        try:
            qemu_run.wait_for_socket(self.control, self.process)
            qmp = Qmp(self.control)
            for number in range(1, ROUNDS):
                self.wait_for(b"read %d\n" % number)
                qmp.ask("device_del", id="usb-stick0")
                qmp.wait_event("DEVICE_DELETED", device="usb-stick0")
                self.wait_for(b"gone %d\n" % number)
                qmp.ask(
                    "blockdev-add", driver="raw", **{"node-name": f"again{number}"},
                    file={"driver": "file", "filename": str(self.image)},
                )  # fmt: skip
                qmp.ask("device_add", driver="usb-storage", id="usb-stick0", bus="usb.0", drive=f"again{number}")
        except (Failed, Refused, OSError, ValueError) as error:
            self.error = f"while pulling the stick: {error}"
            qemu_run.stop(self.process)


def on(scenario, prefix, kind):
    """`scenario`: its name and the options that make it the one meant."""
    functions = {}
    for filesystem in WHOLE:
        functions[f"{filesystem}"] = test_sums(scenario, filesystem, False)
        functions[f"{filesystem}-partition"] = test_sums(scenario, filesystem, True)
        functions[f"{filesystem}-written"] = test_write_back(scenario, filesystem)
    for irq in run_options.IRQ_KINDS:
        functions[f"xhci-{irq}"] = test_controller(scenario, "xhci", irq)
    for usb in ("ehci", "uhci", "ohci"):
        functions[usb] = test_controller(scenario, usb, "msix")
    functions["three-sticks-and-hub"] = test_three_sticks_and_hub(scenario)
    functions["hotplug"] = test_hotplug(scenario)
    functions["other-systems"] = usb_systems.test(scenario, expect_ok, expect_clean, not set(NTFS_STAYS) & set(scenario))
    named = {f"{prefix}/{name}": function for name, function in functions.items()}
    return Suite(list(named), one_by_one(named), apart=True, linuxes=(kind,))


def suites():
    later = [on(["usb", "--linux", v, *OTHER_IOMMU.get(v, [])], f"usb-{v}", v) for v in tested_versions()[1:]]
    return [on(["native"], "native-usb", "native"), on(["usb"], "usb", system.SOURCE_VERSION), *later]
