// SPDX-License-Identifier: MIT
/* Page tables: how many there are, and that each entry is one that a region or attachment allows.
 */
#include "checks_on/objects.h"

#include "arch/guest.h"
#include "base/arch.h"
#include "debug/log.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/attachment.h"
#include "object/vcpu.h"

/* The processor sets them. */
#define PTE_ACCESSED (1ull << 5)
#define PTE_DIRTY (1ull << 6)
#define CACHE_BITS (PTE_PWT | PTE_PCD)
#define LOWER_SLOTS 256

static bool within(struct physical page, struct physical base, uint64_t pages)
{
	return page.value - base.value < pages * PAGE_SIZE;
}

/* One half of a root, from slot `first` to `last`: its tables are counted, its leaves checked. */
struct tour {
	const struct guest *guest;
	bool lower;
	uint64_t tables, pages;
};

static void leaf_check(struct tour *tour, uint64_t address, uint64_t entry, uint64_t pages)
{
	struct physical page = { entry & PTE_ADDRESS };
	uint32_t cache;

	CHECK(entry & PTE_USER);
	tour->pages += pages;
	if (!tour->guest)
		return;
	if (tour->lower)
		CHECK(address + pages * PAGE_SIZE <= PURLIN_GUEST_USER_END);
	for (unsigned int i = 0; i < tour->guest->attachments; i++) {
		const struct attachment *at = tour->guest->attachment[i];

		if (!within(page, at->base, at->pages))
			continue;
		CHECK(page.value + pages * PAGE_SIZE <= at->base.value + at->pages * PAGE_SIZE);
		CHECK(!(entry & PTE_WRITE) || (at->rights & PURLIN_MAP_WRITE));
		CHECK((entry & PTE_NX) || (at->rights & PURLIN_MAP_EXECUTE));
		cache = at->rights & MEMORY_CACHE_MASK;
		CHECK(cache == PURLIN_MAP_WRITE_BACK || (entry & CACHE_BITS));
		return;
	}
	CHECK(false); /* a page of no attachment */
}

static void tour_table(struct tour *tour, struct physical table, unsigned int level, uint64_t base,
		       unsigned int first, unsigned int last)
{
	for (unsigned int i = first; i <= last; i++) {
		uint64_t entry = table_at(table)[i];
		uint64_t size = 1ull << (PAGE_SHIFT + 9 * level);
		uint64_t address = (uint64_t)((int64_t)((base + i * size) << 16) >> 16);

		if (!(entry & PTE_PRESENT))
			continue;
		if (level == 0 || (entry & PTE_LARGE)) {
			leaf_check(tour, address, entry, size / PAGE_SIZE);
			continue;
		}
		tour->tables++;
		tour_table(tour, (struct physical){ entry & PTE_ADDRESS }, level - 1, address, 0,
			   TABLE_ENTRIES - 1);
	}
}

static struct tour tour_half(const struct guest *guest, struct physical root, bool lower)
{
	struct tour tour = { .guest = guest, .lower = lower };

	tour_table(&tour, root, TABLE_LEVELS - 1, 0, lower ? 0 : GUEST_PML4_FIRST,
		   lower ? LOWER_SLOTS - 1 : TABLE_ENTRIES - 1);
	return tour;
}

/* Both roots of a space say the same. */
static void roots_check(const struct space *space)
{
	const uint64_t *user = table_at(space->arch.user_root),
		       *kernel = table_at(space->arch.kernel_root);
	const uint64_t *guest = table_at(space->guest->arch.root);
	const uint64_t marks = PTE_ACCESSED | PTE_DIRTY;

	for (unsigned int slot = 0; slot < LOWER_SLOTS; slot++) {
		/* Without memory for what lies below, a new slot stays the user root's. */
		CHECK(!kernel[slot] || !(((user[slot] | PTE_NX) ^ kernel[slot]) & ~marks));
	}
	for (unsigned int slot = GUEST_PML4_FIRST; slot < TABLE_ENTRIES; slot++) {
		CHECK(!user[slot]);
		/* A new one reaches spaces that nobody is in when they are loaded. */
		CHECK(!((guest[slot] ^ kernel[slot]) & ~marks) ||
		      (!kernel[slot] && space->arch.slots != space->guest->arch.slots));
	}
}

uint64_t arch_check_object(struct object *object)
{
	struct space *space = space_of(object);

	if (object->type != PURLIN_TYPE_SPACE || object->gone || !space->mapped)
		return 0;
	/* Nobody is in a dying one any more. */
	if (!object->dead)
		roots_check(space);
	return 2 + tour_half(space->guest, space->arch.user_root, true).tables;
}

/* The lines are the interrupt controller's, which changes them by itself in a storm. */
void arch_check_irq(const struct irq *irq, bool closed)
{
	(void)irq;
	(void)closed;
}

uint64_t arch_check_thread(struct thread *thread)
{
	return thread->arch.fpu ? 1 : 0;
}

uint64_t arch_check_space(struct pd *pd)
{
	if (pd->guest && !physical_valid(pd->guest->arch.root))
		return 0; /* its end has come so far */
	if (pd->guest)
		return 1 + tour_half(pd->guest, pd->guest->arch.root, false).tables;
	if (pd_is_guest(pd) || pd->object.gone || !physical_valid(pd->tables.root))
		return 0;
	return 1 + tour_half(NULL, pd->tables.root, true).tables;
}

static void regions_check(const struct pd *pd)
{
	uint64_t mapped = 0;

	if (!physical_valid(pd->tables.root))
		return;
	list_for_each(link, &pd->regions)
	{
		mapped += container_of(link, struct region, pd_link)->mapped;
	}
	CHECK(tour_half(NULL, pd->tables.root, true).pages == mapped);
}

void arch_check_pd(struct pd *pd)
{
	if (!pd_is_guest(pd))
		regions_check(pd);
}
