// SPDX-License-Identifier: MIT
/* Memory objects by physical address: I/O memory, and who may learn where memory lies. */
#include "object/memory.h"

#include "base/arch.h"
#include "base/call.h"
#include "base/pages.h"
#include "debug/log_screen.h"
#include "object/capability.h"
#include "object/pd.h"

#define PHYSICAL_END (1ull << 52)

static bool cache_valid(uint64_t cache)
{
	return cache == PURLIN_MAP_UNCACHED || cache == PURLIN_MAP_WRITE_COMBINING ||
	       cache == PURLIN_MAP_WRITE_BACK;
}

CALL_HANDLER(memory_create_physical)
{
	const struct memory_create_physical_arguments *arguments =
		&call->arguments->memory_create_physical;
	struct physical base = { arguments->physical_address };
	struct account *account = call->pd->object.account;
	uint64_t pages = arguments->pages;
	struct capability *slot;
	struct memory *memory;
	status result = call_slot(call, &slot);

	if (result != PURLIN_OK)
		return result;
	if (base.value % PAGE_SIZE || base.value >= PHYSICAL_END)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (pages == 0 || pages > (PHYSICAL_END - base.value) / PAGE_SIZE)
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	if (!cache_valid(arguments->cache))
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	/* RAM that the kernel hands out, and its own devices, cannot be had by address. */
	if (pages_managed(base, pages) || arch_physical_reserved(base, pages))
		return call_refuse(3, PURLIN_OVERLAP);
	result = memory_describe(account, base, pages, (uint32_t)arguments->cache, &memory);
	if (result != PURLIN_OK)
		return result;
	capability_fill(slot, &memory->object, PURLIN_RIGHT_ALL, 0);
	log_screen_memory(base, pages, true);
	return PURLIN_OK;
}

CALL_HANDLER(memory_info)
{
	struct memory *memory = memory_of(call->object);
	bool tell = memory_contiguous(memory) && (call->capability->rights & PURLIN_RIGHT_PHYSICAL);

	arch_call_result(call->caller, 0, memory->pages);
	arch_call_result(call->caller, 1, tell ? memory->base.value : ~0ull);
	return PURLIN_OK;
}
