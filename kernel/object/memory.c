// SPDX-License-Identifier: MIT
/* Memory objects: making and freeing them in rounds. */
#include "object/memory.h"

#include "base/arch.h"
#include "base/call.h"
#include "base/pages.h"
#include "base/string.h"
#include "debug/log.h"
#include "debug/log_screen.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/pd.h"

#define PAGE_ADDRESSES (PAGE_SIZE / sizeof(uint64_t))
#define SCATTERED_MAX \
	(PAGE_ADDRESSES * PAGE_ADDRESSES) /* pages of an object that is not contiguous */
#define PAGES_MAX (1ull << 36)		  /* of any: keeps sums from overflowing */
#define LARGE_PAGES (LARGE_PAGE_SIZE / PAGE_SIZE)
#define FREE_AT_ONCE PAGE_ADDRESSES /* pages: a part of the table */
#define LIMIT_4G (1ull << 32)

static uint64_t limit_of(uint32_t flags)
{
	return flags & PURLIN_MEMORY_BELOW_4G ? LIMIT_4G : 0;
}

static struct memory *memory_new(struct account *account, uint64_t pages, uint32_t cache)
{
	struct memory *memory = account_allocate(account, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->pages = pages;
	memory->base = PHYSICAL_NONE;
	memory->cache = cache;
	list_init(&memory->regions);
	list_init(&memory->attachments);
	object_init(&memory->object, PURLIN_TYPE_MEMORY, account);
	return memory;
}

status memory_describe(struct account *account, struct physical base, uint64_t pages,
		       uint32_t cache, struct memory **created)
{
	struct memory *memory = memory_new(account, pages, cache);

	if (!memory)
		return PURLIN_NO_MEMORY;
	memory->base = base;
	/* Registers, or memory that somebody uses already: it must be neither cleared nor freed. */
	memory->zeroed = pages;
	memory->physical = true;
	*created = memory;
	return PURLIN_OK;
}

/*
 * Take one run of pages if there is one, even if that was not asked for: it needs no table and can
 * be mapped by large pages. Only if there is none, an object that may be scattered gets a table.
 */
static status memory_reserve(struct memory *memory)
{
	bool contiguous = memory->flags & PURLIN_MEMORY_CONTIGUOUS;
	status result;

	if (memory->pages == 1) {
		memory->base = pages_allocate(1, 1, limit_of(memory->flags));
		return memory_contiguous(memory) ? PURLIN_OK : PURLIN_NO_MEMORY;
	}
	/* The run is kept in the object: a search through all of RAM may take many rounds. */
	while ((result = page_run_round(&memory->run)) == CALL_RESTART) {
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	if (result == PURLIN_OK) {
		memory->base.value = (memory->run.end - memory->pages) << PAGE_SHIFT;
		return PURLIN_OK;
	}
	if (contiguous || memory->pages > SCATTERED_MAX)
		return PURLIN_NO_MEMORY;
	memory->table = account_allocate(memory->object.account, PAGE_SIZE);
	return memory->table ? PURLIN_OK : PURLIN_NO_MEMORY;
}

status memory_begin(struct account *account, uint64_t pages, uint32_t flags,
		    struct memory **created)
{
	struct memory *memory;

	if (account_charge(account, pages) != PURLIN_OK)
		return PURLIN_NO_MEMORY;
	memory = memory_new(account, pages, PURLIN_MAP_WRITE_BACK);
	if (!memory) {
		account_credit(account, pages);
		return PURLIN_NO_MEMORY;
	}
	/* The pages are paid for before the first is taken: no round runs out of quota for them. */
	memory->charged = pages;
	memory->flags = flags;
	page_run_begin(&memory->run, pages, pages >= LARGE_PAGES ? LARGE_PAGES : 1,
		       limit_of(flags));
	/*
	 * This reference is the caller's: until a capability has one, nothing else keeps the
	 * object.
	 */
	object_get(&memory->object);
	*created = memory;
	return PURLIN_OK;
}

/* Take the next page of an object that is not contiguous. Parts of its table are made as needed. */
static status page_add(struct memory *memory)
{
	uint64_t **part = &memory->table[memory->zeroed / PAGE_ADDRESSES];
	struct physical page;

	if (!*part)
		*part = account_allocate(memory->object.account, PAGE_SIZE);
	if (!*part)
		return PURLIN_NO_MEMORY;
	page = pages_allocate(1, 1, limit_of(memory->flags));
	if (!physical_valid(page))
		return PURLIN_NO_MEMORY;
	(*part)[memory->zeroed % PAGE_ADDRESSES] = page.value;
	return PURLIN_OK;
}

/*
 * Make pages zero, from the first on; how many, one at least. Most memory of a machine that has
 * just started is zero. Reading it costs no more than writing, and an emulated machine's host finds
 * no memory for pages that are only read.
 */
static uint64_t pages_clear(struct physical first, uint64_t pages)
{
	uint64_t zero = arch_pages_zero(first, pages);

	if (zero)
		return zero;
	memset(arch_physical_to_kernel(first), 0, PAGE_SIZE);
	return 1;
}

status memory_continue(struct memory *memory)
{
	if (!memory_contiguous(memory) && !memory->table) {
		status result = memory_reserve(memory);

		if (result != PURLIN_OK)
			return result;
	}
	while (memory->zeroed < memory->pages) {
		uint64_t run = memory->pages - memory->zeroed;

		if (!memory_contiguous(memory)) {
			run = 1;
			if (page_add(memory) != PURLIN_OK)
				return PURLIN_NO_MEMORY;
		}
		/*
		 * Counted once they are zero: a restarted call begins with the first page that is
		 * not.
		 */
		memory->zeroed += pages_clear(memory_physical(memory, memory->zeroed), run);
		if (memory->zeroed < memory->pages && arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

uint64_t memory_run(const struct memory *memory, uint64_t first, uint64_t end)
{
	uint64_t base = memory_physical(memory, first).value;
	uint64_t length = 1;

	if (memory_contiguous(memory))
		return end - first;
	while (first + length < end &&
	       memory_physical(memory, first + length).value == base + length * PAGE_SIZE)
		length++;
	return length;
}

uint64_t memory_charged(const struct memory *memory)
{
	uint64_t pages = memory->charged;

	for (unsigned int i = 0; memory->table && i < PAGE_ADDRESSES; i++)
		pages += memory->table[i] != NULL;
	return memory->table ? pages + 1 : pages;
}

/* Free the part of the table that names the page freed last, if that was the last it names. */
static void part_free(struct memory *memory)
{
	uint64_t **part = &memory->table[(memory->freed - 1) / PAGE_ADDRESSES];

	if (memory->freed % PAGE_ADDRESSES && memory->freed < memory->zeroed)
		return;
	account_free(memory->object.account, *part);
	*part = NULL;
}

/* If making the object failed, the last part of the table may have been made for no page. */
static void table_free(struct memory *memory)
{
	uint64_t **part;

	if (!memory->table)
		return;
	part = &memory->table[memory->zeroed / PAGE_ADDRESSES % PAGE_ADDRESSES];
	if (*part)
		account_free(memory->object.account, *part);
	account_free(memory->object.account, memory->table);
	memory->table = NULL;
}

/* If the object was given up during the search for a run: what that has taken so far. */
static status run_release(struct memory *memory)
{
	struct page_run *run = &memory->run;

	while (!memory_contiguous(memory) && run->taken) {
		uint64_t some = run->taken < FREE_AT_ONCE ? run->taken : FREE_AT_ONCE;

		pages_free((struct physical){ (run->end - run->taken) << PAGE_SHIFT }, some);
		run->taken -= some;
		if (run->taken && arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

/*
 * Give back all pages, in rounds. `freed` is the progress: pages below it are no longer ours, and
 * may already be somebody else's when the call is restarted.
 */
static status pages_release(struct memory *memory)
{
	uint64_t end = memory_contiguous(memory) ? memory->pages : memory->zeroed;

	while (!memory->physical && memory->freed < end) {
		uint64_t rest = end - memory->freed;
		uint64_t part = FREE_AT_ONCE - memory->freed % FREE_AT_ONCE;
		uint64_t some = rest < part ? rest : part;
		uint64_t length = memory_run(memory, memory->freed, memory->freed + some);

		pages_free(memory_physical(memory, memory->freed), length);
		memory->freed += length;
		if (memory->table)
			part_free(memory);
		if (memory->freed < end && arch_preemption_pending())
			return CALL_RESTART;
	}
	if (run_release(memory) == CALL_RESTART)
		return CALL_RESTART;
	if (memory->physical)
		log_screen_memory(memory->base, memory->pages, false);
	table_free(memory);
	account_credit(memory->object.account, memory->charged);
	memory->charged = 0;
	return PURLIN_OK;
}

status memory_kill(struct object *object)
{
	struct memory *memory = memory_of(object);

	/* Mappings go first, so that nobody reaches a page when it is reused. */
	while (!list_empty(&memory->regions)) {
		if (region_lose(list_first(&memory->regions, struct region, memory_link)) ==
		    CALL_RESTART)
			return CALL_RESTART;
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	if (!list_empty(&memory->attachments) && guest_memory_gone(memory) == CALL_RESTART)
		return CALL_RESTART;
	/* Pinned: a device may still reach the pages; the last unpin frees them. */
	return memory->pins ? PURLIN_OK : pages_release(memory);
}

status memory_let_go(struct memory *memory, struct list *link)
{
	bool dying = memory->object.dead && !list_empty(link);

	list_remove(link);
	if (!dying)
		return object_drop(&memory->object);
	/* memory_kill() may be our caller, and must not be called again from here. */
	object_put(&memory->object);
	return PURLIN_OK;
}

/* The object that earlier rounds of the call have begun, or a new one. */
static status construction_find(struct call *call, struct memory **found)
{
	const struct memory_create_arguments *arguments = &call->arguments->memory_create;
	struct account *account = account_of(call->object);
	struct call_progress *progress;
	status result = call_progress(call, &progress);

	if (result == PURLIN_OK && !progress->unfinished) {
		result = memory_begin(account, arguments->pages, (uint32_t)arguments->flags, found);
		if (result == PURLIN_OK)
			progress->unfinished = &(*found)->object;
	} else if (result == PURLIN_OK) {
		*found = memory_of(progress->unfinished);
	}
	return call_refuse(3, result);
}

CALL_IN_ROUNDS(memory_create)
{
	const struct memory_create_arguments *arguments = &call->arguments->memory_create;
	const uint64_t valid = PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G;
	struct capability *slot;
	struct memory *memory;
	status result = call_slot(call, &slot);

	if (result != PURLIN_OK)
		return result;
	if (arguments->pages == 0 || arguments->pages > PAGES_MAX)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (arguments->flags & ~valid)
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	result = construction_find(call, &memory);
	if (result != PURLIN_OK)
		return result;
	/* Giving it up may take rounds, too: it is dead then, and the restarted call goes on. */
	result = memory->object.dead ? PURLIN_NO_MEMORY : memory_continue(memory);
	if (result == PURLIN_OK)
		capability_fill(slot, &memory->object, PURLIN_RIGHT_ALL, 0);
	return call_refuse(3, result);
}

/*
 * A right on the object is not enough: owners hold all rights on their memory. They could keep
 * pages from ever being reused, or take away a pin while a device still writes to the memory.
 */
static bool may_pin(const struct call *call)
{
	return call->pd->flags & PURLIN_PD_PINS;
}

CALL_HANDLER(memory_pin)
{
	struct memory *memory = memory_of(call->object);

	if (!may_pin(call))
		return PURLIN_NO_RIGHT;
	/* Keeps the object, and so the list of its pages, when its last capability goes. */
	if (memory->pins++ == 0)
		object_get(call->object);
	return PURLIN_OK;
}

CALL_HANDLER(memory_unpin)
{
	struct memory *memory = memory_of(call->object);

	if (!may_pin(call))
		return PURLIN_NO_RIGHT;
	if (memory->pins == 0)
		return call_refuse(1, PURLIN_BUSY);
	/* `pins` falls last, or a restarted call would find the object not pinned and refuse. */
	if (memory->pins == 1 && call->object->gone && pages_release(memory) == CALL_RESTART)
		return CALL_RESTART;
	if (--memory->pins == 0)
		object_put(call->object);
	return PURLIN_OK;
}
