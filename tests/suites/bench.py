# SPDX-License-Identifier: MIT
"""The benchmark's reading, comparing and drawing, on made-up results: no machine runs."""
import re
import socket
import struct
import tempfile
import xml.dom.minidom
from pathlib import Path

from bench import compare, counted, document, growth, iommu, kernel, macro, plot, results, rows, served, sources, streams, table
from bench import request as requests
from common import Refused
from suites.testing import Failed, Suite, expect_equal, one_by_one

OUTPUT = """6.12.1
null                               100.00 ns       20000   0.5%
pipe-bandwidth                    1900.50 MB/s      1280   1.0%
usb-random-4k-irqs                   1.25 irqs      1000   0.0%
ubench: something else: 12 ns 5
"""
EVENTS = ["instructions=2000000 cr3=40000 sysret=20000 iret=20000", "cr3=0"]


def record(value, unit="ns", spread=0.0, events=None):
    return {"value": value, "unit": unit, "operations": 10, "spread": spread, **({"events": events} if events else {})}


def result(**places):
    """places: NAME={test: record}; everything but native compares with it."""
    made = results.empty("instructions")
    for name, tests in places.items():
        made["places"][name] = {"kernel": "6", "title": name, "base": None if name == "native" else "native", "tests": tests}
    return made


def test_parse(log):
    del log
    tests = results.parse(OUTPUT)
    expect_equal("tests", list(tests), ["null", "pipe-bandwidth", "usb-random-4k-irqs"])
    expect_equal("record", tests["pipe-bandwidth"], {"value": 1900.5, "unit": "MB/s", "operations": 1280, "spread": 1.0})


def test_events(log):
    del log
    tests = results.parse(OUTPUT)
    results.add_events(tests, EVENTS)
    expect_equal("events", tests["null"]["events"], {"instructions": 100.0, "cr3": 2.0, "sysret": 1.0, "iret": 1.0})
    expect_equal("returns", compare.events_of(tests["null"]), {"cr3": 2.0, "returns": 2.0})
    if "events" in tests["usb-random-4k-irqs"]:
        raise Failed("a test without a line of the plugin has events")


def test_slower_is_seen(log):
    del log
    old = result(native={"null": record(100), "pipe-bandwidth": record(1000, "MB/s")})
    new = result(native={"null": record(103), "pipe-bandwidth": record(900, "MB/s")})
    found = compare.changes(old, new)
    expect_equal("changes", [(change.test, round(change.percent)) for change in found], [("pipe-bandwidth", 11), ("null", 3)])
    expect_equal("the other way", [change.percent < 0 for change in compare.changes(new, old)], [True, True])


def test_noise_is_not_told(log):
    del log
    old = result(native={"null": record(100), "file-fault": record(5000), "pipe": record(1000, spread=4.0)})
    new = result(native={"null": record(100.9), "file-fault": record(5500), "pipe": record(1050, spread=2.0)})
    expect_equal("changes", compare.changes(old, new), [])
    expect_equal("beside nothing", compare.changes(None, new), [])


def test_events_are_compared(log):
    del log
    old = result(purlin={"null": record(100, events={"cr3": 2.0, "sysret": 2.0})})
    new = result(purlin={"null": record(100, events={"cr3": 3.0, "sysret": 1.0, "iret": 1.0})})
    expect_equal("changes", [change.what.strip() for change in compare.changes(old, new)], ["address-space switches"])


def test_ratios(log):
    del log
    made = result(
        native={"null": record(200), "pipe-bandwidth": record(1000, "MB/s"), "usb-random-4k-irqs": record(1, "irqs")},
        purlin={"null": record(400), "pipe-bandwidth": record(500, "MB/s"), "usb-random-4k-irqs": record(9, "irqs")},
    )
    expect_equal("ratio of a bandwidth", table.ratio(made, "purlin", "pipe-bandwidth"), 0.5)
    expect_equal("its cost", table.cost(made, "purlin", "pipe-bandwidth"), 2.0)
    expect_equal("mean of what is timed", round(table.mean(made, "purlin"), 6), 2.0)
    text = table.values(made)
    if "400   2.00x" not in text or "geometric mean" not in text:
        raise Failed(f"table:\n{text}")


def test_behind(log):
    del log
    made = result(
        native={"null": record(200), "stat": record(1000), "clock": record(50)},
        pti={"null": record(210), "stat": record(1010), "clock": record(50)},
        purlin={"null": record(331), "stat": record(1000), "clock": record(50)},
    )
    found = table.behind(made)
    expect_equal("rows", [test for test, _, _ in found], ["null"])
    expect_equal("whom", found[0][1], ["its aim +130", "pti"])


def test_merge(log):
    del log
    old = result(native={"null": record(100), "stat": record(7)}, xen={"null": record(300)})
    new = result(native={"null": record(90)})
    whole = results.merged(old, new)
    expect_equal("new value", results.value(whole, "native", "null"), 90)
    expect_equal("kept test", results.value(whole, "native", "stat"), 7)
    expect_equal("kept place", results.value(whole, "xen", "null"), 300)
    expect_equal("other currency", results.merged({**old, "currency": "time"}, new), new)


def test_files(log):
    del log
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        expect_equal("no file", results.load(path), None)
        made = result(native={"null": record(1)})
        results.save(path, made)
        expect_equal("read again", results.load(path), made)
        for wrong in ("{", '{"format": 0}'):
            path.write_text(wrong)
            try:
                results.load(path)
            except Refused:
                continue
            raise Failed(f"{wrong!r} was read")


def test_plots(log):
    del log
    made = result(native={"null": record(200)}, purlin={"null": record(236)}, xen={"null": record(900)})
    drawn = [plot.ratios(made, "a < b"), plot.growth("g", "x", "y", {"one": [(10, 5), (10000, 50)], "two": [(1, 1)]})]
    for picture in drawn:
        document_of = xml.dom.minidom.parseString(picture)
        expect_equal("root", document_of.documentElement.tagName, "svg")
    many = {f"line {number}": [(1, number + 1), (10, number + 2)] for number in range(12)}
    expect_equal("lines drawn", plot.growth("g", "x", "y", many).count(b"<polyline"), len(many))
    if b"null system call" not in drawn[0]:
        raise Failed("a row has no label")


def test_growth(log):
    """Lines are found by name; lines that count nothing are left out."""
    del log
    tests = {"processes-fork-1000": record(9), "processes-fork-10": record(3), "pipe": record(1), "usb-random-4k": record(2)}
    made = result(native=tests)
    expect_equal("lines", growth.series(made, "processes"), {"native fork": [(10, 3), (1000, 9)]})
    expect_equal("pictures", list(growth.pictures(made)), ["processes"])


def test_kernel_lines(log):
    del log
    tests = kernel.parse("[kernel-bench] ipc-0-words 322.5 instructions\r\n[init] x 1 y\n[kernel-bench] all measured\n")
    expect_equal("tests", {name: one["value"] for name, one in tests.items()}, {"ipc-0-words": 322.5})
    try:
        kernel.parse("[kernel-bench] ipc-0-words 322.5 ticks\n")
    except Refused:
        return
    raise Failed("ticks were taken for instructions")


def test_executed(log):
    """Whole programs are told in what the machine executed, not in time."""
    del log
    tests = {"compile": record(500, events={"instructions": 400.0}), "idle": record(7), "linux-slab": record(9, "KiB")}
    counted = macro.executed(tests)
    expect_equal("tests", {name: (one["value"], one["unit"]) for name, one in counted.items()}, {"compile": (400.0, "instr"), "linux-slab": (9, "KiB")})
    said = "cpus 1, memory 900 MiB, tsc 1.0 MHz, bundle 1024 KiB\n[init] memory: linux 100 of 200 KiB\n[linux] [init] memory: x 1 of 2 KiB\n"
    used = {name: one["value"] for name, one in macro.memory_used(said, 1 << 30).items()}
    expect_equal("memory", used, {"memory-linux": 100.0, "memory-kernel": 123 * 1024.0})


def test_start_is_taken_off(log):
    del log
    tests = {"fio-usb-start": record(100), "fio-usb-read": record(50), "fio-nvme-read": record(50)}
    told = {name: one["value"] for name, one in macro.without_start(tests).items()}
    expect_equal("values", told, {"fio-usb-read": 40, "fio-nvme-read": 50})


def test_sources(log):
    """The program to compile is one: what main calls is there."""
    del log
    files = sources.program()
    main = files[f"{sources.FOLDER}/main.c"].decode()
    called = set(re.findall(r"sum \+= (file\d+)\(", main))
    there = set(re.findall(r"^long (file\d+)\(struct item \*list\)$", "\n".join(t.decode() for t in files.values()), re.MULTILINE))
    expect_equal("functions", called, there)
    expect_equal("files", len([name for name in files if name.endswith(".c")]), sources.FILES)


def test_rows(log):
    """tests.toml fits: every row has a title, aims are numbers or additions."""
    del log
    for row in rows.described().values():
        if not row.title or not (row.aim is None or isinstance(row.aim, (int, float)) or float(row.aim) > 0):
            raise Failed(f"{row.name}: title or aim")
    expect_equal("order", rows.in_order(["later", "read", "null", "read"]), ["null", "read", "later"])


def test_requests(log):
    del log
    made = requests.read(["native", "peers", "null", "fo*", "--time"])
    expect_equal("places", made.places, ["native", "debian", "xen", "uml"])
    expect_equal("tests", made.tests, ["null", "fo*"])
    expect_equal("currency", made.currency, "time")
    for wrong in (["--fast"], ["--linux", "5.0"], ["--append"], ["Not_a_test"]):
        try:
            requests.read(wrong)
        except Refused:
            continue
        raise Failed(f"{wrong} was accepted")


def test_counted(log):
    """Of several rounds the least counts, for each row; what was not printed in order is no result."""
    del log
    said = "".join(f"row read 10\r\nrow write 5\n" for _ in range(counted.ROUNDS))
    expect_equal("least", counted.least(["read", "write"], said, [100, 50, 90, 60, 95, 55]), [9.0, 10.0])
    expect_equal("a row that lacks", counted.least(["read", "write"], said[:-9], [100, 50, 90, 60, 95, 55]), None)
    expect_equal("an interval that lacks", counted.least(["read", "write"], said, [100, 50, 90, 60, 95]), None)


def test_served(log):
    del log
    found = {"native": {"read": 1000, "write": 2000}, "session": {"read": 1500, "write": 9000}}
    lines = list(served.rows({"read": "a read", "write": "a write"}, found))
    expect_equal("lines", lines, [["a read", "1,000", "1,500 1.50x"], ["a write", "2,000", "9,000 4.50x"]])


def test_iommu_commands(log):
    """Those before the first row were for the start."""
    del log
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        commands = iommu.Commands(trace)
        trace.write_text("one\ntwo\n")
        commands.heard(b"row read-")
        commands.heard(b"4k 10\nrow write-4k")
        trace.write_text("one\ntwo\nthree\n")
        commands.heard(b" 10\nrow")
        commands.heard(b" read-128k 3\n")
        expect_equal("at start, meanwhile", (commands.first, commands.between), (2, 1))


def test_streams(log):
    """The peer takes, gives and exchanges as much as it is asked for."""
    del log
    with streams.peer() as port:
        for kind, count, sent, wanted in ((b"s", 1, bytes(streams.MIB), b"!"), (b"r", 1, b"", bytes(streams.MIB)), (b"x", 2, bytes(2 * streams.MESSAGE), bytes(2 * streams.MESSAGE))):
            with socket.create_connection(("127.0.0.1", port), 60) as one:
                one.sendall(struct.pack(">c3xI", kind, count) + sent)
                expect_equal(f"answer to {kind}", one.makefile("rb").read(), wanted)


def test_document(log):
    """docs/performance.md says what the stored results say."""
    del log
    expect_equal("tables that differ from bench/results (./purlin bench document)", document.stale(), [])


def suites():
    functions = {
        f"bench/{name.removeprefix('test_').replace('_', '-')}": function
        for name, function in globals().items()
        if name.startswith("test_")
    }
    return [Suite(list(functions), one_by_one(functions), linuxes=())]
