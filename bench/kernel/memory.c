/* SPDX-License-Identifier: MIT */
/* Mapping memory into a native protection domain: one call for many pages. */
#include "kernel_bench.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/addresses.h"

#define PAGES 256 /* fewer than a large page, from an odd one on */

static purlin_u64 memory, address, unmap_ticks;

static purlin_u64 map(void)
{
	purlin_u64 began = bench_now(), mapped;

	bench_must(purlin_memory_map(memory, PURLIN_SLOT_PD, address, 0, PAGES,
				     PURLIN_MAP_READ | PURLIN_MAP_WRITE),
		   "memory_map");
	mapped = bench_now();
	bench_must(purlin_memory_unmap(PURLIN_SLOT_PD, address), "memory_unmap");
	unmap_ticks = bench_now() - mapped;
	return mapped - began;
}

static purlin_u64 unmap(void)
{
	map();
	return unmap_ticks;
}

void bench_memory(void)
{
	bench_must(memory_new(PURLIN_SLOT_ACCOUNT, PAGES, 0, &memory), "memory");
	address = addresses_reserve(PAGES, PURLIN_PAGE_SIZE);
	bench_run("map-page", map, PAGES);
	bench_run("unmap-page", unmap, PAGES);
}
