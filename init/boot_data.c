/* SPDX-License-Identifier: MIT */
/* What the kernel hands over at the start: facts about the machine, and the bundle of modules. */
#include "boot_data.h"

#include "lib/formats/cpio.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/resources.h"

const struct purlin_boot_info *boot_info;

static const void *bundle;

purlin_s64 boot_data_map(void)
{
	purlin_u64 pages = 0, address, bytes;
	const void *info;
	void *start;
	purlin_s64 status = purlin_memory_info(PURLIN_SLOT_BUNDLE, &pages, &address);

	if (!status)
		status = memory_map(PURLIN_SLOT_BUNDLE, 0, pages, PURLIN_MAP_READ, &start);
	/* By ROM, since the page that the kernel wrote is mapped in core alone. */
	if (!status)
		status = rom_map("boot_info", &info, &bytes);
	if (status)
		return status;
	bundle = start;
	boot_info = info;
	return PURLIN_OK;
}

bool boot_module(const char *name, const void **data, size_t *bytes)
{
	struct cpio_member member;

	if (!cpio_find(bundle, boot_info->bundle_size, name, &member))
		return false;
	*data = member.data;
	*bytes = member.bytes;
	return true;
}

bool boot_module_exists(void *context, const char *name)
{
	const void *data;
	size_t bytes;

	(void)context;
	return boot_module(name, &data, &bytes);
}
