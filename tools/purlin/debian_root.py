# SPDX-License-Identifier: MIT
"""The Debian of `./purlin run debian`: its image, made by tools/debian/make-root, and the devices it lies on."""
import contextlib
import hashlib
import re
import shutil
import socket
import subprocess
from pathlib import Path

import debian
import linux
import machine
from common import BUILD, TOP, Refused, bound, locked, say, shown, tool, write_if_changed

FOLDER = BUILD / "debian"
SOURCE = TOP / "tools/debian"
LABEL = "purlin-debian"
SUITE = "bookworm"
# A scenario NAME of which one Linux can be a whole Debian has a description of that: NAME-debian.
SUFFIX = "-debian"
# `root` in a description; there is one so far.
NAMES = ("debian",)
KINDS = ("virtio", "nvme", "usb")
SSH_PORT = 22
# What the console says when the system is up: for who starts one and only looks at it.
UP = "login: "
UP_SECONDS = 600
# What it takes to make an image: the unpacked file system, and the image with the same files. Packages of tests come
# on top, compilers and a database.
BYTES = 3 << 30
BYTES_WITH_PACKAGES = 9 << 30
NATIVE_ARGUMENTS = f"root=LABEL={LABEL}"


def key():
    """The key that may log in as root by ssh: of this build folder alone."""
    path = FOLDER / "key"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        tool("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "purlin", "-f", path)
    return path


def sources():
    """The source list in the image: Debian as this machine gets it."""
    main = debian.mirror()
    lines = [f"deb {main} {suite} main" for suite in (SUITE, f"{SUITE}-updates")]
    lines.append(f"deb {re.sub('/debian$', '/debian-security', main)} {SUITE}-security main")
    return "".join(f"{line}\n" for line in lines)


def identity(packages):
    """Changes when the image has to be made anew."""
    parts = [path.read_bytes() for path in sorted(SOURCE.iterdir())] + [sources().encode(), " ".join(packages).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest() + "\n"


def check_space(folder, needed, purpose):
    """Before anything is fetched: a full disk in the middle of it would name some file of Debian's."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        gigabytes = f"{needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free"
        raise Refused(f"{shown(folder)}: {purpose} takes {gigabytes}", 1)


def check_port(port):
    """QEMU would say that it cannot listen there, too, but only when all is built."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            raise Refused(f"--ssh {port}: port {port} of 127.0.0.1 cannot be used: {error.strerror}") from error


def make_root(image_file, packages):
    """Interrupted, it removes what it made; so it is asked to end, and waited for."""
    command = bound([SOURCE / "make-root", image_file, Path(f"{key()}.pub"), FOLDER / "sources.list", *packages])
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            said = process.stdout.read().decode(errors="replace").strip()
        except BaseException:
            # By sudo it is root's, who passes the terminal's Ctrl-C on.
            with contextlib.suppress(PermissionError):
                process.terminate()
            raise
    if process.returncode:
        raise Refused(f"tools/debian/make-root failed ({process.returncode}):\n{said}", 1)


def image(name="debian", packages=()):
    """The image as it was made; runs write to copies of it."""
    path, stamp = FOLDER / f"{name}.img", FOLDER / f"{name}.made"
    part = FOLDER / f"{name}.img.part"
    with locked("debian-root"):
        wanted = identity(packages)
        if not path.exists() or not stamp.exists() or stamp.read_text() != wanted:
            FOLDER.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            check_space(FOLDER, BYTES_WITH_PACKAGES if packages else BYTES, "making the root file system of Debian")
            say(f"making the root file system of Debian in {path.relative_to(TOP)}: some minutes, and 400 MB to fetch")
            stamp.unlink(missing_ok=True)
            write_if_changed(FOLDER / "sources.list", sources().encode())
            make_root(part, packages)
            part.rename(path)
            stamp.write_text(wanted)
    return path


def kept_image():
    """What interactive runs write to: it begins as a copy, and holes stay holes."""
    made, path = image(), FOLDER / "debian.kept.img"
    with locked("debian-root"):
        if not path.exists():
            check_space(FOLDER, made.stat().st_blocks * 512, "a copy of the root file system of Debian to write to")
            part = path.with_suffix(".img.part")
            tool("cp", "--sparse=always", "--reflink=auto", made, part)
            part.rename(path)
    return path


def drive(identifier, path, *more):
    return ["-drive", ",".join([f"if=none,id={identifier},format=raw,file={machine.escaped(path)}", *more])]


def virtio(kind, *more):
    return ["-device", ",".join([f"virtio-{kind}-pci,disable-legacy=on,iommu_platform=on", *more])]


ROOT_DEVICES = {
    "virtio": virtio("blk", "drive=root,serial=root"),
    "nvme": ["-device", "nvme,drive=root,serial=root"],
    "usb": ["-device", "usb-storage,bus=usb.0,drive=root,serial=root"],
}


def root_disk(options):
    """What a person at the console writes stays. All others start with the same system: what they write is gone afterwards."""
    if options.exec is not None or options.bare or not options.keep:
        return drive("root", image("programs" if options.packages else "debian", options.packages), "snapshot=on")
    return drive("root", kept_image())


def with_ssh(network, options, address=""):
    """A network of QEMU's, with the port that leads to the guest's ssh."""
    return f"{network},hostfwd=tcp:127.0.0.1:{options.ssh}-{address}:{SSH_PORT}" if options.ssh else network


def described_network(words, options, node):
    """Arguments that a description has for QEMU: where the Debian has a session for a network, the port leads there."""
    if node is None or not node.texts("networks"):
        return words
    address = re.search(r"purlin\.address=[^,]*,([0-9.]+)", node.text("bootargs", ""))
    return [with_ssh(word, options, address[1] if address else "") if word.startswith("user,") else word for word in words]


def cards(options, node):
    """A network card and entropy, for who drives devices."""
    if node is not None and node.texts("networks"):
        return []
    return ["-netdev", with_ssh("user,id=net", options), *virtio("net", "netdev=net"), *virtio("rng")]


def devices(options, folder, node):
    """The machine of a Debian: root disk, the kernel's modules, cards. `node` is its Linux; nothing: a native one."""
    return [
        *root_disk(options), *ROOT_DEVICES[options.root_on],
        *drive("modules", linux.modules_image(folder), "readonly=on"), *virtio("blk", "drive=modules,serial=modules"),
        *cards(options, node),
    ]  # fmt: skip


def scenario_of(name):
    """The scenario that --debian makes of another."""
    if not (TOP / f"scenarios/{name}{SUFFIX}.dts").is_file():
        raise Refused(f"--debian: no Linux of {name} can be a whole Debian; `debian` is one, `duo --debian` has one")
    return f"{name}{SUFFIX}"


def check(name):
    if name not in NAMES:
        raise Refused(f"root = \"{name}\": must be {' or '.join(NAMES)}", 1)
