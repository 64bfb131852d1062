/* SPDX-License-Identifier: MIT */
/* New memory objects of the component. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

purlin_s64 memory_new(purlin_u64 account, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status;

	if (!slot)
		return PURLIN_NO_MEMORY;
	status = purlin_memory_create(account, slot, pages, flags);
	if (status)
		slot_release(slot);
	else
		*memory = slot;
	return status;
}

purlin_s64 memory_new_mapped(purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory, void **address)
{
	purlin_s64 status = memory_new(PURLIN_SLOT_ACCOUNT, pages, flags, memory);

	if (status)
		return status;
	status = memory_map(*memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, address);
	if (status)
		slot_delete(*memory);
	return status;
}
