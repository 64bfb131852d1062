// SPDX-License-Identifier: MIT
/* Regions: mappings of memory objects in native PDs. */
#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/memory.h"
#include "object/pd.h"

#define SPARES_AT_ONCE 64
#define KEPT_AT_ONCE (LARGE_PAGE_SIZE / PAGE_SIZE / 2)
#define RUNS_AT_ONCE 64 /* of adjacent pages, between two checks for interrupts */
#define RIGHTS_MASK (PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE)

static uint64_t regions_made;

/* Without cache bits in the request, the memory's own. Message buffers have no memory object. */
static uint32_t resolve_cache(const struct memory *memory, uint32_t rights)
{
	if (rights & MEMORY_CACHE_MASK)
		return rights;
	return rights | (memory ? memory->cache : PURLIN_MAP_WRITE_BACK);
}

struct list *region_place(struct pd *pd, uint64_t address)
{
	struct list *link;

	/*
	 * Sorted by address, so the first that ends after it is the only one that could overlap. A
	 * list does: PD_REGIONS_MAX bounds it, and mappings are made rarely.
	 */
	for (link = pd->regions.next; link != &pd->regions; link = link->next) {
		struct region *region = container_of(link, struct region, pd_link);

		if (address < region->address + region->pages * PAGE_SIZE)
			break;
	}
	return link;
}

struct region *region_at(struct pd *pd, struct list *place, uint64_t address)
{
	struct region *region = container_of(place, struct region, pd_link);

	return place != &pd->regions && region->address == address ? region : NULL;
}

static status check_create(const struct pd *pd, const struct list *place, uint64_t address,
			   uint64_t pages)
{
	/* Page 0 stays empty, so that NULL faults. */
	if (address % PAGE_SIZE || address == 0 || address >= ARCH_NATIVE_END)
		return PURLIN_BAD_ARGUMENT;
	if (pages == 0 || pages > (ARCH_NATIVE_END - address) / PAGE_SIZE)
		return PURLIN_BAD_ARGUMENT;
	if (place != &pd->regions &&
	    container_of(place, struct region, pd_link)->address < address + pages * PAGE_SIZE)
		return PURLIN_OVERLAP;
	return pd->region_count < PD_REGIONS_MAX ? PURLIN_OK : PURLIN_NO_MEMORY;
}

status region_create(struct pd *pd, struct list *place, struct memory *memory, uint64_t address,
		     uint64_t offset, uint64_t pages, uint32_t rights, struct region **created)
{
	struct region *region;
	status result = check_create(pd, place, address, pages);

	if (result != PURLIN_OK)
		return result;
	region = account_allocate(pd->object.account, sizeof(*region));
	if (!region)
		return PURLIN_NO_MEMORY;
	region->spare = PHYSICAL_NONE;
	if (rights & PURLIN_MAP_KEPT) {
		/* Now, since nothing may fail when the memory goes. */
		region->spare = account_page(pd->object.account);
		if (!physical_valid(region->spare)) {
			account_free(pd->object.account, region);
			return PURLIN_NO_MEMORY;
		}
	}
	/*
	 * The number is never used again: by it an interrupted memory_map finds its region
	 * (region_find()).
	 */
	region->number = ++regions_made;
	region->pd = pd;
	region->memory = memory;
	region->address = address;
	region->offset = offset;
	region->pages = pages;
	region->rights = resolve_cache(memory, rights & PURLIN_MAP_VALID);
	list_init(&region->memory_link);
	list_append(place, &region->pd_link);
	pd->region_count++;
	if (memory) {
		object_get(&memory->object);
		list_append(&memory->regions, &region->memory_link);
	}
	*created = region;
	return PURLIN_OK;
}

/*
 * Rounds end at multiples of the large page size. A round that ended inside a large page could
 * neither map nor unmap it as a whole.
 */
static uint64_t round_end(const struct region *region)
{
	uint64_t at = region->address + region->mapped * PAGE_SIZE;
	uint64_t boundary = (at / LARGE_PAGE_SIZE + 1) * LARGE_PAGE_SIZE;
	uint64_t end = region->mapped + (boundary - at) / PAGE_SIZE;

	return end < region->pages ? end : region->pages;
}

static uint64_t round_start(const struct region *region)
{
	uint64_t last = region->address + (region->mapped - 1) * PAGE_SIZE;
	uint64_t boundary = last / LARGE_PAGE_SIZE * LARGE_PAGE_SIZE;

	return boundary > region->address ? (boundary - region->address) / PAGE_SIZE : 0;
}

static status map_pages(struct region *region, uint64_t end)
{
	const struct memory *memory = region->memory;

	for (unsigned int runs = 1; region->mapped < end; runs++) {
		uint64_t count =
			memory_run(memory, region->offset + region->mapped, region->offset + end);
		status result;

		/* Small pages: their tables are there, and paid, when the spare page needs them. */
		if (physical_valid(region->spare) && count > KEPT_AT_ONCE)
			count = KEPT_AT_ONCE;
		result = arch_tables_map(&region->pd->tables,
					 region->address + region->mapped * PAGE_SIZE,
					 memory_physical(memory, region->offset + region->mapped),
					 count, region->rights);
		if (result != PURLIN_OK)
			return result;
		region->mapped += count;
		if (runs % RUNS_AT_ONCE == 0 && region->mapped < end && arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status region_map(struct region *region)
{
	while (region->mapped < region->pages) {
		status result = map_pages(region, round_end(region));

		if (result != PURLIN_OK)
			return result;
		if (region->mapped < region->pages && arch_preemption_pending())
			return CALL_RESTART;
	}
	region->complete = true;
	trace(PURLIN_TRACE_MEMORY, "%s: mapped %lx, %lu pages\n", region->pd->name, region->address,
	      region->pages);
	return PURLIN_OK;
}

static status region_free(struct region *region)
{
	struct pd *pd = region->pd;

	/* If this is the last mapping, the region stays in the PD until the memory is destroyed. */
	if (region->memory && memory_let_go(region->memory, &region->memory_link) == CALL_RESTART)
		return CALL_RESTART;
	list_remove(&region->pd_link);
	pd->region_count--;
	if (physical_valid(region->spare))
		account_page_free(pd->object.account, region->spare);
	account_free(pd->object.account, region);
	return PURLIN_OK;
}

static status region_unmap(struct region *region)
{
	/*
	 * From the end, so that `mapped` always says how much is left, however it is interrupted.
	 */
	while (region->mapped > 0) {
		uint64_t start = round_start(region);

		arch_tables_unmap(&region->pd->tables, region->address + start * PAGE_SIZE,
				  region->mapped - start);
		/* TLBs were flushed as well, so only now do the pages count as not mapped. */
		region->mapped = start;
		if (start > 0 && arch_preemption_pending())
			return CALL_RESTART;
	}
	trace(PURLIN_TRACE_MEMORY, "%s: unmapped %lx\n", region->pd->name, region->address);
	return PURLIN_OK;
}

status region_remove(struct region *region)
{
	return region_unmap(region) == CALL_RESTART ? CALL_RESTART : region_free(region);
}

/* Not one that is being made: nobody knows of it yet, and its call fails if the memory goes. */
static bool region_outlives(const struct region *region)
{
	return physical_valid(region->spare) && region->complete;
}

status region_lose(struct region *region)
{
	if (!region_outlives(region))
		return region_remove(region);
	if (region_unmap(region) == CALL_RESTART)
		return CALL_RESTART;
	/* The memory is dying already: this is no last reference, and needs no rounds. */
	memory_let_go(region->memory, &region->memory_link);
	region->memory = NULL;
	return PURLIN_OK;
}

/*
 * The spare page in place of the next missing ones. They begin where the mapped ones end, so that
 * `mapped` still says what has to be unmapped. Each fault maps one such part.
 */
static bool spare_map(struct region *region)
{
	uint64_t end = region->mapped + SPARES_AT_ONCE;

	for (; region->mapped < end && region->mapped < region->pages; region->mapped++) {
		uint64_t address = region->address + region->mapped * PAGE_SIZE;

		if (arch_tables_map(&region->pd->tables, address, region->spare, 1,
				    region->rights) != PURLIN_OK)
			return false;
	}
	return true;
}

bool region_refill(struct pd *pd, uint64_t address)
{
	struct list *place = region_place(pd, address);
	struct region *region = container_of(place, struct region, pd_link);

	if (place == &pd->regions || address < region->address || !region_outlives(region))
		return false;
	if (region->memory) {
		if (!region->memory->object.dead)
			return false;
		/*
		 * Its end was interrupted, maybe by the thread that has faulted, which would wait
		 * in vain if it only tried again: so it goes on with that itself.
		 */
		if (region_lose(region) == CALL_RESTART)
			return true;
	}
	/* Another processor may have mapped the page since. */
	if (address < region->address + region->mapped * PAGE_SIZE)
		return true;
	return spare_map(region);
}

status region_map_page(struct region *region, struct physical page)
{
	status result =
		arch_tables_map(&region->pd->tables, region->address, page, 1, region->rights);

	if (result == PURLIN_OK)
		region->mapped = 1;
	return result;
}

void region_remove_page(struct region *region)
{
	if (region->mapped)
		arch_tables_unmap(&region->pd->tables, region->address, 1);
	region_free(region);
}

/* The mapping must be within the memory object, and no more than the capability allows. */
static status check_map(const struct capability *capability,
			const struct memory_map_arguments *arguments)
{
	const struct memory *memory = memory_of(capability->object);
	uint64_t offset = arguments->offset_pages, pages = arguments->pages,
		 rights = arguments->rights;

	if (offset >= memory->pages)
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	if (pages == 0 || pages > memory->pages - offset)
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	if ((rights & ~(uint64_t)(PURLIN_MAP_VALID | PURLIN_MAP_KEPT)) || !(rights & RIGHTS_MASK))
		return call_refuse(6, PURLIN_BAD_ARGUMENT);
	/* What stands for memory that is gone is data: nobody executes it. And it is RAM. */
	if ((rights & PURLIN_MAP_KEPT) &&
	    ((rights & PURLIN_MAP_EXECUTE) || memory->cache != PURLIN_MAP_WRITE_BACK))
		return call_refuse(6, PURLIN_BAD_ARGUMENT);
	if (!memory_cache_allowed(memory, rights))
		return call_refuse(6, PURLIN_BAD_ARGUMENT);
	/* Processors have no mapping without the right to read: whatever is mapped needs READ. */
	rights = (rights & RIGHTS_MASK) | PURLIN_MAP_READ;
	if ((capability->rights & rights) != rights)
		return call_refuse(6, PURLIN_NO_RIGHT);
	return PURLIN_OK;
}
_Static_assert(PURLIN_MAP_READ == PURLIN_RIGHT_READ && PURLIN_MAP_WRITE == PURLIN_RIGHT_WRITE &&
		       PURLIN_MAP_EXECUTE == PURLIN_RIGHT_EXECUTE,
	       "ABI: compared directly");

static status region_build(struct region *region)
{
	status result = region->failed ? PURLIN_NO_MEMORY : region_map(region);

	if (result != PURLIN_NO_MEMORY)
		return result;
	/* Undoing takes rounds, too; the mark makes the restarted call go on with that. */
	region->failed = true;
	return region_remove(region) == CALL_RESTART ? CALL_RESTART : PURLIN_NO_MEMORY;
}

/* The region that earlier rounds of the call have begun, if nobody has removed it; or a new one. */
static status region_find(struct call *call, struct pd *pd, struct region **found)
{
	const struct memory_map_arguments *arguments = &call->arguments->memory_map;
	uint64_t address = arguments->virtual_address;
	struct list *place = region_place(pd, address);
	struct call_progress *progress;
	status result = call_progress(call, &progress);

	if (result != PURLIN_OK)
		return result;
	*found = region_at(pd, place, address);
	if (*found && (*found)->number == progress->done)
		return PURLIN_OK;
	result = region_create(pd, place, memory_of(call->object), address, arguments->offset_pages,
			       arguments->pages, (uint32_t)arguments->rights, found);
	if (result == PURLIN_OK)
		progress->done = (*found)->number;
	return call_refuse(3, result);
}

CALL_IN_ROUNDS(memory_map)
{
	struct capability *found;
	struct region *region;
	struct pd *pd;
	status result = call_capability(call, 2, PURLIN_TYPE_PD, PURLIN_RIGHT_CONTROL, &found);

	if (result != PURLIN_OK)
		return result;
	pd = pd_of(found->object);
	if (pd_is_guest(pd))
		return call_refuse(2, PURLIN_BUSY);
	result = check_map(call->capability, &call->arguments->memory_map);
	if (result == PURLIN_OK)
		result = region_find(call, pd, &region);
	return result == PURLIN_OK ? region_build(region) : result;
}

CALL_HANDLER(memory_unmap)
{
	uint64_t address = call->arguments->memory_unmap.virtual_address;
	struct pd *pd = pd_of(call->object);
	struct region *region;

	if (pd_is_guest(pd))
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	region = region_at(pd, region_place(pd, address), address);
	/* A message buffer has neither: it is the kernel's. */
	if (!region || (!region->memory && !physical_valid(region->spare)))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	return region_remove(region);
}
