# SPDX-License-Identifier: MIT
"""
Kernel objects in gdb. Everything is found from the root account, which pays, directly or by its
children, for all there is:

  purlin accounts         limit and use, as a tree
  purlin pds              protection domains: state, slots, threads
  purlin threads          all threads and vCPUs: state, processor, priority, where they stand
  purlin caps NAME        capability table of the PD of that name
  purlin irqs             interrupts and where they are delivered
  purlin log [LINES]      the kernel's log ring
  purlin symbols NAME     symbols of the component NAME in place of another's
"""
import gdb

TYPES = "none account pd thread vcpu endpoint signal memory irq io-port timer space irq-root physical-root log".split()
THREAD_STATES = "new ready calling awaiting-reply receiving waiting vcpu-waiting stopped".split()
PD_STATES = "runs exited faulted stopped".split()
RIGHTS = "rwxcdp"


def container(link, type_name, member):
    """The structure of that type whose member is at `link`."""
    kind = gdb.lookup_type(type_name)
    offset = next(field.bitpos // 8 for field in kind.fields() if field.name == member)
    return gdb.Value(int(link) - offset).cast(kind.pointer())


def entries(head):
    """Addresses of the links in a circular list."""
    start, link = int(head.address), head["next"]
    while int(link) not in (0, start):  # 0: not set up yet
        yield link
        link = link["next"]


def accounts(account=None, depth=0):
    account = account or gdb.parse_and_eval("&'core_start.c'::root_account")
    yield account, depth
    for item in objects_of(account):
        if type_of(item) == "account":
            yield from accounts(container(item, "struct account", "object"), depth + 1)


def objects_of(account):
    for link in entries(account["objects"]):
        yield container(link, "struct object", "siblings")


def type_of(item):
    number = int(item["type"])
    return TYPES[number] if number < len(TYPES) else f"type {number}"


def every(kind, type_name, member="object"):
    for account, _ in accounts():
        for item in objects_of(account):
            if type_of(item) == kind:
                yield container(item, type_name, member)


def name_of(pd):
    return pd["name"].string(errors="replace")


def pds():
    return every("pd", "struct pd")


def threads(pd):
    for link in entries(pd["threads"]):
        yield container(link, "struct thread", "pd_link")


def state_name(names, value):
    return names[int(value)] if int(value) < len(names) else str(int(value))


def rights_text(rights):
    return "".join(letter if int(rights) >> bit & 1 else "-" for bit, letter in enumerate(RIGHTS))


def show_accounts():
    for account, depth in accounts():
        print(f"{'  ' * depth}{int(account):#x}: {int(account['used'])} of {int(account['limit'])} pages")


def show_pds():
    for pd in pds():
        state = state_name(PD_STATES, pd["state"])
        kind = "guest" if int(pd["flags"]) & 1 else "native"
        count = sum(1 for _ in threads(pd))
        print(f"{name_of(pd):16} {int(pd):#x} {kind:6} {state:8} {count} threads, {int(pd['capabilities']['slots'])} slots")


def show_threads():
    for pd in pds():
        for thread in threads(pd):
            state = state_name(THREAD_STATES, thread["state"])
            print(
                f"{name_of(pd):16} {int(thread):#x} {type_of(thread['object']):6} cpu {int(thread['cpu'])}"
                f" priority {int(thread['priority']):2} {state}"
            )


def show_caps(name):
    for pd in pds():
        if name_of(pd) == name:
            show_table(pd["capabilities"])
            return
    raise gdb.GdbError(f"no PD has the name {name}")


def show_table(table):
    page_size = 4096 // gdb.lookup_type("struct capability").sizeof
    for number in range((int(table["slots"]) + page_size - 1) // page_size):
        page = table["pages"][number]
        if int(page) == 0:
            continue
        for index in range(page_size):
            entry = page[index]
            if int(entry["object"]):
                print(
                    f"{number * page_size + index:6} {type_of(entry['object']):13} {rights_text(entry['rights'])}"
                    f" badge {int(entry['badge']):#x} {int(entry['object']):#x}"
                )


def show_irqs():
    for irq in every("irq", "struct irq"):
        print(f"{int(irq):#x} {irq.dereference()}")


def show_log(lines):
    ring = gdb.parse_and_eval("&'log.c'::ring").dereference()
    written = int(gdb.parse_and_eval("'log.c'::written"))
    size = ring.type.sizeof
    data = bytes(gdb.selected_inferior().read_memory(int(ring.address), size))
    text = data[:written] if written <= size else data[written % size :] + data[: written % size]
    print("\n".join(text.decode(errors="replace").splitlines()[-lines:]))


def use_symbols(name):
    for objfile in gdb.objfiles():
        if "/components/" in (objfile.filename or ""):
            gdb.execute(f"remove-symbol-file {objfile.filename}", to_string=True)
    gdb.execute(f"add-symbol-file build/components/{name}")


class Purlin(gdb.Command):
    __doc__ = __doc__

    def __init__(self):
        super().__init__("purlin", gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        name, rest = (words[0], words[1:]) if words else ("", [])
        simple = {"accounts": show_accounts, "pds": show_pds, "threads": show_threads, "irqs": show_irqs}
        if name in simple:
            simple[name]()
        elif name == "log":
            show_log(int(rest[0]) if rest else 40)
        elif name == "caps" and rest:
            show_caps(rest[0])
        elif name == "symbols" and rest:
            use_symbols(rest[0])
        else:
            print(__doc__.strip())


Purlin()
