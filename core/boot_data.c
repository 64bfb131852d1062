/* SPDX-License-Identifier: MIT */
/* What the kernel handed over at the start: facts about the machine, and the bundle of modules. */
#include "boot_data.h"

#include "purlin/calls.h"
#include "runtime/memory.h"

const struct purlin_boot_info *boot_info;
const void *bundle;

bool boot_data_take(purlin_u64 argument)
{
	boot_info = (const struct purlin_boot_info *)argument;
	return boot_info->magic == PURLIN_BOOT_MAGIC &&
	       boot_info->abi_version == PURLIN_ABI_VERSION;
}

purlin_s64 bundle_map(void)
{
	purlin_u64 pages = 0, address;
	void *start;
	purlin_s64 status = purlin_memory_info(PURLIN_SLOT_BUNDLE, &pages, &address);

	if (!status)
		status = memory_map(PURLIN_SLOT_BUNDLE, 0, pages, PURLIN_MAP_READ, &start);
	if (!status)
		bundle = start;
	return status;
}
