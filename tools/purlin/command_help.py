# SPDX-License-Identifier: MIT
"""./purlin help"""
import scenario

TEXT = """\
Purlin: vanilla Linux as an unprivileged component of a small capability microkernel.

  ./purlin run [SCENARIO] [options]   install what is missing, build what is out of date, boot in
                                      QEMU with the console on this terminal (leave: Ctrl-A X).
                                      Default scenario: usb. `native` is the comparison partner:
                                      the same Linux built for plain x86, same options
  ./purlin test [PATTERN]             all tests, or those whose name contains PATTERN or matches
                                      it as a glob; -l lists them. Those of Linux 6.1 and of a native
                                      Linux, compiled for them alone, run by name or with --all
  ./purlin bench [PLACE...] [TEST...] instructions per operation beside native Linux and peers;
                                      also bench kernel, returns, served, iommu, macro (bench/README.md)
  ./purlin fuzz [TARGET]              the fuzz targets: without TARGET lists them; --time SEC (60),
                                      --input FILE runs one input, --fault NAME plants a deliberate
                                      fault, --minimise renews the stored corpus (tests/fuzz)
  ./purlin debug [SCENARIO]           QEMU stopped, gdb attached, all symbols loaded
  ./purlin devices [SCENARIO]         who has which device, interrupts, resets, what devices reach, why
                                      one was refused: once the scenario is up; --json as data
  ./purlin image [SCENARIO]           a bootable ISO (BIOS and UEFI) in build/image
  ./purlin check                      format, include rules, ABI drift, SPDX, shellcheck, clang-tidy,
                                      sizes, overlay purity
  ./purlin help                       this text

Options of run (debug takes them, too; devices and image those that fit):
  --linux VERSION       Linux 6.12, 6.1, 7.3 or 7.2
  --config lean|full    Linux's configuration (docs/configurations.md): full for debian, else lean
  --smp N, --mem SIZE   processors and memory of the machine (default 2 and 512M); with --smp the
                        only Linux of a description has N vCPUs, 16 at most, else one
  --stick FILE          raw image as a USB stick, read and written; may repeat; without it a small
                        sample stick is made
  --disk FILE           raw image as a disk (virtio); may repeat
  --usb KIND            USB controller: xhci (default), ehci, uhci, ohci
  --irq KIND            how the xhci controller interrupts: msix (default), msi, intx
  --iommu KIND          vtd (default where the machine can have it), amd, none: the machine's IOMMU
  --initrd FILE         this initramfs in place of ours: its /init runs, power-off ends the run
  --append ARGS         more Linux command line
  --exec 'CMD'          run CMD in the scenario's Linux by `sh -c`, print its output and nothing
                        else on stdout, exit with its status
  --in NAME             of several Linux in a scenario, the one that has this terminal and runs
                        --exec; without it the only one, or the one with an "exec" console
  --lend pool or ram    of duo and the like: what a client of device sessions lends to their servers,
                        a pool for each (default), or all of its RAM to those of its disks
  --instances N         of many: so many small Linux instances, 1 to 16 (default 4), started and stopped
                        by another Linux; prints times and memory
  --screen              the machine has a screen and a USB keyboard, and Linux its console there: in
                        a window, or where there is no display, by VNC at a socket that is named
  --debian              of native and duo: a whole Debian, in duo without devices (docs/debian.md)
  --root-on KIND, --ssh PORT  of a Debian: the root disk is virtio (default), nvme or usb; PORT
                        leads to ssh in the guest
  --icount              deterministic: one nanosecond of guest time for each instruction
  --debug-kernel        Purlin's kernel with checks of itself; it tells the longest times with
                        interrupts off when it resets the machine
  --timeout SEC         end with status 124 after that
  --log FILE            the whole serial log there
  --emulator bochs      in Bochs, from an ISO, output only: it has PCID, x2APIC and TSC deadline and
                        checks what QEMU's interpreter does not (tests/README.md)
  -- ARGS               passed to QEMU
  --qemu PATH           another QEMU than the system's; `backports`: a later one of Debian's, unpacked
                        below build/tools. Without the option PURLIN_QEMU of the environment counts
  PURLIN_TEST_LINUX=7.2 in the environment of test: tests on that version, too

Scenarios: """


def main(arguments):
    del arguments
    print(TEXT + ", ".join(scenario.names() + ["native"]))
    return 0
