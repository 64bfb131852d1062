// SPDX-License-Identifier: MIT
/*
 * Slabs: pages with small kernel objects of one size and one account. Each account has its own, so
 * that every page has one payer, and the end of an account frees whole pages.
 */
#include "base/arch.h"
#include "base/call.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/account.h"

/* At the start of each slab page; the slots follow. */
struct slab {
	struct account *account;
	struct list link;
	uint32_t kind;
	uint32_t used;
	void *free; /* first of a chain through the free slots */
};
#define SLAB_HEADER 64
_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "slots start after it");

/* Slot sizes: multiples of 64 that fill a page well. */
static const uint16_t slot_bytes[SLAB_KINDS] = { 64, 128, 192, 256, 320, 448, 576, 960, 1984 };

static unsigned int kind_of(size_t bytes)
{
	unsigned int kind = 0;

	while (kind < SLAB_KINDS && slot_bytes[kind] < bytes)
		kind++;
	return kind;
}

static struct slab *slab_of(void *memory)
{
	return (struct slab *)((uintptr_t)memory & ~(uintptr_t)(PAGE_SIZE - 1));
}

/* A new slab: all slots chained. */
static struct slab *slab_create(struct account *account, unsigned int kind)
{
	struct physical page = account_page(account);
	struct slab *slab;

	if (!physical_valid(page))
		return NULL;
	slab = arch_physical_to_kernel(page);
	slab->account = account;
	slab->kind = kind;
	for (size_t at = SLAB_HEADER; at + slot_bytes[kind] <= PAGE_SIZE; at += slot_bytes[kind]) {
		void **slot = (void **)((char *)slab + at);

		*slot = slab->free;
		slab->free = slot;
	}
	list_append(&account->slabs[kind], &slab->link);
	return slab;
}

void *account_allocate(struct account *account, size_t bytes)
{
	unsigned int kind = kind_of(bytes);
	struct slab *slab;
	void **slot;

	/*
	 * Too large for any slab: a page of its own. Its address tells, as slots never start a
	 * page.
	 */
	if (kind == SLAB_KINDS) {
		struct physical page = bytes <= PAGE_SIZE ? account_page(account) : PHYSICAL_NONE;

		return physical_valid(page) ? arch_physical_to_kernel(page) : NULL;
	}
	if (account->object.dead)
		return NULL;
	if (list_empty(&account->slabs[kind]))
		slab = slab_create(account, kind);
	else
		slab = list_first(&account->slabs[kind], struct slab, link);
	if (!slab)
		return NULL;
	slot = slab->free;
	slab->free = *slot;
	slab->used++;
	/* Full ones are kept apart, so that the first of the others always has a free slot. */
	if (!slab->free) {
		list_remove(&slab->link);
		list_append(&account->full_slabs[kind], &slab->link);
	}
	/* Objects count on zero; and what was here before may be another component's business. */
	memset(slot, 0, slot_bytes[kind]);
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
	/*
	 * Not the caller's: while an account dies, its slabs reach the parent before the objects
	 * do.
	 */
	account = slab->account;
	size = slot_bytes[slab->kind];
	offset = (size_t)((char *)memory - (char *)slab) - SLAB_HEADER;
	/* The pointer may be to the middle of the slot: objects are embedded in their types. */
	slot = (void **)((char *)slab + SLAB_HEADER + offset / size * size);
	*slot = slab->free;
	slab->free = slot;
	list_remove(&slab->link);
	if (--slab->used == 0)
		account_page_free(account, arch_kernel_to_physical(slab));
	else
		list_append(&account->slabs[slab->kind], &slab->link);
}

static status list_bequeath(struct account *account, struct list *from, struct list *to)
{
	while (!list_empty(from)) {
		struct slab *slab = list_first(from, struct slab, link);

		slab->account = account->parent;
		list_remove(&slab->link);
		list_append(to, &slab->link);
		account_bequeath(account, 1);
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status slabs_bequeath(struct account *account)
{
	struct account *parent = account->parent;

	for (unsigned int i = 0; i < SLAB_KINDS; i++) {
		if (list_bequeath(account, &account->slabs[i], &parent->slabs[i]) == CALL_RESTART ||
		    list_bequeath(account, &account->full_slabs[i], &parent->full_slabs[i]) ==
			    CALL_RESTART)
			return CALL_RESTART;
	}
	return PURLIN_OK;
}
