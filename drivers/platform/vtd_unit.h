/* SPDX-License-Identifier: MIT */
/*
 * One IOMMU of VT-d (4.1): its registers, the queue of commands, root and context tables. Every
 * command is followed by a wait that the unit confirms in memory; a unit that once fails to is
 * `stuck`: nothing it may have cached is trusted any more, and nothing new is given to it.
 */
#ifndef PLATFORM_VTD_UNIT_H
#define PLATFORM_VTD_UNIT_H

#include <stdbool.h>

#include "table_memory.h"

#define VTD_BUSES 256
#define VTD_INTERRUPTS_MOST 4096

struct vtd_unit {
	uint64_t address; /* of its registers, for the log */
	volatile uint8_t *registers;
	uint64_t register_bytes;
	uint64_t capabilities, extended;
	bool usable; /* it translates */
	bool stuck;
	bool remaps; /* interrupts; what is not remapped is blocked */
	bool wide;   /* to APIC ids of 32 bits */
	struct table_memory *root, *queue;
	struct table_memory *interrupts;
	unsigned int first_message;		 /* entry after those of I/O APICs */
	uint64_t kept[VTD_INTERRUPTS_MOST / 64]; /* entries of blocks, or never used again */
	struct table_memory *context[VTD_BUSES];
	unsigned int tail;    /* of the queue, in entries */
	uint32_t last_number; /* that a wait was to write */
};

/* What the unit is capable of. */
unsigned int vtd_levels(const struct vtd_unit *unit); /* bits 3 and 4: that many are possible */
bool vtd_large_pages(const struct vtd_unit *unit);
bool vtd_coherent(const struct vtd_unit *unit);
bool vtd_snoop_control(const struct vtd_unit *unit);
bool vtd_caches_absent(const struct vtd_unit *unit); /* entries that are not present, too */
unsigned int vtd_domains(const struct vtd_unit *unit);
unsigned int vtd_address_bits(const struct vtd_unit *unit); /* of what devices say */
bool vtd_remaps(const struct vtd_unit *unit);		    /* interrupts */
bool vtd_wide_ids(const struct vtd_unit *unit);		    /* to APIC ids of 32 bits */

uint32_t vtd_read(const struct vtd_unit *unit, unsigned int offset);
void vtd_write(const struct vtd_unit *unit, unsigned int offset, uint32_t value);
uint64_t vtd_read_wide(const struct vtd_unit *unit, unsigned int offset);
void vtd_write_wide(const struct vtd_unit *unit, unsigned int offset, uint64_t value);

/*
 * Find the unit and make it translate by an empty root table, through which nothing passes. It may
 * be translating already, for firmware or for the previous platform component. NULL: done. Else the
 * reason; *held: the unit may still use what it used before.
 */
const char *vtd_unit_start(struct vtd_unit *unit, uint64_t registers, bool *held);

/* Set a bit of the global command register, or clear it, and wait until the unit says so. */
bool vtd_command(struct vtd_unit *unit, uint32_t bit, bool set);

/*
 * Let interrupts of the old format pass for now. QEMU 7.2 does not confirm it, since there they
 * always pass.
 */
void vtd_let_pass(struct vtd_unit *unit);

/* Write the context entry of a function; low 0 removes it. Nothing is flushed. False: no memory. */
bool vtd_context_set(struct vtd_unit *unit, uint16_t bdf, uint64_t low, uint64_t high);
uint64_t vtd_context_low(const struct vtd_unit *unit, uint16_t bdf);
uint64_t vtd_context_high(const struct vtd_unit *unit, uint16_t bdf);

/* True: the unit has confirmed that it uses nothing of it that it read before. */
bool vtd_flush_context(struct vtd_unit *unit, uint16_t bdf, uint16_t domain);
bool vtd_flush_domain(struct vtd_unit *unit, uint16_t domain);
bool vtd_flush_interrupts(struct vtd_unit *unit);

#endif
