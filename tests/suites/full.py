# SPDX-License-Identifier: MIT
"""Linux with the configuration `full`: what `lean` lacks is there and works. Debian's user level: tests/soak/debian."""
import re

import linux
from common import LINUX_VERSIONS
from suites import modules
from suites.testing import FULL, Failed, Suite, expect_equal, in_linux, one_by_one

VERSION = LINUX_VERSIONS[0]
# Each changes Linux for its own purpose: it has a test of its own, or waits for what is not there.
LEFT_OUT = {"test_bpf", "test_static_keys", "test_static_key_base", "softdog"}
ROUNDS = 20
TOGGLES = 300
COMPLAINTS = "BUG:|WARNING:|Oops|Call Trace|blocked for more than"
CLEAN = f"dmesg | grep -E '{COMPLAINTS}'"
PRESENT = rf"""
say() {{ echo "$1: $(shift; "$@" 2>&1 | tr '\n' ' ')"; }}
says() {{ say "$1" sh -c "$2"; }}
tracing=/sys/kernel/tracing
mount -t tracefs none $tracing
mount -t cgroup2 none /sys/fs/cgroup
says release 'uname -r | cut -d- -f2'
says disk '/purlin/find-disk /dev/sda 2> /dev/null'
says groups 'cat /sys/fs/cgroup/cgroup.controllers'
mkdir /sys/fs/cgroup/small && echo +memory > /sys/fs/cgroup/cgroup.subtree_control && echo 8M > /sys/fs/cgroup/small/memory.max
says limited '(echo 0 > /sys/fs/cgroup/small/cgroup.procs; dd if=/dev/zero of=/dev/null bs=64M count=1 2> /dev/null); echo $?'
says spaces 'ls /proc/self/ns | wc -w'
says filters 'grep -c Seccomp_filters /proc/self/status'
says guards 'cat /sys/kernel/security/lsm'
says jit 'cat /proc/sys/net/core/bpf_jit_enable'
says files 'grep -cw -e overlay -e btrfs -e xfs -e squashfs /proc/filesystems'
echo 'p:entered do_sys_openat2' > $tracing/kprobe_events
echo 'r:left do_sys_openat2 fd=$retval' >> $tracing/kprobe_events
echo 1 > $tracing/events/kprobes/enable
for i in $(seq 100); do read -r line < /proc/version; done
echo 0 > $tracing/events/kprobes/enable
says entered "awk '\$1 == \"entered\" {{ print (\$2 >= 100), \$3 }}' $tracing/kprobe_profile"
says left "grep -c 'left:.*fd=0x' $tracing/trace | awk '{{ print (\$1 >= 100) }}'"
{CLEAN}
"""
SAYS = {
    "release": "full ",
    "disk": "/dev/sda ",
    "limited": "Killed 137 ",
    "spaces": "10 ",
    "filters": "1 ",
    "jit": "1 ",
    "entered": "1 0 ",
    "left": "1 ",
}


def in_full(command, log, *words, names=()):
    """With two processors. The modules of these names are in the initramfs."""
    linux.build_purlin(VERSION, "full")
    files = modules.files(VERSION, names) if names else {}
    return in_linux(["usb", "--config", "full", "--smp", "2", "--mem", "512M", *words, "--exec", command], log, extra_files=files)


def test_has(log):
    lines = [line.partition(": ") for line in in_full(f"mount -t securityfs none /sys/kernel/security\n{PRESENT}", log).text.splitlines()]
    said = {name: text for name, between, text in lines if between}
    expect_equal("what it says", {name: said.get(name) for name in SAYS}, SAYS)
    missing = {"memory", "pids", "io", "cpu"} - set(said["groups"].split()) | {"landlock", "yama", "apparmor"} - set(said["guards"].strip().split(","))
    expect_equal("what is missing of control groups and guards", missing, set())


def test_static_branches(log):
    """Linux's own test of them in modules; then those of the scheduler, which is at work with interrupts off."""
    command = f"""
    for n in 1 2 3; do (while :; do echo x; done | cat > /dev/null) & done
    for round in $(seq {ROUNDS}); do modprobe test_static_keys && modprobe -r test_static_keys || break; done
    echo $round
    for round in $(seq {TOGGLES}); do echo $((round % 2)) > /proc/sys/kernel/sched_schedstats || break; done
    echo $round; {CLEAN}
    """
    expect_equal("rounds", in_full(command, log, names=["test_static_keys"]).text.split(), [str(ROUNDS), str(TOGGLES)])


def test_compiled_bpf(log):
    """Linux's own tests of its compiler."""
    command = "modprobe test_bpf; dmesg | grep 'test_bpf: Summary'"
    seen = re.search(r"Summary: (\d+) PASSED, (\d+) FAILED, \[(\d+)/(\d+) JIT'ed\]", in_full(command, log, names=["test_bpf"]).text)
    if not seen:
        raise Failed("the tests have not come to their end")
    passed, failed, compiled, able = map(int, seen.groups())
    if failed or passed < 1000 or compiled != able:
        raise Failed(f"{passed} passed, {failed} failed, {compiled} of {able} compiled")


def test_modules(log):
    """Each is loaded, unloaded if nothing uses it, and loaded again."""
    names = sorted(modules.names(VERSION) - LEFT_OUT)
    command = f"""
    which modprobe > /proc/sys/kernel/modprobe
    for name in {" ".join(names)}; do
        modprobe $name || echo "$name: not loaded"
        [ "$(cat /sys/module/$name/refcnt 2> /dev/null)" != 0 ] || rmmod $name || echo "$name: not unloaded"
        modprobe $name || echo "$name: not loaded again"
    done > /problems 2>&1
    cat /problems; {CLEAN}
    lsmod | wc -l
    """
    lines = in_full(command, log, names=names).text.splitlines()
    expect_equal("problems", lines[:-1], [])
    if int(lines[-1]) < len(names):
        raise Failed(f"{lines[-1]} of {len(names)} modules are there")


def suites():
    functions = {
        "full/has": test_has, "full/static-branches": test_static_branches, "full/compiled-bpf": test_compiled_bpf, "full/modules": test_modules,
    }  # fmt: skip
    return [Suite(list(functions), one_by_one(functions), linuxes=(FULL,))]
