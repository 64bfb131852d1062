# SPDX-License-Identifier: MIT
"""The machine every place gets: one processor, or as many as the place says, 1 GiB, a USB stick, a virtio disk and an NVMe drive."""
import options as run_options
import system
from bench import results

SECONDS = 1800
IMAGE_SIZE = 64 << 20
# Where the guest waits for the host its clock goes on in real time: else it would run ahead to its next
# timers, whose interrupts would count, the more the slower the host is.
WAITING = ["-icount", "shift=0,sleep=on"]
# What ubench calls a device, where Linux has it, how QEMU gets it.
STICK, DISK, DRIVE = "usb=/dev/sda", "virtio=/dev/vda", "nvme=/dev/nvme0n1"


def image(name):
    """Contents do not matter: no test looks at them."""
    path = results.OWN / f"{name}.img"
    if not path.exists() or path.stat().st_size != IMAGE_SIZE:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            file.truncate(IMAGE_SIZE)
    return path


def nvme(name):
    return ["-drive", f"if=none,id=drive,format=raw,file={image(name)}", "-device", "nvme,serial=bench,drive=drive"]


def options(place, request):
    """The options of run for one place; icount unless real time is asked for."""
    words = [place.scenario, "--linux", request.linux, "--smp", str(place.processors), "--mem", request.memory, "--timeout", str(SECONDS)]
    words += ["--icount"] if request.counts else []
    words += ["--config", place.configuration] if place.configuration else []
    words += ["--append", request.append] if request.append else []
    if place.has_devices:
        words += ["--stick", str(image("stick")), "--disk", str(image("disk"))]
    made = run_options.parse(words)
    made.boot, made.bare = place.boot, not place.has_devices
    made.qemu = (nvme("drive") if place.has_devices else []) + (WAITING if request.counts else []) + list(request.more_qemu)
    return made


def device_words(place):
    named = (STICK, DISK, DRIVE) if place.has_devices else ()
    return [word for device in named for word in ("--device", device)]


def prepare(place, request):
    """Build or fetch what the place boots."""
    made = options(place, request)
    if place.prepare:
        place.prepare(made)
    else:
        system.build(made)
