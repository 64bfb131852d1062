/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * IRQ: interrupts. Server: core. A line (GSI, ACPI 6.5, 5.2.13) belongs to one session at a
 * time. Only lines the system description names (`irqs`, or `hardware` for
 * all, and message-signalled ones) can be claimed.
 *
 * The client binds the object to a signal of its own (irq_bind), and after each delivery of a
 * level-triggered line silences the device and then calls irq_ack.
 */
#ifndef SESSION_IRQ_H
#define SESSION_IRQ_H

#include "session.h"

/*
 * Words: GSI, PURLIN_IRQ_* flags. Reply: word 0: id, capability 0: interrupt, masked, with all
 * rights but DESTROY. NO_RIGHT: not named in the system description. BUSY: claimed already.
 * NO_DEVICE: no such line. BAD_ARGUMENT: unknown flags.
 */
#define IRQ_CLAIM 1

/*
 * A message-signalled interrupt. Word 0: processor that takes it. Reply: word 0: id, word
 * 1: address, word 2: data the device has to write; capability 0 as above. NO_DEVICE: no vector
 * left. NO_RIGHT: the system description does not give the client `hardware`, or not this processor
 * (`cpus`). BAD_ARGUMENT: no such processor.
 */
#define IRQ_CLAIM_MSI 2

/*
 * With `hardware` only (NO_RIGHT). Words: first GSI of an I/O APIC, entry. Its lines name entries
 * of an interrupt remapping table from now on, as irq_remap says; IRQ_REMAP_NOTHING changes
 * nothing. Reply: word 0: what irq_remap returns (IRQ_REMAP_WIDE: its bit 32). NO_DEVICE: no I/O
 * APIC begins there. BAD_ARGUMENT: no such entry.
 */
#define IRQ_REMAP 4
#define IRQ_REMAP_NOTHING (~0ull)
#define IRQ_REMAP_WIDE (1ull << 32)

/* Word 0: id. The interrupt is masked and destroyed. BAD_ARGUMENT: not claimed. */
#define IRQ_RELEASE 3

#endif
