// SPDX-License-Identifier: MIT
/* What must hold of a protection domain: capability table, regions, threads, and those of a guest.
 */
#include "checks_on/objects.h"

#include "debug/log.h"
#include "object/attachment.h"
#include "object/capability.h"
#include "object/guest.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/vcpu.h"

static uint64_t capabilities_check(const struct capability_table *table)
{
	uint64_t pages = table->pages ? 1 : 0;

	for (unsigned int i = 0; table->pages && i < CAPABILITY_PAGES_MAX; i++) {
		const struct capability *page = table->pages[i];

		if (!page)
			continue;
		pages++;
		for (unsigned int j = 0; j < CAPABILITIES_PER_PAGE; j++) {
			if (!page[j].object)
				continue;
			reference_seen(page[j].object);
			CHECK(!(page[j].rights & ~(uint32_t)PURLIN_RIGHT_ALL));
			CHECK(i * CAPABILITIES_PER_PAGE + j < table->slots);
		}
	}
	return pages;
}

/* What has no memory object is RAM of the kernel. */
static bool region_cache_right(const struct region *region)
{
	uint32_t cache = region->rights & MEMORY_CACHE_MASK;

	return region->memory ? cache && memory_cache_allowed(region->memory, cache) :
				cache == PURLIN_MAP_WRITE_BACK;
}

/* Their spare pages. */
static uint64_t regions_check(struct pd *pd)
{
	uint64_t end = 0, pages = 0;
	unsigned int count = 0;

	list_check(&pd->regions);
	list_for_each(link, &pd->regions)
	{
		struct region *region = container_of(link, struct region, pd_link);

		CHECK(region->pd == pd && region->pages && region->mapped <= region->pages);
		CHECK(region->address >= end && region->address);
		end = region->address + region->pages * PAGE_SIZE;
		CHECK(end > region->address && end <= ARCH_NATIVE_END);
		count++;
		pages += physical_valid(region->spare);
		CHECK(region_cache_right(region));
		if (!region->memory)
			continue;
		reference_seen(&region->memory->object);
		CHECK(!region->memory->object.gone);
		CHECK(region->offset + region->pages <= region->memory->pages);
	}
	CHECK(count == pd->region_count);
	return pages;
}

static void attachment_check(const struct guest *guest, unsigned int index)
{
	const struct attachment *at = guest->attachment[index];
	unsigned int holders = 0;

	reference_seen(&at->memory->object);
	CHECK(!at->memory->object.gone && at->pages && at->guest == guest);
	if (index)
		CHECK(guest->attachment[index - 1]->address +
			      guest->attachment[index - 1]->pages * PAGE_SIZE <=
		      at->address);
	list_for_each(link, &guest->vcpus)
	{
		holders += container_of(link, struct vcpu, guest_link)->attachment == at;
	}
	CHECK(holders == at->holders);
}

static void guest_check(const struct guest *guest)
{
	for (unsigned int i = 0; i < guest->attachments; i++)
		attachment_check(guest, i);
	list_for_each(link, &guest->vcpus)
	{
		const struct vcpu *vcpu = container_of(link, struct vcpu, guest_link);

		CHECK(!vcpu->space || (vcpu->space->guest == guest && !vcpu->space->object.gone));
		CHECK(!vcpu->state == !vcpu->attachment);
		timeout_check(&vcpu->deadline);
		timeout_check(&vcpu->alert_again);
	}
}

uint64_t pd_check(struct pd *pd)
{
	uint64_t pages = capabilities_check(&pd->capabilities);

	bool first_found = !pd->first_thread;

	CHECK(list_check(&pd->threads) == pd->thread_count);
	list_for_each(link, &pd->threads)
	{
		const struct thread *thread = container_of(link, struct thread, pd_link);

		CHECK(thread->pd == pd);
		first_found |= thread == pd->first_thread;
	}
	CHECK(first_found);
	for (const char *at = pd->name; *at; at++)
		CHECK(*at >= ' ' && *at <= '~' && at < pd->name + PURLIN_NAME_BYTES);
	pages += regions_check(pd);
	binding_check(&pd->watch);
	if (!pd->object.gone)
		arch_check_pd(pd);
	if (pd->guest)
		guest_check(pd->guest);
	return pages + arch_check_space(pd);
}
