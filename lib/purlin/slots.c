/* SPDX-License-Identifier: MIT */
/* Slots of the capability table: a bitmap, lowest free slot first. */
#include "internal.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"

#define WORD_BITS 64

/* The bitmap has room for core's table, which is larger than that of others. */
static unsigned int words = COMPONENT_SLOTS / WORD_BITS;
static purlin_u64 used[PURLIN_CORE_SLOTS / WORD_BITS] = {
	(1u << PURLIN_SLOT_FIRST_FREE) - 1, /* those given by the parent */
};
static unsigned int lowest; /* no word before it has a free bit */

void slots_of_core(void)
{
	words = PURLIN_CORE_SLOTS / WORD_BITS;
}

purlin_u64 slot_reserve(void)
{
	purlin_u64 slot = 0;

	lock_acquire(&runtime_lock);
	while (lowest < words && used[lowest] == ~0ull)
		lowest++;
	if (lowest < words) {
		unsigned int bit = (unsigned int)__builtin_ctzll(~used[lowest]);

		used[lowest] |= 1ull << bit;
		slot = lowest * WORD_BITS + bit;
	}
	lock_release(&runtime_lock);
	return slot;
}

void slot_release(purlin_u64 slot)
{
	/* 0 as well: callers release what they may not have got. */
	if (slot < PURLIN_SLOT_FIRST_FREE || slot >= words * WORD_BITS)
		return;
	lock_acquire(&runtime_lock);
	used[slot / WORD_BITS] &= ~(1ull << slot % WORD_BITS);
	if (slot / WORD_BITS < lowest)
		lowest = (unsigned int)(slot / WORD_BITS);
	lock_release(&runtime_lock);
}

/*
 * First the capability, then the slot: another thread may reserve it at once, and has to find it
 * empty.
 */
void slot_delete(purlin_u64 slot)
{
	if (!slot)
		return;
	purlin_cap_delete(PURLIN_SLOT_PD, slot);
	slot_release(slot);
}

purlin_s64 slot_copy(purlin_u64 from, purlin_u64 rights, purlin_u64 badge, purlin_u64 *copy)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status;

	if (!slot)
		return PURLIN_NO_MEMORY;
	status = purlin_cap_copy(PURLIN_SLOT_PD, slot, from, rights, badge);
	if (status)
		slot_release(slot);
	else
		*copy = slot;
	return status;
}

unsigned int slots_in_use(void)
{
	unsigned int count = 0;

	lock_acquire(&runtime_lock);
	for (unsigned int i = 0; i < words; i++)
		for (purlin_u64 word = used[i]; word; word &= word - 1)
			count++;
	lock_release(&runtime_lock);
	return count;
}
