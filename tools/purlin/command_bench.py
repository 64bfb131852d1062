# SPDX-License-Identifier: MIT
"""./purlin bench [system|kernel|macro|show|document] [PLACE...] [TEST...] [options]: bench/README.md."""
import initramfs
import kvm
import packages
import system
from bench import document, iommu, kernel, locks, machines, macro, measure, places, report, results, returns, served
from bench import request as requests
from common import TOP, Refused, say, shown, tool


def prepare(request, wanted):
    needed = packages.RUN + packages.linux_sources([request.linux, system.SOURCE_VERSION])
    packages.need("run the benchmark", sorted(set(needed)))
    tool("make", "-s", "-C", TOP, "bench")
    for place in wanted:
        machines.prepare(place, request)
    initramfs.build()


def measured(request, wanted):
    result = results.empty(request.currency)
    used = kvm.usable(machines.options(wanted[0], request))
    result["accelerator"] = "kvm" if used else "tcg"
    for place in wanted:
        try:
            result["places"][place.name] = measure.measure(request, place)
        except Refused as refusal:  # the other places' figures stay
            say(str(refusal))
    return result


def system_bench(request):
    wanted = [places.find(name) for name in request.places]
    prepare(request, wanted)
    result = measured(request, wanted)
    stored = results.load(results.own_file(request.currency)) or results.load(results.reference_file(request.currency))
    names = results.tests(result)
    report.show(result, report.only(results.merged(stored, result), names))
    report.show_changes(result)
    # A profile's run is not an ordinary one.
    if request.plugin != "profile":
        report.keep(result, request.store)
    return 0 if len(result["places"]) == len(wanted) else 1


def kernel_bench(request):
    result = kernel.measure()
    print(kernel.text(result))
    report.show_changes(result)
    report.keep(result, request.store)
    return 0


def locks_bench(request):
    del request
    return locks.measure()


def returns_bench(request):
    del request
    return returns.measure()


def served_bench(request):
    del request
    return served.measure()


def iommu_bench(request):
    del request
    return iommu.measure()


def macro_bench(request):
    packages.need("run the benchmark", packages.RUN + packages.linux_sources([request.linux]))
    tool("make", "-s", "-C", TOP, "bench")
    macro.prepare(request)
    initramfs.build()
    result = macro.run(request)
    report.show(result)
    report.show_changes(result)
    report.keep(result, request.store)
    return 0


def show(request):
    """The last result, or the stored one."""
    for path in (results.own_file(request.currency), results.reference_file(request.currency)):
        found = results.load(path)
        if found:
            print(f"{shown(path)}: ", end="")
            report.show(found)
            return 0
    raise Refused("there is no result yet", 1)


def write_document(request):
    del request
    say("written: " + ", ".join(shown(path) for path in document.write()))
    return 0


KINDS = {"system": system_bench, "kernel": kernel_bench, "locks": locks_bench, "returns": returns_bench, "served": served_bench, "iommu": iommu_bench, "macro": macro_bench, "show": show, "document": write_document}


def main(arguments):
    request = requests.read(arguments)
    return KINDS[request.kind](request)
