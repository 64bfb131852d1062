/* SPDX-License-Identifier: MIT */
/* Protection domains and threads, with children that exit and fault. */
#include <string.h>

#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/thread.h"
#include "tests.h"

#define CODE 0x10000
#define BUFFER 0x20000
#define LOW_PRIORITY 10
#define UPPER_HALF 0xffff800000000000ull
#define NON_CANONICAL 0x0000900000000000ull

/* mov $7, %edi; mov $PURLIN_CALL_THREAD_EXIT, %eax; syscall */
static const unsigned char exits[] = { 0xbf, 7, 0, 0,	 0,   0xb8, PURLIN_CALL_THREAD_EXIT,
				       0,    0, 0, 0x0f, 0x05 };
static const unsigned char invalid[] = { 0x0f, 0x0b }; /* ud2 */
static const unsigned char reads_null[] = { 0x31, 0xc0, 0x8b,
					    0x00 }; /* xor %eax, %eax; mov (%rax), %eax */
static const unsigned char writes_code[] = { 0xc6, 0x05, 0, 0, 0, 0, 0 }; /* movb $0, (%rip) */

struct child {
	purlin_u64 pd, memory, thread, ended;
};

static void child_create(struct child *child, const unsigned char *code, size_t bytes)
{
	void *window;

	child->pd = new_pd(0);
	child->memory = new_memory(1);
	child->thread = slot_reserve();
	child->ended = new_signal();
	memory_map(child->memory, 0, 1, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &window);
	memcpy(window, code, bytes);
	memory_unmap(window);
	purlin_memory_map(child->memory, child->pd, CODE, 0, 1,
			  PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	purlin_thread_create(child->pd, child->thread, 0, LOW_PRIORITY, BUFFER);
	purlin_pd_watch(child->pd, child->ended, 1);
}

/* Run it until the kernel reports its end. */
static void child_ends(const char *name, const unsigned char *code, size_t bytes,
		       purlin_u64 wanted_state, purlin_u64 wanted_reason)
{
	struct child child;
	purlin_u64 bits, state = 9, reason = 0, address = 0;

	child_create(&child, code, bytes);
	check_status(name, purlin_thread_start(child.thread, CODE, 0, 0), PURLIN_OK);
	purlin_signal_wait(child.ended, &bits);
	check_status("pd_status", purlin_pd_status(child.pd, &state, &reason, &address), PURLIN_OK);
	check_equal("pd_status: state", state, wanted_state);
	check_equal("pd_status: reason", reason, wanted_reason);
	check_status("object_destroy: PD", purlin_object_destroy(child.pd), PURLIN_OK);
	slot_delete(child.pd);
	slot_delete(child.thread);
	slot_delete(child.memory);
	slot_delete(child.ended);
}

static void creation(void)
{
	purlin_u64 account = PURLIN_SLOT_ACCOUNT, slot = slot_reserve(), small = slot_reserve();
	purlin_u64 signal = new_signal();

	check_status("pd_create: too few slots",
		     purlin_pd_create(account, slot, 15, 0, PURLIN_PROCESSORS_OWN),
		     PURLIN_BAD_ARGUMENT);
	check_status("pd_create: too many slots",
		     purlin_pd_create(account, slot, 65537, 0, PURLIN_PROCESSORS_OWN),
		     PURLIN_BAD_ARGUMENT);
	check_status("pd_create: unknown flags",
		     purlin_pd_create(account, slot, 64, 0x80, PURLIN_PROCESSORS_OWN),
		     PURLIN_BAD_ARGUMENT);
	check_status("pd_create: slot in use",
		     purlin_pd_create(account, signal, 64, 0, PURLIN_PROCESSORS_OWN),
		     PURLIN_SLOT_IN_USE);
	check_status("pd_create: not an account",
		     purlin_pd_create(signal, slot, 64, 0, PURLIN_PROCESSORS_OWN),
		     PURLIN_BAD_CAPABILITY);
	check_status("pd_create: no processor", purlin_pd_create(account, slot, 64, 0, 0),
		     PURLIN_BAD_ARGUMENT);
	check_status("pd_create: a processor we have not got",
		     purlin_pd_create(account, slot, 64, 0, 4), PURLIN_NO_RIGHT);
	check_equal("pd_status: our processors", component_processors(), 3);
	purlin_account_create(account, small, 1);
	check_status("pd_create: account too small",
		     purlin_pd_create(small, slot, 64, 0, PURLIN_PROCESSORS_OWN), PURLIN_NO_MEMORY);
}

static void watching(void)
{
	purlin_u64 pd = new_pd(0), signal = new_signal(), state = 9, reason, address;

	check_status("pd_watch: no signal", purlin_pd_watch(pd, pd, 1), PURLIN_BAD_CAPABILITY);
	check_status("pd_watch: signal without WRITE",
		     purlin_pd_watch(pd, weaker(signal, PURLIN_RIGHT_READ), 1), PURLIN_NO_RIGHT);
	check_status("pd_watch: without DESTROY",
		     purlin_pd_watch(weaker(pd, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY), signal,
				     1),
		     PURLIN_NO_RIGHT);
	check_status("pd_watch: itself", purlin_pd_watch(PURLIN_SLOT_PD, signal, 1),
		     PURLIN_NO_RIGHT);
	check_status("pd_watch", purlin_pd_watch(pd, signal, 1), PURLIN_OK);
	check_status("pd_status: not a PD", purlin_pd_status(signal, &state, &reason, &address),
		     PURLIN_BAD_CAPABILITY);
	check_status("pd_status", purlin_pd_status(pd, &state, &reason, &address), PURLIN_OK);
	check_equal("pd_status: runs", state, 0);
	purlin_object_destroy(pd);
}

void test_pds(void)
{
	creation();
	watching();
	child_ends("child that exits", exits, sizeof(exits), 1, 7);
	child_ends("child with an invalid opcode", invalid, sizeof(invalid), 2, 6);
	child_ends("child that reads address 0", reads_null, sizeof(reads_null), 2, 14);
	child_ends("child that writes its code", writes_code, sizeof(writes_code), 2, 14);
}

static void thread_creation(struct child *child)
{
	purlin_u64 slot = slot_reserve(), guest = new_pd(PURLIN_PD_GUEST), small = slot_reserve();
	purlin_u64 small_pd = slot_reserve(), first_only = slot_reserve();

	check_status("thread_create: no such processor",
		     purlin_thread_create(child->pd, slot, 1000, LOW_PRIORITY, CODE * 2),
		     PURLIN_BAD_ARGUMENT);
	purlin_pd_create(PURLIN_SLOT_ACCOUNT, first_only, 64, 0, 1);
	check_status("thread_create: not the PD's processor",
		     purlin_thread_create(first_only, slot, 1, LOW_PRIORITY, CODE * 2),
		     PURLIN_NO_RIGHT);
	purlin_object_destroy(first_only);
	check_status("thread_create: above the caller's priority",
		     purlin_thread_create(child->pd, slot, 0, 63, CODE * 4), PURLIN_BAD_ARGUMENT);
	check_status("thread_create: no such priority",
		     purlin_thread_create(child->pd, slot, 0, 64, CODE * 4), PURLIN_BAD_ARGUMENT);
	check_status("thread_create: misaligned buffer",
		     purlin_thread_create(child->pd, slot, 0, LOW_PRIORITY, CODE * 4 + 8),
		     PURLIN_BAD_ARGUMENT);
	check_status("thread_create: buffer in the upper half",
		     purlin_thread_create(child->pd, slot, 0, LOW_PRIORITY, UPPER_HALF),
		     PURLIN_BAD_ARGUMENT);
	check_status("thread_create: buffer over the code",
		     purlin_thread_create(child->pd, slot, 0, LOW_PRIORITY, CODE), PURLIN_OVERLAP);
	check_status("thread_create: slot in use",
		     purlin_thread_create(child->pd, child->memory, 0, LOW_PRIORITY, CODE * 4),
		     PURLIN_SLOT_IN_USE);
	check_status("thread_create: in a guest PD",
		     purlin_thread_create(guest, slot, 0, LOW_PRIORITY, CODE * 4), PURLIN_BUSY);
	check_status("thread_create: not a PD",
		     purlin_thread_create(child->memory, slot, 0, LOW_PRIORITY, CODE * 4),
		     PURLIN_BAD_CAPABILITY);
	purlin_account_create(PURLIN_SLOT_ACCOUNT, small, 4);
	if (!purlin_pd_create(small, small_pd, 64, 0, PURLIN_PROCESSORS_OWN))
		check_status("thread_create: account too small",
			     purlin_thread_create(small_pd, slot, 0, LOW_PRIORITY, CODE * 4),
			     PURLIN_NO_MEMORY);
	purlin_object_destroy(small);
	purlin_object_destroy(guest);
}

static void scheduling(struct child *child)
{
	purlin_u64 thread = child->thread;

	check_status("thread_schedule", purlin_thread_schedule(thread, LOW_PRIORITY, 1000),
		     PURLIN_OK);
	check_status("thread_schedule: above the caller's priority",
		     purlin_thread_schedule(thread, 63, 1000), PURLIN_BAD_ARGUMENT);
	check_status("thread_schedule: slice too short",
		     purlin_thread_schedule(thread, LOW_PRIORITY, 99), PURLIN_BAD_ARGUMENT);
	check_status("thread_schedule: slice too long",
		     purlin_thread_schedule(thread, LOW_PRIORITY, 1000001), PURLIN_BAD_ARGUMENT);
	check_status("thread_schedule: no right",
		     purlin_thread_schedule(weaker(thread, PURLIN_RIGHT_READ), LOW_PRIORITY, 1000),
		     PURLIN_NO_RIGHT);
	check_status("thread_yield", purlin_thread_yield(), PURLIN_OK);
}

static void binding(struct child *child)
{
	purlin_u64 signal = new_signal();

	check_status("thread_bind_signal: no signal",
		     purlin_thread_bind_signal(PURLIN_SLOT_THREAD, child->pd),
		     PURLIN_BAD_CAPABILITY);
	check_status("thread_bind_signal", purlin_thread_bind_signal(child->thread, signal),
		     PURLIN_OK);
	check_status("thread_bind_signal: bound elsewhere",
		     purlin_thread_bind_signal(PURLIN_SLOT_THREAD, signal), PURLIN_BUSY);
}

void test_threads(void)
{
	struct child child;
	purlin_u64 bits;

	child_create(&child, exits, sizeof(exits));
	thread_creation(&child);
	scheduling(&child);
	binding(&child);
	check_status("thread_start: in the upper half",
		     purlin_thread_start(child.thread, UPPER_HALF, 0, 0), PURLIN_BAD_ARGUMENT);
	check_status("thread_start: non-canonical",
		     purlin_thread_start(child.thread, NON_CANONICAL, 0, 0), PURLIN_BAD_ARGUMENT);
	check_status("thread_start", purlin_thread_start(child.thread, CODE, 0, 0), PURLIN_OK);
	check_status("thread_start: twice", purlin_thread_start(child.thread, CODE, 0, 0),
		     PURLIN_BUSY);
	purlin_signal_wait(child.ended, &bits);
	check_status("object_destroy: thread", purlin_object_destroy(child.thread), PURLIN_OK);
	check_status("thread_start: destroyed", purlin_thread_start(child.thread, CODE, 0, 0),
		     PURLIN_DEAD);
	purlin_object_destroy(child.pd);
}
