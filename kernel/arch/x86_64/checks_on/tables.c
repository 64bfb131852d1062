// SPDX-License-Identifier: MIT
/* Page tables: how many there are, and that each entry is one that a region or attachment allows.
 */
#include "checks_on/damage.h"
#include "checks_on/objects.h"
#include "checks_on/walk.h"

#include "arch/boot.h"
#include "arch/cursor.h"
#include "arch/guest.h"
#include "base/arch.h"
#include "debug/log.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/attachment.h"
#include "object/vcpu.h"
#include "own.h"

#define LOWER_SLOTS 256

/*
 * A part of a root: its tables are counted, its leaves checked. Of a guest, of a native PD whose
 * regions are told apart as the addresses come, or, with neither, of the kernel.
 */
struct tour {
	const struct guest *guest;
	const struct pd *pd;
	const struct list *place; /* where its next region may be */
	unsigned int first, last; /* slots of the root */
	uint64_t tables, pages;
};

static void leaf_check(struct tour *tour, struct leaf *leaf)
{
	tour->pages += leaf->pages;
	if (tour->guest && tour->first && damage_lasts(DAMAGE_HALF))
		leaf->entry |= PTE_PWT | PTE_PCD;
	if (tour->guest)
		leaf_check_guest(tour->guest, tour->first < LOWER_SLOTS, leaf);
	else if (tour->pd)
		leaf_check_native(tour->pd, &tour->place, leaf);
	else
		leaf_check_kernel(leaf);
}

static void tour_table(struct tour *tour, struct physical table, unsigned int level, uint64_t base)
{
	unsigned int first = level == TABLE_LEVELS - 1 ? tour->first : 0;
	unsigned int last = level == TABLE_LEVELS - 1 ? tour->last : TABLE_ENTRIES - 1;

	for (unsigned int i = first; i <= last; i++) {
		uint64_t entry = table_at(table)[i];
		uint64_t size = 1ull << (PAGE_SHIFT + 9 * level);
		uint64_t address = (uint64_t)((int64_t)((base + i * size) << 16) >> 16);

		if (!(entry & PTE_PRESENT))
			continue;
		if (level == 0 || (entry & PTE_LARGE)) {
			leaf_check(tour, &(struct leaf){ address, entry, size / PAGE_SIZE });
			continue;
		}
		tour->tables++;
		tour_table(tour, (struct physical){ entry & PTE_ADDRESS }, level - 1, address);
	}
}

static struct tour tour_root(struct physical root, struct tour tour)
{
	tour_table(&tour, root, TABLE_LEVELS - 1, 0);
	return tour;
}

static struct tour tour_half(const struct guest *guest, struct physical root, bool lower)
{
	struct tour tour = { .guest = guest, .last = LOWER_SLOTS - 1 };

	if (!lower) {
		tour.first = GUEST_PML4_FIRST;
		tour.last = TABLE_ENTRIES - 1;
	}
	return tour_root(root, tour);
}

static struct tour tour_native(const struct pd *pd)
{
	return tour_root(pd->tables.root, (struct tour){
						  .pd = pd,
						  .place = pd->regions.next,
						  .last = LOWER_SLOTS - 1,
					  });
}

static void slots_check(struct physical root, unsigned int end)
{
	const uint64_t *own = table_at(root), *kernel = table_at(kernel_root);

	for (unsigned int slot = LOWER_SLOTS; slot < GUEST_PML4_FIRST; slot++)
		CHECK(!((own[slot] ^ kernel[slot]) & ~PTE_MARKS));
	for (unsigned int slot = GUEST_PML4_FIRST; slot < end; slot++)
		CHECK(!own[slot]);
}

/* Both roots of a space say the same. */
static void roots_check(const struct space *space)
{
	const uint64_t *user = table_at(space->arch.user_root),
		       *kernel = table_at(space->arch.kernel_root);
	const uint64_t *guest = table_at(space->guest->arch.root);

	slots_check(space->arch.user_root, TABLE_ENTRIES);
	slots_check(space->arch.kernel_root, GUEST_PML4_FIRST);
	for (unsigned int slot = 0; slot < LOWER_SLOTS; slot++) {
		/* Without memory for what lies below, a new slot stays the user root's. */
		CHECK(!kernel[slot] || !(((user[slot] | PTE_NX) ^ kernel[slot]) & ~PTE_MARKS));
	}
	for (unsigned int slot = GUEST_PML4_FIRST; slot < TABLE_ENTRIES; slot++) {
		/* A new one reaches spaces that nobody is in when they are loaded. */
		CHECK(!((guest[slot] ^ kernel[slot]) & ~PTE_MARKS) ||
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
	return 1 + tour_native(pd).tables;
}

/* For damages. */
static uint64_t *small_entry(struct physical root, uint64_t address)
{
	struct cursor cursor;

	cursor_start(&cursor, table_at(root), address);
	CHECK(cursor_descend(&cursor, 0, NULL));
	return cursor.entry;
}

static void regions_check(const struct pd *pd)
{
	uint64_t mapped = 0;

	if (!physical_valid(pd->tables.root))
		return;
	if (!list_empty(&pd->regions) && damage_due(DAMAGE_LEAF_PAGE))
		*small_entry(pd->tables.root,
			     list_first(&pd->regions, struct region, pd_link)->address) +=
			PAGE_SIZE;
	list_for_each(link, &pd->regions)
	{
		mapped += container_of(link, struct region, pd_link)->mapped;
	}
	CHECK(tour_native(pd).pages == mapped);
	slots_check(pd->tables.root, TABLE_ENTRIES);
}

void arch_check_pd(struct pd *pd)
{
	if (!pd_is_guest(pd))
		regions_check(pd);
}

void arch_check_kernel_tables(void)
{
	if (damage_lasts(DAMAGE_KERNEL))
		*small_entry(kernel_root, (uint64_t)image_text_start) |= PTE_USER;
	if (damage_lasts(DAMAGE_KERNEL_TEXT))
		*small_entry(kernel_root, (uint64_t)image_text_start) |= PTE_WRITE;
	tour_root(kernel_root, (struct tour){ .first = LOWER_SLOTS, .last = GUEST_PML4_FIRST - 1 });
}
