// SPDX-License-Identifier: MIT
/*
 * What happens while the kernel works. The objects under test are compiled with trace-loads: each
 * read calls us before it happens. If it is of a page that user level may write, the input says
 * whether another processor writes there just now.
 */
#include "system.h"

#include "base/arch.h"

#define RANGES_MOST 64
#define STORM 0xf0
#define NEVER (~0u)

static struct range {
	const char *start, *end;
} ranges[RANGES_MOST];
static unsigned int range_count, change_at = NEVER, reads;
static uint64_t change_value;

bool meanwhile_changed, meanwhile_quiet, meanwhile_storm;

void user_memory(const void *start, size_t bytes)
{
	if (range_count < RANGES_MOST)
		ranges[range_count++] = (struct range){ start, (const char *)start + bytes };
}

/* Small ones, and small changes, more often: they are what gets past a check. */
static uint64_t new_value(uint8_t kind)
{
	return kind % 4 ? kind / 4 : (uint64_t)kind << (kind % 61);
}

void meanwhile_begin(void)
{
	uint8_t pending, change;

	meanwhile_changed = false;
	host.preempt_count = 0;
	if (meanwhile_storm)
		host.preempt_every = 1;
	if (meanwhile_quiet || meanwhile_storm)
		return;
	pending = meanwhile_byte();
	change = meanwhile_byte();

	host.preempt_every = pending & 0x80 ? (pending & 0x1f) + 1 : 0;
	if (pending >= STORM) {
		meanwhile_storm = true;
		host.preempt_every = 1;
	}
	reads = 0;
	change_at = NEVER;
	if (change & 0x80) {
		change_at = change & 0x1f;
		change_value = new_value(meanwhile_byte());
	}
}

void meanwhile_end(void)
{
	host.preempt_every = 0;
	change_at = NEVER;
	range_count = 0;
}

static bool of_user(const char *address)
{
	for (unsigned int i = 0; i < range_count; i++) {
		if (address >= ranges[i].start && address < ranges[i].end)
			return true;
	}
	return false;
}

static inline __attribute__((always_inline)) void read_happens(void *address, size_t bytes)
{
	if (change_at == NEVER || !of_user(address))
		return;
	if (reads++ != change_at)
		return;
	memcpy(address, &change_value, bytes < 8 ? bytes : 8);
	meanwhile_changed = true;
}

#define ON_LOAD read_happens
#include "loads.h"
