/* SPDX-License-Identifier: MIT */
/*
 * Entries of a unit's table of devices (48882, 2.2.2): what the requests and messages of a function
 * go through. Nothing is flushed here.
 */
#ifndef PLATFORM_AMD_DEVICE_H
#define PLATFORM_AMD_DEVICE_H

#include "amd_unit.h"

/* What an entry does for memory requests. levels 0: it stops all of them. */
struct amd_route {
	uint64_t root; /* of page tables */
	unsigned int levels;
	uint16_t number; /* of the domain */
};

/*
 * Make every entry stop everything, messages included if they are remapped. System management
 * messages that firmware allows pass while the function belongs to nobody.
 */
void amd_devices_fill(struct amd_unit *unit);

/*
 * table: physical address of the table of messages; 0: there is none, and all messages are stopped
 * if they are remapped. False: the unit has no entry for that number.
 */
bool amd_device_set(struct amd_unit *unit, uint16_t source, const struct amd_route *route,
		    uint64_t table);
/* Make the entry stop everything again. */
void amd_device_stop(struct amd_unit *unit, uint16_t source);
/* The number of the domain that the entry names; 0: it stops everything. */
uint16_t amd_device_number(const struct amd_unit *unit, uint16_t source);
/* Report nothing about this function any more. */
void amd_device_quiet(struct amd_unit *unit, uint16_t source);

#endif
