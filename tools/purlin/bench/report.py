# SPDX-License-Identifier: MIT
"""What a person sees of a result: tables, what is behind, what changed; and where the files are."""
from bench import compare, growth, plot, results, table
from common import say, shown, write_if_changed

CURRENCIES = {
    "instructions": "instructions per operation (QEMU, -icount shift=0)",
    "macro": "instructions of the whole machine per operation (QEMU, -icount shift=0), idling left out",
    "kernel": "instructions per operation of the microkernel",
    "time": "nanoseconds per operation, real time under KVM",
    "time-tcg": "nanoseconds per operation as QEMU's TCG takes them: the emulator's time, no hardware's",
}


def heading(result):
    """Time under TCG is labelled as what it is."""
    key = result["currency"]
    return CURRENCIES["time-tcg" if key == "time" and result.get("accelerator") != "kvm" else key]


def changes_text(result, old, where):
    if old is None:
        return f"no stored result in {where}"
    found = compare.changes(old, result)
    if not found:
        return f"beside {where}: no row differs by more than noise"
    return "\n".join([f"beside {where}:", *(f"  {change.line()}" for change in found)])


def show(result, whole=None):
    """`whole`: with what was measured earlier, for the columns of peers that did not run now."""
    whole = whole or result
    print(f"{heading(result)}\n\n{table.values(whole)}")
    events = table.events(whole)
    if events:
        print(f"\naddress-space switches (CR3 writes) / returns to a less privileged mode, per operation\n\n{events}")
    # Aims are told in instructions.
    behind = table.behind_text(whole) if result["currency"] == "instructions" else ""
    if behind:
        print(f"\n{behind}")


def show_changes(result):
    """Beside the stored reference and the last result of one's own."""
    for path in (results.reference_file(result["currency"]), results.own_file(result["currency"])):
        print("\n" + changes_text(result, results.load(path), shown(path)))


def only(result, tests):
    """The result without other tests."""
    wanted = set(tests)
    places = {
        name: {**place, "tests": {test: one for test, one in place["tests"].items() if test in wanted}}
        for name, place in result["places"].items()
    }
    return {**result, "places": {name: place for name, place in places.items() if place["tests"]}}


def keep(result, store):
    """The last result with what was measured before, its plot; the reference only where asked."""
    own = results.own_file(result["currency"])
    whole = results.merged(results.load(own), result)
    results.save(own, whole)
    files = [own]
    if any(place["base"] for place in whole["places"].values()):
        files.append(own.with_suffix(".svg"))
        write_if_changed(files[-1], plot.ratios(whole, f"Cost beside native Linux: {heading(whole)}"))
    for kind, drawn in growth.pictures(whole).items():
        files.append(results.OWN / f"growth-{kind}.svg")
        write_if_changed(files[-1], drawn)
    if store:
        reference = results.reference_file(result["currency"])
        results.save(reference, results.merged(results.load(reference), result))
        files.append(reference)
    say("written: " + ", ".join(shown(file) for file in files))
