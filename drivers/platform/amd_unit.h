/* SPDX-License-Identifier: MIT */
/*
 * One IOMMU of AMD's (48882): its registers, the queue of commands, the table of devices. Every
 * command is followed by a wait that the unit confirms in memory; a unit that once fails to is
 * `stuck`: nothing it may have cached is trusted any more, and nothing new is given to it.
 *
 * A function without an entry in the table of devices would pass untranslated, so that every number
 * has one from the start: it stops all.
 */
#ifndef PLATFORM_AMD_UNIT_H
#define PLATFORM_AMD_UNIT_H

#include "ivrs.h"
#include "table_memory.h"

struct amd_unit {
	const struct ivrs *ivrs;
	const struct ivrs_unit *description;
	volatile uint8_t *registers;
	uint64_t features;
	bool usable; /* it translates */
	bool stuck;
	bool remaps; /* interrupts; what is not remapped is blocked */
	bool caches_absent;
	unsigned int sources; /* numbers in the table; the unit stops greater ones */
	struct table_memory *devices, *queue, *events;
	struct amd_messages *messages; /* amd_remap.c */
	unsigned int tail;	       /* of the queue, in entries */
	uint64_t last_number;	       /* that a wait was to write */
};

uint64_t amd_read(const struct amd_unit *unit, unsigned int offset);
void amd_write(const struct amd_unit *unit, unsigned int offset, uint64_t value);

/*
 * Find the unit and prepare a table of so many numbers. It may be at work already, for firmware or
 * for the previous platform component: then it goes on with the old table, but takes no commands.
 * NULL: done. Else the reason; *held: the unit may still use what it used before.
 */
const char *amd_unit_prepare(struct amd_unit *unit, const struct ivrs *ivrs,
			     const struct ivrs_unit *description, unsigned int sources, bool *held);

/* Translate by the new table. False: the unit does not confirm that it forgot what it knew. */
bool amd_unit_begin(struct amd_unit *unit);

/* True: the unit has confirmed that it uses nothing of it that it read before. */
bool amd_flush_device(struct amd_unit *unit, uint16_t source);
bool amd_flush_messages(struct amd_unit *unit, uint16_t source);
bool amd_flush_domain(struct amd_unit *unit, uint16_t number);

/* Restart the log of events if it has stopped. */
void amd_log_restart(struct amd_unit *unit);

#endif
