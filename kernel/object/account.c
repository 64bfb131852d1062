// SPDX-License-Identifier: MIT
/* Accounts, and the slabs small kernel objects live in. */
#include "object/account.h"

#include "core/arch.h"
#include "core/call.h"
#include "core/pages.h"
#include "core/string.h"
#include "debug/log.h"
#include "object/capability.h"
#include "object/memory.h"
#include "object/thread.h"

/* At the start of each slab page; the slots follow. */
struct slab {
	struct account *account;
	struct list link;
	uint32_t class;
	uint32_t used;
	void *free; /* first of a chain through the free slots */
};
#define SLAB_HEADER 64
_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "slots start behind it");

/* Slot sizes: multiples of 64 that fill a page well. */
static const uint16_t class_bytes[ACCOUNT_CLASSES] = { 64, 128, 192, 256, 320, 448, 576, 960, 1984 };

static unsigned int class_of(size_t bytes)
{
	unsigned int class = 0;

	while (class < ACCOUNT_CLASSES && class_bytes[class] < bytes)
		class ++;
	return class;
}

static struct slab *slab_of(void *memory)
{
	return (struct slab *)((uintptr_t)memory & ~(uintptr_t)(PAGE_SIZE - 1));
}

static void account_init(struct account *account, struct account *parent, uint64_t limit)
{
	account->parent = parent;
	account->limit = limit;
	account->depth = parent ? parent->depth + 1 : 0;
	list_init(&account->objects);
	list_init(&account->remains);
	for (unsigned int i = 0; i < ACCOUNT_CLASSES; i++) {
		list_init(&account->slabs[i]);
		list_init(&account->full_slabs[i]);
	}
	object_init(&account->object, PURLIN_TYPE_ACCOUNT, parent);
}

void account_init_root(struct account *account, uint64_t pages)
{
	account_init(account, NULL, pages);
}

status account_charge(struct account *account, uint64_t pages)
{
	if (account->object.dead || account->used > account->limit ||
	    pages > account->limit - account->used)
		return PURLIN_NO_MEMORY;
	account->used += pages;
	return PURLIN_OK;
}

void account_credit(struct account *account, uint64_t pages)
{
	kernel_assert(account->used >= pages);
	account->used -= pages;
}

struct physical account_page(struct account *account)
{
	struct physical page;

	if (account_charge(account, 1) != PURLIN_OK)
		return PHYSICAL_NONE;
	page = pages_allocate(1, 1, 0);
	if (physical_valid(page))
		memset(arch_physical_to_kernel(page), 0, PAGE_SIZE);
	else
		account_credit(account, 1);
	return page;
}

void account_page_free(struct account *account, struct physical page)
{
	pages_free(page, 1);
	account_credit(account, 1);
}

/* A new slab: all slots chained. */
static struct slab *slab_create(struct account *account, unsigned int class)
{
	struct physical page = account_page(account);
	struct slab *slab;

	if (!physical_valid(page))
		return NULL;
	slab = arch_physical_to_kernel(page);
	slab->account = account;
	slab->class = class;
	for (size_t at = SLAB_HEADER; at + class_bytes[class] <= PAGE_SIZE; at += class_bytes[class]) {
		void **slot = (void **)((char *)slab + at);

		*slot = slab->free;
		slab->free = slot;
	}
	list_append(&account->slabs[class], &slab->link);
	return slab;
}

void *account_allocate(struct account *account, size_t bytes)
{
	unsigned int class = class_of(bytes);
	struct slab *slab;
	void **slot;

	if (class == ACCOUNT_CLASSES) {
		struct physical page = bytes <= PAGE_SIZE ? account_page(account) : PHYSICAL_NONE;

		return physical_valid(page) ? arch_physical_to_kernel(page) : NULL;
	}
	if (account->object.dead)
		return NULL;
	if (list_empty(&account->slabs[class]))
		slab = slab_create(account, class);
	else
		slab = list_first(&account->slabs[class], struct slab, link);
	if (!slab)
		return NULL;
	slot = slab->free;
	slab->free = *slot;
	slab->used++;
	if (!slab->free) {
		list_remove(&slab->link);
		list_append(&account->full_slabs[class], &slab->link);
	}
	memset(slot, 0, class_bytes[class]);
	return slot;
}

void account_free(struct account *account, void *memory)
{
	struct slab *slab = slab_of(memory);
	size_t offset, size;
	void **slot;

	if ((void *)slab == memory) {
		account_page_free(account, arch_kernel_to_physical(memory));
		return;
	}
	kernel_assert(slab->account == account);
	size = class_bytes[slab->class];
	offset = (size_t)((char *)memory - (char *)slab) - SLAB_HEADER;
	slot = (void **)((char *)slab + SLAB_HEADER + offset / size * size);
	*slot = slab->free;
	slab->free = slot;
	list_remove(&slab->link);
	if (--slab->used == 0)
		account_page_free(account, arch_kernel_to_physical(slab));
	else
		list_append(&account->slabs[slab->class], &slab->link);
}

/*
 * `pages` of a dying account stay in use: its parent pays for them now. The parent's `used` already
 * counts them as part of the child's limit.
 */
static void bequeath(struct account *account, uint64_t pages)
{
	account->used -= pages;
	account->limit -= pages;
}

/* Hand slabs over to the parent: what is left in them has references elsewhere. */
static status slabs_bequeath(struct account *account, struct list *from, struct list *to)
{
	while (!list_empty(from)) {
		struct slab *slab = list_first(from, struct slab, link);

		if (arch_preemption_pending())
			return CALL_RESTART;
		slab->account = account->parent;
		list_remove(&slab->link);
		list_append(to, &slab->link);
		bequeath(account, 1);
	}
	return PURLIN_OK;
}

static status remains_bequeath(struct account *account)
{
	while (!list_empty(&account->remains)) {
		struct object *object = list_first(&account->remains, struct object, siblings);

		if (arch_preemption_pending())
			return CALL_RESTART;
		if (object->type == PURLIN_TYPE_MEMORY)
			bequeath(account, memory_charged(memory_of(object)));
		object->account = account->parent;
		list_remove(&object->siblings);
		list_append(&account->parent->remains, &object->siblings);
	}
	return PURLIN_OK;
}

static status objects_kill(struct account *account)
{
	while (!list_empty(&account->objects)) {
		struct object *object = list_first(&account->objects, struct object, siblings);

		if (arch_preemption_pending() || object_kill(object) == CALL_RESTART)
			return CALL_RESTART;
		if (object->references == 0)
			object_free(object);
	}
	return PURLIN_OK;
}

status account_kill(struct object *object)
{
	struct account *account = account_of(object);
	struct account *parent = account->parent;

	/* Dead accounts get nothing new: no list grows behind our back. */
	if (objects_kill(account) == CALL_RESTART)
		return CALL_RESTART;
	for (unsigned int i = 0; i < ACCOUNT_CLASSES; i++) {
		if (slabs_bequeath(account, &account->slabs[i], &parent->slabs[i]) == CALL_RESTART ||
		    slabs_bequeath(account, &account->full_slabs[i], &parent->full_slabs[i]) ==
			    CALL_RESTART)
			return CALL_RESTART;
	}
	if (remains_bequeath(account) == CALL_RESTART)
		return CALL_RESTART;
	kernel_assert(account->used == 0);
	account_credit(parent, account->limit);
	account->limit = 0;
	return PURLIN_OK;
}

CALL_HANDLER(account_create)
{
	struct account *parent = account_of(object), *account;
	struct capability *slot;
	uint64_t pages = arguments[2];
	status result = capability_slot(caller, arguments[1], &slot);

	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	if (parent->depth + 1 >= ACCOUNT_DEPTH_MAX || pages == 0)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (account_charge(parent, pages) != PURLIN_OK)
		return call_refuse(3, PURLIN_NO_MEMORY);
	account = account_allocate(parent, sizeof(*account));
	if (!account) {
		account_credit(parent, pages);
		return PURLIN_NO_MEMORY;
	}
	account_init(account, parent, pages);
	capability_fill(slot, &account->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

CALL_HANDLER(account_info)
{
	struct account *account = account_of(object);

	CALL_UNUSED(arguments);
	CALL_UNUSED(capability);
	arch_call_result(caller, 0, account->limit);
	arch_call_result(caller, 1, account->used);
	return PURLIN_OK;
}
