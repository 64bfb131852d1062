/* SPDX-License-Identifier: MIT */
/* Pinned memory of clients. */
#include "pin.h"

#include "purlin/calls.h"
#include "runtime/slots.h"

/*
 * Pinned before its address is asked for: an object that ends in between keeps its pages, so that
 * the address never becomes that of somebody else's memory.
 */
static purlin_s64 take(struct pin *pin, purlin_u64 slot)
{
	purlin_u64 pages;

	if (purlin_memory_pin(slot))
		return PURLIN_BAD_ARGUMENT;
	pin->slot = slot;
	if (!purlin_memory_info(slot, &pages, &pin->physical))
		return PURLIN_OK;
	(void)purlin_memory_unpin(slot);
	return PURLIN_BAD_ARGUMENT;
}

purlin_s64 pin_take(struct pin *pin, purlin_u64 slot)
{
	purlin_s64 status = take(pin, slot);

	if (status)
		slot_delete(slot);
	return status;
}

void pin_release(struct pin *pin)
{
	(void)purlin_memory_unpin(pin->slot);
	slot_delete(pin->slot);
	pin->slot = 0;
}
