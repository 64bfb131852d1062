/* SPDX-License-Identifier: MIT */
/*
 * The worst that a component can ask of the kernel, while a more urgent thread wants to run all the
 * time: how late it was at worst. With --icount a tick is an instruction.
 */
#include <stdio.h>

#include "../check.h"
#include "latency.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define PERIOD 10000ull
#define LIMIT 50000ull
#define WATCHER_PRIORITY 30 /* ours is lowered */
#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define PIECE_PAGES 1024ull
#define PIECES 98ull /* 100,352 pages in all */
#define PIECE_BYTES (PIECE_PAGES * PURLIN_PAGE_SIZE)
#define KERNEL_HALF 0xffff888000001000ull
#define MANY 1500ull
#define THREADS 120ull

static volatile purlin_u64 latest, wakes;

static void watch(void *argument)
{
	purlin_u64 timer = slot_reserve(), signal = slot_reserve(), bits;

	(void)argument;
	purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer);
	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	for (;;) {
		purlin_u64 due = __builtin_ia32_rdtsc() + PERIOD, late;

		purlin_timer_set(timer, due, signal, 1);
		purlin_signal_wait(signal, &bits);
		late = __builtin_ia32_rdtsc() - due;
		if (late > latest)
			latest = late;
		wakes++;
	}
}

static purlin_u64 begun;

void begin(void)
{
	latest = wakes = 0;
	begun = __builtin_ia32_rdtsc();
}

/* Nothing is proven by a watcher that did not run. */
void end(const char *name, purlin_s64 status)
{
	purlin_u64 worst = latest, took = __builtin_ia32_rdtsc() - begun;

	printf("%s: at worst %lu late, %lu wakes in %lu\n", name, worst, wakes, took);
	check_status(name, status, PURLIN_OK);
	check_true(name, worst < LIMIT);
}

static purlin_u64 piece(void)
{
	purlin_u64 slot = slot_reserve();

	check_status("a piece of memory",
		     purlin_memory_create(PURLIN_SLOT_ACCOUNT, slot, PIECE_PAGES,
					  PURLIN_MEMORY_CONTIGUOUS),
		     PURLIN_OK);
	return slot;
}

purlin_u64 pd_new(purlin_u64 slots, purlin_u64 flags)
{
	purlin_u64 slot = slot_reserve();

	check_status("a PD",
		     purlin_pd_create(PURLIN_SLOT_ACCOUNT, slot, slots, flags,
				      PURLIN_PROCESSORS_OWN),
		     PURLIN_OK);
	return slot;
}

static purlin_s64 map_all(purlin_u64 memory, purlin_u64 pd)
{
	purlin_s64 status = PURLIN_OK;

	for (purlin_u64 i = 0; !status && i < PIECES; i++)
		status = purlin_memory_map(memory, pd, NATIVE + i * PIECE_BYTES, 0, PIECE_PAGES,
					   READ_WRITE);
	return status;
}

static void native_pages(void)
{
	purlin_u64 memory = piece(), pd = pd_new(64, 0);

	begin();
	end("native: map 100,352 pages", map_all(memory, pd));
	begin();
	end("native: destroy the memory mapped there", purlin_object_destroy(memory));
	memory = piece();
	check_status("native: map again", map_all(memory, pd), PURLIN_OK);
	slot_delete(memory);
	begin();
	end("native: destroy the PD that holds them", purlin_object_destroy(pd));
	slot_delete(pd);
}

static purlin_s64 guest_map_all(purlin_u64 pd)
{
	purlin_s64 status = PURLIN_OK;

	for (purlin_u64 i = 0; !status && i < PIECES; i++)
		status = purlin_guest_map(pd, KERNEL_HALF + i * PIECE_BYTES, 0, PIECE_PAGES,
					  READ_WRITE);
	return status;
}

static void kernel_half(void)
{
	purlin_u64 memory = piece(), pd = pd_new(64, PURLIN_PD_GUEST);

	purlin_guest_attach(pd, 0, memory, 0, PIECE_PAGES, READ_WRITE);
	begin();
	end("kernel half: map 100,352 pages", guest_map_all(pd));
	begin();
	end("kernel half: unmap them", purlin_guest_unmap(pd, KERNEL_HALF, PIECES * PIECE_PAGES));
	check_status("kernel half: map again", guest_map_all(pd), PURLIN_OK);
	begin();
	end("kernel half: detach", purlin_guest_detach(pd, 0));
	purlin_guest_attach(pd, 0, memory, 0, PIECE_PAGES, READ_WRITE);
	check_status("kernel half: map once more", guest_map_all(pd), PURLIN_OK);
	begin();
	end("kernel half: destroy the memory", purlin_object_destroy(memory));
	begin();
	end("kernel half: destroy the PD", purlin_object_destroy(pd));
	slot_delete(memory);
	slot_delete(pd);
}

static void capabilities(void)
{
	purlin_u64 pd = pd_new(65536, 0);
	purlin_s64 status = PURLIN_OK;

	for (purlin_u64 slot = 1; !status && slot < 65536; slot++)
		status = purlin_cap_copy(pd, slot, PURLIN_SLOT_ACCOUNT, 0, 0);
	check_status("capabilities: a full table", status, PURLIN_OK);
	begin();
	end("capabilities: destroy the PD with 65,535", purlin_object_destroy(pd));
	slot_delete(pd);
}

static void objects(void)
{
	purlin_u64 account = slot_reserve(), slots = pd_new(65536, 0), signal = slot_reserve();
	purlin_s64 status = purlin_account_create(PURLIN_SLOT_ACCOUNT, account, 400);

	for (purlin_u64 i = 1; !status && i < MANY; i++) {
		status = purlin_signal_create(account, signal);
		if (!status)
			status = purlin_cap_copy(slots, i, signal, PURLIN_RIGHT_ALL, 0);
		purlin_cap_delete(PURLIN_SLOT_PD, signal);
	}
	check_status("objects: signals", status, PURLIN_OK);
	begin();
	end("objects: destroy the account that pays them", purlin_object_destroy(account));
	begin();
	end("objects: destroy the table that names them", purlin_object_destroy(slots));
	slot_delete(account);
	slot_delete(slots);
}

static void large_memory(void)
{
	purlin_u64 memory = slot_reserve();

	begin();
	end("memory: create 20,000 pages",
	    purlin_memory_create(PURLIN_SLOT_ACCOUNT, memory, 20000, 0));
	begin();
	end("memory: give them back", purlin_cap_delete(PURLIN_SLOT_PD, memory));
	slot_release(memory);
}

static void many_threads(void)
{
	purlin_u64 pd = pd_new(1024, 0), thread = slot_reserve();
	purlin_s64 status = PURLIN_OK;

	for (purlin_u64 i = 0; !status && i < THREADS; i++) {
		status = purlin_thread_create(pd, thread, 0, 1, NATIVE + i * PURLIN_PAGE_SIZE);
		if (!status)
			status = purlin_thread_start(thread, NATIVE, 0, 0);
		purlin_cap_delete(PURLIN_SLOT_PD, thread);
	}
	check_status("threads: ready ones", status, PURLIN_OK);
	begin();
	end("threads: destroy their PD", purlin_object_destroy(pd));
	slot_delete(pd);
}

static void many_regions(void)
{
	purlin_u64 memory = piece(), pd = pd_new(64, 0);
	purlin_s64 status = PURLIN_OK;

	begin();
	for (purlin_u64 i = 0; !status && i < 4096; i++)
		status = purlin_memory_map(memory, pd, NATIVE + i * 2 * PURLIN_PAGE_SIZE, 0, 1,
					   READ_WRITE);
	end("regions: map 4,096", status);
	begin();
	end("regions: destroy their memory", purlin_object_destroy(memory));
	purlin_object_destroy(pd);
	slot_delete(memory);
	slot_delete(pd);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 thread;

	(void)argument;
	check_status("watcher", thread_spawn(watch, NULL, 0, WATCHER_PRIORITY, &thread), PURLIN_OK);
	purlin_thread_schedule(PURLIN_SLOT_THREAD, 20, 10000);
	native_pages();
	kernel_half();
	capabilities();
	objects();
	large_memory();
	many_threads();
	many_waiters();
	many_regions();
	return check_sum();
}
