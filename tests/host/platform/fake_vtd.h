/* SPDX-License-Identifier: MIT */
/*
 * Units of VT-d for host tests, with caches that forget only what they are told to forget.
 */
#ifndef TESTS_PLATFORM_FAKE_VTD_H
#define TESTS_PLATFORM_FAKE_VTD_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_VTD_UNITS 2
#define FAKE_VTD_AT 0xfed90000ull /* and the next at the next page */

struct fake_vtd {
	uint8_t registers[0x1000];
	bool deaf;		 /* confirms no command of the queue any more */
	bool stubborn;		 /* and nothing at the command register */
	bool cached_absent;	 /* a missing entry is cached, too */
	unsigned int commands;	 /* of the queue */
	unsigned int root_reads; /* of tables */
};

extern struct fake_vtd fake_vtd[FAKE_VTD_UNITS];

void fake_vtd_clear(void);

/* What a device's access reaches: the physical address, or ~0. */
uint64_t fake_vtd_access(unsigned int unit, uint16_t source, uint64_t address, bool write);

/* What a message causes: vector, destination << 8, and FAKE_LEVEL; ~0: nothing. */
#define FAKE_LEVEL (1ull << 40)
uint64_t fake_vtd_message(unsigned int unit, uint16_t source, uint64_t address, uint32_t data);

#endif
