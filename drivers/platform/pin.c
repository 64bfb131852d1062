/* SPDX-License-Identifier: MIT */
/* Pinned memory of clients. */
#include "pin.h"

#include "purlin/calls.h"
#include "runtime/slots.h"

purlin_s64 memory_pin_slot(purlin_u64 slot, uint64_t *address)
{
	purlin_u64 pages;
	purlin_s64 status = purlin_memory_info(slot, &pages, address);

	if (!status && *address == ~0ull)
		status = PURLIN_BAD_ARGUMENT;
	return status ? status : purlin_memory_pin(slot);
}

void memory_release_pin(purlin_u64 slot)
{
	(void)purlin_memory_unpin(slot);
	slot_delete(slot);
}
