/* SPDX-License-Identifier: MIT */
/* Units of AMD's for host tests, with caches that forget only what they are told to forget. */
#ifndef TESTS_PLATFORM_FAKE_AMD_H
#define TESTS_PLATFORM_FAKE_AMD_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_AMD_UNITS 2
#define FAKE_AMD_AT 0xfd000000ull /* and the next 1 MiB above */

struct fake_amd {
	uint64_t registers[0x4000 / 8];
	bool deaf;		 /* confirms no command any more */
	bool stubborn;		 /* and its queue never stops */
	bool cached_absent;	 /* a missing entry is cached, too */
	unsigned int commands;	 /* of the queue */
	unsigned int interrupts; /* that events caused */
};

extern struct fake_amd fake_amd[FAKE_AMD_UNITS];

void fake_amd_clear(void);

/* What a device's access reaches: the physical address, or ~0. */
uint64_t fake_amd_access(unsigned int unit, uint16_t source, uint64_t address, bool write);

/* What a message causes: vector, destination << 8; ~0: nothing. mode: 0 fixed, 4 NMI, ... */
uint64_t fake_amd_message(unsigned int unit, uint16_t source, uint64_t address, uint32_t data);

#endif
