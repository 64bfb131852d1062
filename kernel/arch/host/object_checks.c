// SPDX-License-Identifier: MIT
/* The host architecture's part of the checks: spaces as lists of pages. */
#include "checks_on/objects.h"
#include "debug/log.h"
#include "host.h"
#include "object/thread.h"
#include "object/irq.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/space.h"

/* The root, and the tables, whose entries map what attachments have. */
static uint64_t half_check(const struct guest *guest, const struct host_half *half)
{
	uint64_t pages = physical_valid(half->root) ? 1 : 0;

	for (const struct host_span *span = half->spans; span; span = span->next) {
		CHECK(!span->next || span->next->number > span->number);
		CHECK(host_entry_allowed(guest, span->large, LARGE_PAGE_SIZE, true));
		for (unsigned int i = 0; span->table && i < ARCH_SPAN_PAGES; i++)
			CHECK(host_entry_allowed(guest, span->table[i], PAGE_SIZE, true));
		pages += span->table != NULL;
	}
	return pages;
}

uint64_t arch_check_space(struct pd *pd)
{
	if (pd->guest)
		return half_check(pd->guest, &pd->guest->arch.half);
	return pd->tables.alive ? pd->tables.charged : 0;
}

uint64_t arch_check_object(struct object *object)
{
	const struct space *space = space_of(object);

	if (object->type != PURLIN_TYPE_SPACE || object->gone || !space->mapped)
		return 0;
	return half_check(space->guest, &space->arch.half);
}

void arch_check_irq(const struct irq *irq, bool closed)
{
	if (irq->msi) {
		CHECK(host.msi[irq->data] == irq);
		return;
	}
	CHECK(host.gsi[irq->gsi].irq == irq);
	CHECK(host.gsi[irq->gsi].masked == closed);
}

uint64_t arch_check_thread(struct thread *thread)
{
	return thread->arch.created ? 1 : 0;
}

/* Page `index` of a region is mapped where and as the region says. */
static void page_check(const struct region *region, uint64_t index)
{
	struct physical physical;
	uint32_t rights;

	CHECK(host_translate(&region->pd->tables, region->address + index * PAGE_SIZE, &physical,
			     &rights));
	CHECK(rights == region->rights);
	if (region->memory)
		CHECK(physical.value ==
		      memory_physical(region->memory, region->offset + index).value);
}

void arch_check_pd(struct pd *pd)
{
	uint64_t mapped = 0;

	list_for_each(link, &pd->regions)
	{
		const struct region *region = container_of(link, struct region, pd_link);

		mapped += region->mapped;
		/* The ends are where bounds go wrong; all would take too long. */
		for (uint64_t i = 0; i < region->mapped; i++) {
			if (i < 2 || i + 2 >= region->mapped)
				page_check(region, i);
		}
	}
	CHECK(mapped == host_mapped(&pd->tables));
}
