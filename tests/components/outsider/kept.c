/* SPDX-License-Identifier: MIT */
/* A client that takes its memory away while its server has no page left to replace it. */
#include "../check.h"
#include "outsider.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/slots.h"

#define ADDRESS 0x0000003000000000ull /* so that large pages fit */
#define PAGES 512
#define PIECES 64

static purlin_u64 piece[PIECES];
static unsigned int pieces;

/* Take memory until not even one page is left. */
static void account_fill(void)
{
	for (purlin_u64 pages = 1 << 20; pages && pieces < PIECES;) {
		purlin_u64 slot = slot_reserve();

		if (purlin_memory_create(PURLIN_SLOT_ACCOUNT, slot, pages, 0)) {
			slot_release(slot);
			pages /= 2;
		} else {
			piece[pieces++] = slot;
		}
	}
}

static void account_empty(void)
{
	while (pieces) {
		(void)purlin_object_destroy(piece[--pieces]);
		slot_delete(piece[pieces]);
	}
}

void kept_without_memory(void)
{
	volatile purlin_u64 *first = (volatile purlin_u64 *)ADDRESS;
	volatile purlin_u64 *last = first + PAGES * PURLIN_PAGE_SIZE / 8 - 1;
	purlin_u64 client = slot_reserve(), memory = slot_reserve(), read;

	check_status("client", purlin_account_create(PURLIN_SLOT_ACCOUNT, client, PAGES + 8), 0);
	check_status("client's memory",
		     purlin_memory_create(client, memory, PAGES, PURLIN_MEMORY_CONTIGUOUS), 0);
	check_status("mapped to be kept",
		     purlin_memory_map(memory, PURLIN_SLOT_PD, ADDRESS, 0, PAGES,
				       PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_KEPT),
		     0);
	*first = 1;
	account_fill();
	(void)purlin_object_destroy(memory);
	/* A fault here would end the component. */
	read = *first;
	*last = 7;
	account_empty();
	check_true("memory was short", piece[0] != 0);
	check_equal("nothing of the client's is left", read, 0);
	check_equal("the page that stands for it is there", *last, 7);
	check_status("unmapped", purlin_memory_unmap(PURLIN_SLOT_PD, ADDRESS), 0);
	(void)purlin_object_destroy(client);
	slot_delete(memory);
	slot_delete(client);
}
