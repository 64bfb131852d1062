// SPDX-License-Identifier: MIT
/*
 * What the debug kernel does beside some of the kernel's functions. The linker sends calls of them
 * here (--wrap, kernel/module.mk), so that they know nothing of it.
 */
#include "base/arch.h"
#include "base/pages.h"
#include "base/timeout.h"
#include "checks_on/damage.h"
#include "checks_on/held_pages.h"
#include "checks_on/walk.h"
#include "core/call.h"
#include "object/scheduler.h"
#include "object/account.h"
#include "object/memory.h"
#include "object/thread.h"

#define LIMIT_4G (1ull << 32)
#define WASTED 60000 /* ticks */
#define CREDITS 4    /* for each one that takes too long */

/* Both names of a function: the kernel's own, and the one that is called in its place. */
#define WRAPPED(type, name, ...)         \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

void held_pages_let_go(struct physical base, uint64_t pages);
void __real_pages_free(struct physical base, uint64_t pages);

void held_pages_let_go(struct physical base, uint64_t pages)
{
	__real_pages_free(base, pages);
}

WRAPPED(void, pages_free, struct physical base, uint64_t pages)
{
	arch_checks_begin();
	held_pages_add(base, pages);
	arch_checks_end();
	if (damage_due(DAMAGE_POINTER))
		walk_write_later(base);
}

/* Nobody is refused what is only held. False: nothing was. */
static bool made_room(void)
{
	if (!held_pages_count())
		return false;
	arch_checks_begin();
	held_pages_drain();
	arch_checks_end();
	return true;
}

WRAPPED(struct physical, pages_allocate, uint64_t pages, uint64_t align, uint64_t limit)
{
	struct physical base = __real_pages_allocate(pages, align, limit);

	if (!physical_valid(base) && made_room())
		base = __real_pages_allocate(pages, align, limit);
	return base;
}

/* Only memory objects look for runs in rounds. */
WRAPPED(status, page_run_round, struct page_run *run)
{
	const struct memory *memory = container_of(run, struct memory, run);
	status result = __real_page_run_round(run);

	if (result != PURLIN_NO_MEMORY || !made_room())
		return result;
	page_run_begin(run, run->pages, run->align,
		       memory->flags & PURLIN_MEMORY_BELOW_4G ? LIMIT_4G : 0);
	return CALL_RESTART;
}

WRAPPED(uint64_t, pages_available, void)
{
	return __real_pages_available() + held_pages_count();
}

WRAPPED(void, account_init_root, struct account *account, uint64_t pages)
{
	__real_account_init_root(account, pages);
	walk_begins_at(&account->object);
}

WRAPPED(void, object_init, struct object *object, uint8_t type, struct account *account)
{
	__real_object_init(object, type, account);
	if (!account && type != PURLIN_TYPE_ACCOUNT)
		walk_root(object);
}

/* The rest leaves out what it should do, when that is asked for, or does more. */
void damage_waste_time(void)
{
	uint64_t begun = arch_time();

	while (arch_time() - begun < WASTED)
		;
}

WRAPPED(void, account_credit, struct account *account, uint64_t pages)
{
	static unsigned int credits;

	if (damage_due(DAMAGE_WAIT) || (damage_lasts(DAMAGE_HOLD) && ++credits % CREDITS == 0))
		damage_waste_time();
	if (!damage_due(DAMAGE_CHARGE))
		__real_account_credit(account, pages);
}

static uint32_t past_the_cache(uint32_t rights)
{
	return (rights & ~MEMORY_CACHE_MASK) | PURLIN_MAP_UNCACHED;
}

WRAPPED(status, arch_tables_map, struct page_tables *tables, uint64_t virtual_address,
	struct physical address, uint64_t pages, uint32_t rights)
{
	bool cached = (rights & MEMORY_CACHE_MASK) == PURLIN_MAP_WRITE_BACK;

	if (!(rights & PURLIN_MAP_WRITE) && damage_due(DAMAGE_LEAF_RIGHTS))
		rights |= PURLIN_MAP_WRITE;
	if (cached && damage_due(DAMAGE_LEAF_CACHE))
		rights = past_the_cache(rights);
	if (damage_lasts(DAMAGE_LEAF_BEYOND))
		pages++;
	return __real_arch_tables_map(tables, virtual_address, address, pages, rights);
}

WRAPPED(status, region_create, struct pd *pd, struct list *place, struct memory *memory,
	uint64_t address, uint64_t offset, uint64_t pages, uint32_t rights, struct region **created)
{
	if (damage_due(DAMAGE_REGION))
		rights = past_the_cache(rights);
	return __real_region_create(pd, place, memory, address, offset, pages, rights, created);
}

WRAPPED(void, object_put, struct object *object)
{
	if (!damage_due(DAMAGE_REFERENCE))
		__real_object_put(object);
}

WRAPPED(void, scheduler_ready, struct thread *thread)
{
	if (damage_due(DAMAGE_WAKING))
		thread->state = THREAD_READY;
	else
		__real_scheduler_ready(thread);
}

WRAPPED(void, timeout_set, struct timeout *timeout, uint64_t deadline)
{
	__real_timeout_set(timeout, deadline);
	if (timeout->set && damage_lasts(DAMAGE_TIMEOUT))
		timeout->rank++;
}
