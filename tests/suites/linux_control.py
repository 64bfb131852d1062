# SPDX-License-Identifier: MIT
"""purlinctl in a Linux that has control of others: what it shows and does, and what the device refuses."""
import base64
import json
import subprocess

import many
from common import TOP
from suites.testing import Failed, Suite, expect_equal, in_linux, one_by_one

INSTANCES = 4
ADD_SCENARIO = TOP / "scenarios/linux-add.dts"
FRAGMENTS = TOP / "tests/fragments"
SCENARIO = TOP / "scenarios/linux-control.dts"
# Each line of output is `name: what came`, so that one boot does for all.
COMMAND = r"""
say() { echo "$1: $(shift; "$@" 2>&1 | tr '\n' ';')"; }
status() { "$@" > /dev/null 2>&1; echo $?; }
states() { purlinctl list | tail -n +2 | tr -s ' ' | cut -d' ' -f1,3,5,6; }
raw() { printf "$1" | dd of=/dev/purlin-control 2>&1 | grep -o 'No such device\|Invalid argument\|No such process\|busy'; }
say first states
say stop status purlinctl stop server
say stopped states
say again purlinctl stop server
say start status purlinctl start server
say started purlinctl start server
say kill status purlinctl kill server
say killed states
say too-often status purlinctl kill server
say gone states
say restart status purlinctl restart server
say demand status purlinctl start later
say last states
say nobody purlinctl kill linux
say sessions sh -c "purlinctl sessions | tail -n +2 | tr -s ' ' | sort"
say sessions-json purlinctl sessions --json
say devices purlinctl devices
say sessions-xml purlinctl sessions --xml
say option status purlinctl stop server --timeout 0
say table purlinctl list --xml
say json purlinctl list --json
say top sh -c 'purlinctl top < /dev/null | grep -c running'
say complete bash -c 'eval "$(purlinctl completion)"; COMP_WORDS=(purlinctl stop la); COMP_CWORD=2; _purlinctl; echo ${COMPREPLY[@]}'
say records sh -c 'head -c 1000 /dev/purlin-control | wc -c'
say part sh -c 'dd if=/dev/purlin-control bs=135 count=1 2> /dev/null | wc -c'
say between sh -c 'dd if=/dev/purlin-control bs=136 skip=1 count=1 2> /dev/null | head -c 5'
say far sh -c 'dd if=/dev/purlin-control bs=136 skip=2 count=1 2> /dev/null | wc -c'
say number raw '\x02\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0'
say wide raw '\0\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0'
say act raw '\0\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0'
say short raw '\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0'
say user stat -c %a:%u /dev/purlin-control
for i in $(seq 100); do purlinctl restart later 2>&1 | grep -q 'too many' && break; done
echo flood $i
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'
"""
ENDED = "purlinctl: server: it has ended;"
SAYS = {
    "first": "server running 1 0;later ended 0 0;",
    "stop": "0;",
    "stopped": "server ended 1 0;later ended 0 0;",
    "again": ENDED,
    "start": "0;",
    "started": "purlinctl: server: it has not ended;",
    "kill": "0;",
    "killed": "server running 3 1;later ended 0 0;",
    "too-often": "0;",
    "gone": "server ended 3 1;later ended 0 0;",
    "restart": "0;",
    "demand": "0;",
    "last": "server running 4 0;later running 1 0;",
    "nobody": "purlinctl: there is no linux that this Linux may act on;",
    "option": "1;",
    "sessions": "linux - Terminal console open;linux - Terminal exec open;",
    "devices": "purlinctl: the system description gives this Linux no route for Devices;",
    "sessions-xml": "purlinctl: sessions takes --json and nothing else;",
    "table": "purlinctl: list takes --json and nothing else;",
    "top": "2;",
    "complete": "later;",
    "records": "272;",
    "part": "0;",
    "between": "later",
    "far": "0;",
    "number": "No such device;",
    "wide": "No such device;",
    "act": "Invalid argument;",
    "short": "Invalid argument;",
    "user": "600:0;",
}


def check_json(text):
    first, second = json.loads(text.replace(";", "\n"))
    wanted = {"name": "server", "type": "native", "state": "running", "acting": False, "starts": 4, "restarts": 0, "memory": 4 << 20}
    expect_equal("JSON", {name: first[name] for name in wanted}, wanted)
    expect_equal("the other's name", second["name"], "later")
    if not 0 < first["memory_used"] < first["memory"]:
        raise Failed(f"memory used: {first['memory_used']}")


def check_sessions(text):
    wanted = {"client": "linux", "server": None, "core": False, "service": "Terminal", "state": "open"}
    sessions = json.loads(text.replace(";", "\n"))
    expect_equal("sessions", sorted(one.pop("label") for one in sessions), ["console", "exec"])
    expect_equal("sessions in JSON", sessions, [wanted, wanted])


def test_linux_control(log):
    done = in_linux([str(SCENARIO), "--exec", COMMAND], log)
    lines = done.text.splitlines()
    said = dict(line.split(": ", 1) for line in lines if ": " in line)
    for name, wanted in SAYS.items():
        expect_equal(name, said.get(name), wanted)
    check_json(said["json"])
    check_sessions(said["sessions-json"])
    begun, told = int(lines[-1].split()[1]), done.log.count("[init] later: is restarted by linux")
    if begun >= 100 or told > begun:
        raise Failed(f"{begun} acts one after the other: {told} restarts")


# Files of the first are there already. A fragment that is refused or has ended leaves the memory as it was.
ADD_COMMAND = r"""
say() { echo "$1: $(shift; "$@" 2>&1 | tr '\n' ';')"; }
status() { "$@" > /dev/null 2>&1; echo $?; }
states() { purlinctl list | tail -n +2 | tr -s ' ' | cut -d' ' -f1,2,3,5; }
many() { for i in $(seq 1000); do purlinctl add /tmp/$1.dtb 2> /dev/null && echo added; done; }
head -c 100 /tmp/one.dtb > /tmp/cut.dtb
{ cat /tmp/one.dtb; head -c 17000 /dev/zero; } > /tmp/huge.dtb
head -c 4000 /dev/zero | tr '\0' x > /tmp/text.dts
say empty states
say one status purlinctl add /tmp/one.dtb
say listed states
say again purlinctl add /tmp/one.dtb
say two status purlinctl add /tmp/two.dtb
say stop status purlinctl stop one
say start status purlinctl start one
say kill status purlinctl kill one
say restart status purlinctl restart one
say acted states
say wrong purlinctl add /tmp/wrong.dtb
say cut purlinctl add /tmp/cut.dtb
say huge purlinctl add /tmp/huge.dtb
say none purlinctl add /tmp/none.dtb
say text purlinctl add /tmp/text.dts
say option purlinctl add /tmp/one.dtb --timeout 0
say words purlinctl add
say small status purlinctl add /tmp/small.dtb
say started status purlinctl start small1
say large purlinctl add /tmp/large.dtb
say full states
say stopped status purlinctl stop small1
say refused many wrong
say large-now status purlinctl add /tmp/large.dtb
say no-room purlinctl start small1
say last states
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'
"""
ADD_SAYS = {
    "empty": "",
    "one": "0;",
    "listed": "one native running 1;",
    "again": "/components/one: another component has this name;purlinctl: /tmp/one.dtb: it is refused;",
    "two": "0;",
    "stop": "0;",
    "start": "0;",
    "kill": "0;",
    "restart": "0;",
    "acted": "one native running 4;two native running 1;",
    "wrong": "/components/wrong/routes: Block: there is no component disks;/components/wrong: binary: there is no file \"nowhere\";"
    "/components/wrong: pci: needs a route for PCI;/components/wrong: pci: not for a component that is added;"
    "/components/wrong: priority: 13 is above linux's, which is 12;purlinctl: /tmp/wrong.dtb: it is refused;",
    "cut": "/: this is no compiled device tree;purlinctl: /tmp/cut.dtb: it is refused;",
    "huge": "purlinctl: /tmp/huge.dtb: it is longer than 16 KiB when compiled;",
    "none": "purlinctl: /tmp/none.dtb: No such file or directory;",
    "text": "purlinctl: /tmp/text.dts: it has to be compiled, and there is no dtc;",
    "option": "purlinctl: --timeout: 1 to 86400 seconds;",
    "words": "purlinctl: one file is wanted;",
    "small": "0;",
    "started": "0;",
    "full": "one native running 4;two native running 1;small1 linux running 1;",
    "stopped": "0;",
    "refused": "",
    "large-now": "0;",
    "no-room": "purlinctl: small1: it is ended;",
    "last": "one native running 4;two native running 1;small1 linux ended 2;large native running 1;",
}


def fragments():
    """Compiled, as shell commands that write them."""
    command = "base64() { busybox base64 \"$@\"; }\n"
    for path in sorted(FRAGMENTS.glob("*.dts")):
        tree = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", path], check=True, capture_output=True).stdout
        command += f"echo {base64.b64encode(tree).decode()} | base64 -d > /tmp/{path.stem}.dtb\n"
    return command


def test_add(log):
    """Components that are added at run time, native ones and a Linux; and fragments that are refused."""
    done = in_linux([str(ADD_SCENARIO), "--exec", fragments() + ADD_COMMAND], log, timeout=900)
    said = dict(line.split(": ", 1) for line in done.text.splitlines() if ": " in line)
    for name, wanted in ADD_SAYS.items():
        expect_equal(name, said.get(name), wanted)
    if not said["large"].startswith("/components/large: memory: too much memory: "):
        raise Failed(f"large: {said['large']}")
    for what in ("one: is added by linux", "two: is added by linux", "small1: is added by linux", "large: is added by linux"):
        expect_equal(what, done.log.count(f"[init] {what}"), 1)
    expect_equal("added", done.log.count("is added by"), 4)


def test_many(log):
    """Small Linux instances, started and stopped by another; there are no more than were asked for."""
    done = in_linux(["many", "--instances", str(INSTANCES)], log)
    lines = [line.split() for line in done.text.splitlines()]
    names = [f"small{number}" for number in range(1, INSTANCES + 1)]
    expect_equal("exit status", done.status, 0)
    for act, wanted in (("start", names * 2), ("stop", names)):
        expect_equal(act, [line[1] for line in lines if line[0] == act], wanted)
    expect_equal("shown", [line[:3] for line in lines if line[1] == "linux"], [[name, "linux", "running"] for name in names])
    came_up = {match[1] for match in many.READY.finditer(done.log)}
    expect_equal("came up", came_up, set(names))
    for name in names:
        for what in ("powered off", "is stopped by starter"):
            expect_equal(f"{name}: {what}", done.log.count(f"[init] {name}: {what}"), 1)


def suites():
    functions = {"linux-control/purlinctl": test_linux_control, "linux-control/add": test_add, "many/instances": test_many}
    return [Suite(list(functions), one_by_one(functions))]
