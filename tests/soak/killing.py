# SPDX-License-Identifier: MIT
"""What clients do while the Linux with the devices is killed: shared by kills and debian-kills."""
import re
import subprocess

import debian_root

DISK, STICK = 48 << 20, 16 << 20
# Of iperf3's server, in ms. TCP doubles its pauses while nobody forwards: by chance each attempt may come too early for minutes.
PATIENCE = "600000"
SAID = re.compile(r"^(\w+): (.*)$", re.MULTILINE)

# Each program runs again and again until the file is there that says that it is enough; each must succeed every time.
PROGRAMS = """
now() { awk '{ print int($1 * 1000) }' /proc/uptime; }
again() { # name, command
	name=$1 rounds=0
	shift
	until [ -e /tmp/enough ]; do
		"$@" > /tmp/$name.log 2>&1 || { echo "failed: $name: $(tr '\\n' ' ' < /tmp/$name.log | tail -c 600)"; return; }
		rounds=$((rounds + 1))
	done
	echo "$name: $rounds"
}
verified() { # device, seed by the round
	fio --name=kills --filename=/dev/$1 --direct=1 --ioengine=psync --rw=randwrite --bsrange=4k-64k --blockalign=4k --verify=crc32c \\
		--verify_fatal=1 --do_verify=1 --size=100% --randseed=$(now) --thread --minimal --fsync=64
}
# A connection that is asked for while nobody forwards may be refused, as by any router; one that there is must last.
passed() { # words for iperf3
	until iperf3 -c 10.0.2.2 -p PORT "$@"; do
		grep -q 'unable to connect\\|busy running' /tmp/$name.log || return 1
		: > /tmp/$name.log
	done
}
"""


def image(folder, name, size):
    path = folder / name
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def ssh(port, command):
    """As root in the Debian whose ssh is at that port; what came of it, with its output."""
    words = ["ssh", "-i", debian_root.key(), "-p", str(port), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    return subprocess.run([*words, "-o", "LogLevel=ERROR", "root@127.0.0.1", command], stdout=subprocess.PIPE, text=True, check=False)
