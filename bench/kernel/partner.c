/* SPDX-License-Identifier: MIT */
/*
 * Making the partner, and its code: a section that is mapped into its protection domain and uses
 * nothing outside of itself.
 */
#include "partner.h"

#include <string.h>

#include "kernel_bench.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

#define HERE __attribute__((section("partner_code")))
extern const char __start_partner_code[], __stop_partner_code[];

#define CODE ((purlin_u64)__start_partner_code & ~(PURLIN_PAGE_SIZE - 1ull))
#define CODE_PAGES PAGES_OF((purlin_u64)__stop_partner_code - CODE)
/* In the partner: the shared page and a stack for each thread; message buffers. */
#define DATA 0x10000000ull
#define DATA_PAGES 3
#define MESSAGES 0x20000000ull
#define SLOTS 64
#define SLOT_ENDPOINT 16
#define SLOT_SIGNAL 17

struct partner *partner;
purlin_u64 partner_endpoint, partner_signal;

static HERE void reply(void)
{
	purlin_u64 info = 0, badge;
	purlin_s64 status = purlin_endpoint_receive(SLOT_ENDPOINT, &info, &badge);

	while (!status)
		status = purlin_endpoint_reply_receive(SLOT_ENDPOINT, info, &info, &badge);
	__builtin_trap();
}

static HERE void wait(struct partner *shared)
{
	purlin_u64 bits;

	while (!purlin_signal_wait(SLOT_SIGNAL, &bits))
		__atomic_store_n(&shared->woken, bench_now(), __ATOMIC_RELAXED);
	__builtin_trap();
}

static void thread_start(purlin_u64 pd, unsigned int number, purlin_u64 entry, purlin_u64 priority)
{
	purlin_u64 thread = slot_reserve();
	/* As after a call: 8 below a multiple of 16 (System V ABI, 3.2.2). */
	purlin_u64 stack = DATA + (number + 2ull) * PURLIN_PAGE_SIZE - 8;

	bench_must(purlin_thread_create(pd, thread, 0, priority,
					MESSAGES + number * PURLIN_PAGE_SIZE),
		   "thread_create");
	bench_must(purlin_thread_start(thread, entry, stack, DATA), "thread_start");
}

static void memory_give(purlin_u64 pd, purlin_u64 address, purlin_u64 pages, purlin_u64 rights,
			void **mapped)
{
	purlin_u64 memory;

	bench_must(memory_new_mapped(pages, 0, &memory, mapped), "memory");
	bench_must(purlin_memory_map(memory, pd, address, 0, pages, rights), "memory_map");
}

void partner_start(void)
{
	purlin_u64 pd = slot_reserve();
	void *code, *data;

	partner_endpoint = slot_reserve();
	partner_signal = slot_reserve();
	bench_must(purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, partner_endpoint),
		   "endpoint_create");
	bench_must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, partner_signal), "signal_create");
	message_put_text(0, PURLIN_NAME_BYTES, "partner");
	bench_must(purlin_pd_create(PURLIN_SLOT_ACCOUNT, pd, SLOTS, 0, PURLIN_PROCESSORS_OWN),
		   "pd_create");
	bench_must(purlin_cap_copy(pd, SLOT_ENDPOINT, partner_endpoint, PURLIN_RIGHT_READ, 0),
		   "cap_copy");
	bench_must(purlin_cap_copy(pd, SLOT_SIGNAL, partner_signal, PURLIN_RIGHT_READ, 0),
		   "cap_copy");
	memory_give(pd, CODE, CODE_PAGES, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE, &code);
	memcpy(code, (const void *)CODE, CODE_PAGES * PURLIN_PAGE_SIZE);
	memory_give(pd, DATA, DATA_PAGES, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &data);
	partner = data;
	thread_start(pd, 0, (purlin_u64)reply, BENCH_PRIORITY);
	thread_start(pd, 1, (purlin_u64)wait, BENCH_WAITER_PRIORITY);
}
