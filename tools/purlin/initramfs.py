# SPDX-License-Identifier: MIT
"""Our initramfs: busybox, a few of Debian's own dynamic programs with their libraries, and /init."""
import gzip
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

from common import BUILD, TOP, Refused, locked, tool, write_if_changed
from cpio import Archive

SOURCE = TOP / "tools/initramfs"
OUTPUT = BUILD / "initramfs"
SMALL = "initrd.small"  # boot module
FOLDERS = "dev etc mnt proc purlin root run sys tmp usr usr/bin usr/lib usr/lib64 usr/sbin usr/share var".split()
# As Debian lays it out since version 12.
MERGED = "bin sbin lib lib64".split()
# Debian's own binaries: they prove that unmodified dynamic programs run.
PROGRAMS = "bash lspci lsusb ldd sha256sum getent blkid".split()
DATA = ("/usr/share/misc/pci.ids",)


def find_program(name):
    path = shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin")
    if path is None:
        raise Refused(f"initramfs: no program {name} on this machine", 1)
    return Path(path)


def libraries(program):
    """Paths of the shared libraries and the loader that `program` needs, as it names them."""
    listed = subprocess.run(
        ["ldd", str(program)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
    ).stdout
    return re.findall(r"(/\S+) \(0x", listed)


def applets(busybox):
    """What busybox can be called as; Debian's own programs come before it."""
    return subprocess.run([busybox, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def compile_program(name, *flags, headers=()):
    """One of ours: a file, or all files of a folder."""
    sources = sorted((SOURCE / name).glob("*.c")) or [SOURCE / f"{name}.c"]
    program = OUTPUT / name
    newest = max(path.stat().st_mtime for path in (*sources, *(SOURCE / name).glob("*.h"), *headers))
    if not program.exists() or program.stat().st_mtime < newest:
        OUTPUT.mkdir(parents=True, exist_ok=True)
        tool("gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", *flags, "-o", program, *sources)
        tool("strip", program)
    return program


def control_files():
    """For a Linux that has control of others: static, so that it runs in any root file system."""
    with locked("initramfs"):
        headers = [TOP / "session/control.h"]
        program = compile_program("purlinctl", "-static", f"-I{TOP}", f"-I{TOP}/abi", headers=headers)
        return {"usr/bin/purlinctl": (program.read_bytes(), 0o755)}


def small():
    """The archive of a Linux that has one program of ours and nothing else."""
    with locked("initramfs"):
        program = compile_program("small", "-static")
        archive = Archive()
        archive.folder("dev")
        archive.device("dev/console", 0o600, 5, 1)
        archive.device("dev/kmsg", 0o600, 1, 11)
        archive.file("init", program.read_bytes(), 0o755)
        return archive.finish()


def place(path):
    """Where a file of this machine lies in the archive: below usr, as on a merged Debian."""
    first, _, rest = path.lstrip("/").partition("/")
    return f"usr/{first}/{rest}" if first in MERGED else path.lstrip("/")


def contents():
    """{path in the archive: (file on this machine, mode)}, without folders and links."""
    own = [compile_program("usb-settle"), compile_program("find-disk"), compile_program("serve-file")]
    files = {"init": (SOURCE / "init", 0o755)}
    for path in [*own, SOURCE / "network", SOURCE / "start-debian", SOURCE / "run-command", SOURCE / "start-many"]:
        files[f"purlin/{path.name}"] = (path, 0o755)
    for name in ("profile", "passwd", "group"):
        files[f"etc/{name}"] = (SOURCE / "etc" / name, 0o644)
    files["usr/bin/busybox"] = (find_program("busybox"), 0o755)
    programs = {f"usr/bin/{name}": find_program(name) for name in PROGRAMS}
    for name, program in programs.items():
        files[name] = (program, 0o755)
    for program in [*own, *programs.values()]:
        for library in libraries(program):
            files[place(library)] = (Path(library), 0o755)
    for path in DATA:
        if Path(path).exists():
            files[path.lstrip("/")] = (Path(path), 0o644)
    return files


def folders(paths):
    every = set(FOLDERS)
    for path in paths:
        every.update(str(parent) for parent in Path(path).parents if str(parent) != ".")
    return sorted(every)


def write_archive(files):
    archive = Archive()
    for name in folders(files):
        archive.folder(name)
    for name in MERGED:
        archive.link(name, f"usr/{name}")
    # /dev/console exists before devtmpfs is mounted: /init's first output goes there.
    archive.device("dev/console", 0o600, 5, 1)
    archive.device("dev/null", 0o666, 1, 3)
    for name, (source, mode) in sorted(files.items()):
        archive.file(name, source.read_bytes(), mode)
    for applet in applets(files["usr/bin/busybox"][0]):
        if f"usr/bin/{applet}" not in files:
            archive.link(f"usr/bin/{applet}", "busybox")
    return archive.finish()


def build():
    """Make build/initramfs/initramfs.cpio.gz if anything in it changed; its path."""
    output = OUTPUT / "initramfs.cpio.gz"
    with locked("initramfs"):
        files = contents()
        key = hashlib.sha256(Path(__file__).read_bytes())
        for name, (source, mode) in sorted(files.items()):
            facts = source.stat()
            key.update(f"{name} {mode} {source} {facts.st_size} {facts.st_mtime_ns}\n".encode())
        stamp = OUTPUT / "contents"
        if not output.exists() or not stamp.exists() or stamp.read_text() != key.hexdigest():
            # Compressed: Linux is to fit into 64 MiB, archive and its contents at once.
            write_if_changed(output, gzip.compress(write_archive(files), 9, mtime=0))
            stamp.write_text(key.hexdigest())
    return output


def segment(files, empty=()):
    """A further archive Linux unpacks over the first: {path: bytes or (bytes, mode)}, and empty folders."""
    archive = Archive()
    for name in folders(files):
        if name not in FOLDERS:
            archive.folder(name)
    for name in empty:
        archive.folder(name)
    for name, data in files.items():
        data, mode = data if isinstance(data, tuple) else (data, 0o644)
        archive.file(name, data, mode)
    return archive.finish()
