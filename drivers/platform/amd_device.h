/* SPDX-License-Identifier: MIT */
/*
 * Entries of a unit's table of devices (48882, 2.2.2): what the requests and messages of a function
 * go through. Nothing is flushed here.
 */
#ifndef PLATFORM_AMD_DEVICE_H
#define PLATFORM_AMD_DEVICE_H

#include "amd_unit.h"

/* What it does for memory. levels 0: it stops all. */
struct amd_route {
	uint64_t root; /* of page tables */
	unsigned int levels;
	uint16_t number; /* of the domain */
};

/* Every entry stops all; messages, too, if they are remapped. What firmware has functions say to
 * manage the machine's power passes while they belong to nobody. */
void amd_devices_fill(struct amd_unit *unit);

/* table: of messages, physical; 0: none, and all are stopped if they are remapped. False: the unit
 * has no entry for that number. */
bool amd_device_set(struct amd_unit *unit, uint16_t source, const struct amd_route *route,
		    uint64_t table);
/* It stops all again. */
void amd_device_stop(struct amd_unit *unit, uint16_t source);
/* The number of the domain; 0: all is stopped. */
uint16_t amd_device_number(const struct amd_unit *unit, uint16_t source);
/* Nothing is reported any more. */
void amd_device_quiet(struct amd_unit *unit, uint16_t source);

#endif
