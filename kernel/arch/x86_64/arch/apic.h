/* SPDX-License-Identifier: MIT */
/* Local APIC and I/O APIC, to the rest of the architecture. */
#ifndef ARCH_APIC_H
#define ARCH_APIC_H

#include "base/types.h"

/* Registers by their offset in the memory-mapped form. */
uint32_t apic_read(uint32_t offset);
void apic_write(uint32_t offset, uint32_t value);

/* Before interrupts: where the registers are; then on each processor apic_init_cpu(). */
void apic_detect(void);

/* INIT and STARTUP of another processor; `page` is the physical page it begins in. */
void apic_send_init(uint32_t apic_id);
void apic_send_startup(uint32_t apic_id, uint64_t page);

/* I/O APICs: found, all lines masked; the legacy controllers silenced. */
void pic_disable(void);
void ioapic_init(void);
bool ioapic_has(uint32_t gsi);
void ioapic_route(uint32_t gsi, uint32_t apic_id, uint8_t vector,
		  uint32_t flags); /* masked; PURLIN_IRQ_* */

/* Lines of the I/O APIC that begins there name entries of interrupt remapping. False: none does. */
bool ioapic_begins(uint32_t gsi);
void ioapic_remap(uint32_t gsi, uint32_t entry, uint32_t apic_id);

#endif
