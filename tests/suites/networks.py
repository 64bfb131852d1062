# SPDX-License-Identifier: MIT
"""
Linux whose networks are sessions: connections outlive the switch, an end for good is a lost carrier, and a server that
plays foul hurts its own network only.
"""
import socket
import threading

from common import TOP
from suites.linux_disk import count_deaths, run
from suites.testing import Failed, Suite, description, expect_equal, in_linux, one_by_one

SCENARIO = TOP / "scenarios/network.dts"
FOUL = TOP / "tests/components/device-sessions/foul.dts"
INCLUDE = '/include/ "include/switch.dtsi"\n'
SWITCH = "switch: switch {"
MORTAL = (SWITCH, SWITCH + ' binary = "mortal-switch";')
BYTES = 300_000
# There and back, while the switch ends again and again: both sums, and how often the carrier came or went.
ECHO = f"""
head -c {BYTES} /dev/urandom > /tmp/data
sha256sum < /tmp/data
nc 10.9.0.2 7 < /tmp/data | head -c {BYTES} | sha256sum
cat /sys/class/net/eth0/carrier /sys/class/net/eth0/carrier_changes
"""
CARRIER_AT_START = 2  # it is off until the driver has looked
# Frames until the last life of the switch is over, and what there is then.
GONE = """
echo up $(cat /sys/class/net/eth0/carrier)
until [ "$(cat /sys/class/net/eth0/carrier)" = 0 ]; do ping -c 1 -W 1 -s 1000 10.9.0.2 > /dev/null; done
ip link show eth0 | grep -o NO-CARRIER
ping -c 1 -W 1 10.9.0.2 > /dev/null || echo no answer
cat /sys/class/net/eth0/tx_queue_len > /dev/null && ip link set eth0 down && ip link set eth0 up && echo still here
"""
# Each interface sends to all, and hears itself; then whether it still does.
TRY = """
for number in 0 1 2 3 4 5 6 7 8 9; do
	ip link set eth$number up
	ip addr add 10.8.$number.1/24 dev eth$number
done
for round in 1 2 3; do
	for number in 0 1 2 3 4 5 6 7 8 9; do arping -q -c 1 -w 1 -I eth$number 10.8.$number.2 & done
	wait
done
for number in 0 1 2 3 4 5 6 7 8 9; do echo $number $(cat /sys/class/net/eth$number/carrier); done
before=$(cat /sys/class/net/eth0/statistics/rx_packets)
arping -q -c 1 -w 1 -I eth0 10.8.0.2
[ $(cat /sys/class/net/eth0/statistics/rx_packets) -gt $before ] && echo goes on
dmesg | grep -E 'BUG:|WARNING:|Oops|Call Trace'
"""
# Those that answer what was not asked, find garbage of their own, or say that the session is over (tests/components/disks/foul.h).
LOST = (1, 2, 3, 6, 7, 9)
TRY_SAYS = [f"{number} {int(number not in LOST)}" for number in range(10)] + ["goes on"]

CARD = TOP / "scenarios/network-card.dts"
# The Linux with the card: sets up its interfaces, and panics when somebody connects to its port 9.
LIFE = """#!/bin/busybox sh
export PATH=/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
/purlin/network
nc -l -p 9 < /dev/null > /dev/null
echo c > /proc/sysrq-trigger
"""
KILLS = 2
CARD_BYTES = 1_500_000
# Through the card to a server on this machine and back; the card's Linux dies at a third, and at two thirds of it.
THROUGH = f"""
head -c {CARD_BYTES} /dev/urandom > /tmp/data
sha256sum < /tmp/data
(nc 10.0.2.2 PORT < /tmp/data | head -c {CARD_BYTES} | sha256sum > /tmp/sum) &
for part in $(seq {KILLS}); do
	until [ $(cat /sys/class/net/eth0/statistics/rx_bytes) -gt $((part * {CARD_BYTES // (KILLS + 1)})) ]; do sleep 0.1; done
	nc -w 5 10.0.2.15 9 < /dev/null
done
wait
cat /tmp/sum
"""


def test_echo(log):
    done = run(log, ECHO, SCENARIO, MORTAL)
    sent, came, *carrier = [line.split()[0] for line in done.text.splitlines()]
    expect_equal("sum of what came back", came, sent)
    expect_equal("carrier, and how often it changed", [int(word) for word in carrier], [1, CARRIER_AT_START])
    if count_deaths(done, "switch") < 3:
        raise Failed("the switch has not ended often enough")


def test_gone(log):
    done = run(log, GONE, SCENARIO, (SWITCH, MORTAL[1] + " restarts = <2>;"))
    expect_equal("what Linux sees", done.text.splitlines(), ["up 1", "NO-CARRIER", "no answer", "still here"])
    for line in ('Nic session "net" is over', "nothing comes or goes from now on"):
        if line not in done.log:
            raise Failed(f"no line {line!r}")


def test_foul(log):
    done = run(log, TRY, FOUL)
    expect_equal("interfaces", done.text.splitlines(), TRY_SAYS)


def echo_all(listener):
    """One connection: what comes goes back, until its other end closes."""
    connection, _ = listener.accept()
    with connection:
        while data := connection.recv(1 << 16):
            connection.sendall(data)


def test_card(log):
    """A connection to the outside outlives the Linux that has the card."""
    path = description(log.stem, CARD, ('bootargs = "panic=-1 ', 'bootargs = "panic=-1 rdinit=/life '))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=echo_all, args=(listener,), daemon=True).start()
        command = THROUGH.replace("PORT", str(listener.getsockname()[1]))
        done = in_linux([str(path), "--exec", command], log, extra_files={"life": (LIFE.encode(), 0o755)})
    sums = [line.split()[0] for line in done.text.splitlines()]
    expect_equal("lines", len(sums), 2)
    expect_equal("sum of what came back", sums[1], sums[0])
    expect_equal("lives of the card's Linux", done.log.count("[init] drivers: starts with"), 1 + KILLS)


def suites():
    functions = {"networks/echo": test_echo, "networks/gone": test_gone, "networks/foul": test_foul, "networks/card": test_card}
    return [Suite(list(functions), one_by_one(functions))]
