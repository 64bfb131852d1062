/* SPDX-License-Identifier: MIT */
/* Memory objects. */
#include "runtime/memory.h"
#include "runtime/addresses.h"
#include "tests.h"

#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define UPPER_HALF 0xffff800000000000ull

static void creation(void)
{
	purlin_u64 account = PURLIN_SLOT_ACCOUNT, slot = slot_reserve(), signal = new_signal();
	purlin_u64 pages = 0, address = 0;

	check_status("memory_create: no pages", purlin_memory_create(account, slot, 0, 0),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_create: unknown flags", purlin_memory_create(account, slot, 1, 0x80),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_create: too much",
		     purlin_memory_create(account, slot, NO_PAGES_LEFT, 0), PURLIN_NO_MEMORY);
	check_status("memory_create: slot in use", purlin_memory_create(account, signal, 1, 0),
		     PURLIN_SLOT_IN_USE);
	check_status("memory_create: contiguous",
		     purlin_memory_create(account, slot, 16,
					  PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G),
		     PURLIN_OK);
	check_status("memory_info", purlin_memory_info(slot, &pages, &address), PURLIN_OK);
	check_true("memory_info: contents", pages == 16 && address && address < 0x100000000ull &&
						    !(address % PURLIN_PAGE_SIZE));
	check_status("memory_info: without PHYSICAL",
		     purlin_memory_info(weaker(slot, PURLIN_RIGHT_READ), &pages, &address),
		     PURLIN_OK);
	check_equal("memory_info: no address", address, ~0ull);
	check_status("memory_info: not memory", purlin_memory_info(signal, &pages, &address),
		     PURLIN_BAD_CAPABILITY);
	check_status("memory_create_physical: no root",
		     purlin_memory_create_physical(slot, slot_reserve(), 0xf0000, 1,
						   PURLIN_MAP_UNCACHED),
		     PURLIN_BAD_CAPABILITY);
	purlin_object_destroy(slot);
}

static void pinning(void)
{
	purlin_u64 memory = new_memory(1), weak = weaker(memory, PURLIN_RIGHT_READ);

	check_status("memory_unpin: not pinned", purlin_memory_unpin(memory), PURLIN_BUSY);
	check_status("memory_pin: no right", purlin_memory_pin(weak), PURLIN_NO_RIGHT);
	check_status("memory_pin", purlin_memory_pin(memory), PURLIN_OK);
	check_status("memory_pin: twice", purlin_memory_pin(memory), PURLIN_OK);
	check_status("memory_unpin", purlin_memory_unpin(memory), PURLIN_OK);
	check_status("object_destroy: pinned", purlin_object_destroy(memory), PURLIN_OK);
	check_status("memory_pin: destroyed", purlin_memory_pin(memory), PURLIN_DEAD);
	check_status("memory_unpin: destroyed", purlin_memory_unpin(memory), PURLIN_OK);
	check_status("memory_unpin: once too often", purlin_memory_unpin(memory), PURLIN_BUSY);
}

static void mapping(void)
{
	purlin_u64 pd = PURLIN_SLOT_PD, memory = new_memory(4), guest = new_pd(PURLIN_PD_GUEST);
	purlin_u64 start = addresses_reserve(8, PURLIN_PAGE_SIZE);
	purlin_u64 read_only = weaker(memory, PURLIN_RIGHT_READ);
	volatile purlin_u64 *words = (volatile purlin_u64 *)start;

	check_status("memory_map: not a PD",
		     purlin_memory_map(memory, memory, start, 0, 4, READ_WRITE),
		     PURLIN_BAD_CAPABILITY);
	check_status("memory_map: PD without CONTROL",
		     purlin_memory_map(memory, weaker(pd, PURLIN_RIGHT_READ), start, 0, 4,
				       READ_WRITE),
		     PURLIN_NO_RIGHT);
	check_status("memory_map: object without WRITE",
		     purlin_memory_map(read_only, pd, start, 0, 4, READ_WRITE), PURLIN_NO_RIGHT);
	check_status("memory_map: object without EXECUTE",
		     purlin_memory_map(read_only, pd, start, 0, 4,
				       PURLIN_MAP_READ | PURLIN_MAP_EXECUTE),
		     PURLIN_NO_RIGHT);
	check_status("memory_map: misaligned",
		     purlin_memory_map(memory, pd, start + 8, 0, 4, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_map: upper half",
		     purlin_memory_map(memory, pd, UPPER_HALF, 0, 4, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_map: across the end of the lower half",
		     purlin_memory_map(memory, pd, 0x00007ffffffff000, 0, 4, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_map: beyond the object",
		     purlin_memory_map(memory, pd, start, 1, 4, READ_WRITE), PURLIN_BAD_ARGUMENT);
	check_status("memory_map: offset that wraps",
		     purlin_memory_map(memory, pd, start, ~0ull, 2, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_map: no pages", purlin_memory_map(memory, pd, start, 0, 0, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_map: unknown rights",
		     purlin_memory_map(memory, pd, start, 0, 4, 0x100), PURLIN_BAD_ARGUMENT);
	check_status("memory_map: into a guest",
		     purlin_memory_map(memory, guest, start, 0, 4, READ_WRITE), PURLIN_BUSY);
	check_status("memory_map", purlin_memory_map(memory, pd, start, 0, 4, READ_WRITE),
		     PURLIN_OK);
	words[512] = 4711;
	check_true("memory_map: usable", words[512] == 4711 && !words[0]);
	check_status("memory_map: overlap",
		     purlin_memory_map(memory, pd, start + 3 * PURLIN_PAGE_SIZE, 0, 1, READ_WRITE),
		     PURLIN_OVERLAP);
	check_status("memory_unmap: not a start", purlin_memory_unmap(pd, start + PURLIN_PAGE_SIZE),
		     PURLIN_BAD_ARGUMENT);
	check_status("memory_unmap", purlin_memory_unmap(pd, start), PURLIN_OK);
	check_status("memory_unmap: twice", purlin_memory_unmap(pd, start), PURLIN_BAD_ARGUMENT);
	check_status("memory_map: again, the second page first",
		     purlin_memory_map(memory, pd, start, 1, 1, PURLIN_MAP_READ), PURLIN_OK);
	check_equal("memory_map: the contents stayed", words[0], 4711);
	purlin_object_destroy(guest);
}

static void exhaustion(void)
{
	purlin_u64 account = slot_reserve(), pd = slot_reserve(), memory = new_memory(1);
	purlin_s64 status = PURLIN_OK;

	purlin_account_create(PURLIN_SLOT_ACCOUNT, account, 12);
	if (purlin_pd_create(account, pd, 64, 0, PURLIN_PROCESSORS_OWN))
		return;
	/* Each mapping lies in page tables of its own. */
	for (purlin_u64 i = 1; !status && i < 64; i++)
		status = purlin_memory_map(memory, pd, i << 39 & 0x7fffffffffff, 0, 1, READ_WRITE);
	check_status("memory_map: no memory for page tables", status, PURLIN_NO_MEMORY);
	purlin_object_destroy(account);
}

void test_memory(void)
{
	creation();
	pinning();
	mapping();
	exhaustion();
}
