// SPDX-License-Identifier: MIT
/* The runtime's slots, and how many of them are in use. */
#include <string.h>

#include "lib/purlin/slots.c"

struct lock runtime_lock;

unsigned int fake_slots_used(void);
void fake_slots_reset(void);

unsigned int fake_slots_used(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < words; i++)
		count += (unsigned int)__builtin_popcountll(used[i]);
	return count;
}

/* As at the start of a component. */
void fake_slots_reset(void)
{
	memset(used, 0, sizeof(used));
	used[0] = (1u << PURLIN_SLOT_FIRST_FREE) - 1;
	lowest = 0;
}
