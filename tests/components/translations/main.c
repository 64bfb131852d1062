/* SPDX-License-Identifier: MIT */
/*
 * What is taken away is gone for every processor, whatever its TLB holds: a child reads or writes a
 * page for ever, the page goes, and the child must fault before it sees what is written there next,
 * or writes to what is somebody else's now.
 */
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

#define CODE 0x10000
#define BUFFER 0x20000
#define DATA 0x30000
#define REPORT 0x40000
#define READER_SIGNAL 20
#define PRIORITY 10
#define PROCESSORS 2 /* as many as any machine here has */

#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define BEFORE 4711
#define AFTER 4712
#define WRITTEN 4713
#define REUSED_PAGES 64

/* Bits of the signal. */
#define HAS_READ 1
#define ENDED 2
#define TIME_IS_UP 4
#define LONG_ENOUGH 100000000 /* ticks; passes if a stale translation is used, or nothing runs */
#define PATIENCE 100	      /* times as long, for a child whose processor stands still */

extern const char reader[], reader_end[], writer[], writer_end[];

/* Run in the child: read, say so, read on and report each value; or write on. */
#define TEXT(number) #number
#define NUMBER(number) TEXT(number)
/* clang-format off */
__asm__(".pushsection .rodata\n"
	"reader:	movq " NUMBER(DATA) ", %rax\n"
	"	movl $" NUMBER(PURLIN_CALL_SIGNAL_NOTIFY) ", %eax\n"
	"	movl $" NUMBER(READER_SIGNAL) ", %edi\n"
	"	movl $" NUMBER(HAS_READ) ", %esi\n"
	"	syscall\n"
	"1:	movq " NUMBER(DATA) ", %rax\n"
	"	movq %rax, " NUMBER(REPORT) "\n"
	"	jmp 1b\n"
	"reader_end:\n"
	"writer:	movl $" NUMBER(PURLIN_CALL_SIGNAL_NOTIFY) ", %eax\n"
	"	movl $" NUMBER(READER_SIGNAL) ", %edi\n"
	"	movl $" NUMBER(HAS_READ) ", %esi\n"
	"	movq $" NUMBER(WRITTEN) ", " NUMBER(DATA) "\n"
	"	syscall\n"
	"1:	movq $" NUMBER(WRITTEN) ", " NUMBER(DATA) "\n"
	"	jmp 1b\n"
	"writer_end:\n"
	".popsection\n");
/* clang-format on */

struct child {
	purlin_u64 pd, thread, signal, code, data, report;
	volatile purlin_u64 *data_words, *report_words;
};

static purlin_u64 created(purlin_s64 status, purlin_u64 slot)
{
	if (status)
		component_panic("cannot create what a test needs: %ld", status);
	return slot;
}

static purlin_u64 new_memory(purlin_u64 pages)
{
	purlin_u64 slot = slot_reserve();

	return created(purlin_memory_create(PURLIN_SLOT_ACCOUNT, slot, pages, 0), slot);
}

static purlin_u64 new_signal(void)
{
	purlin_u64 slot = slot_reserve();

	return created(purlin_signal_create(PURLIN_SLOT_ACCOUNT, slot), slot);
}

static purlin_u64 new_pd(void)
{
	purlin_u64 slot = slot_reserve();

	message_put_text(0, PURLIN_NAME_BYTES, "child");
	return created(purlin_pd_create(PURLIN_SLOT_ACCOUNT, slot, 64, 0, PURLIN_PROCESSORS_OWN),
		       slot);
}

static volatile purlin_u64 *attached(purlin_u64 memory)
{
	void *window = 0;

	memory_map(memory, 0, 1, READ_WRITE, &window);
	return window;
}

static void child_create(struct child *child, purlin_u64 cpu, bool writes)
{
	volatile purlin_u64 *code;

	child->pd = new_pd();
	child->thread = slot_reserve();
	child->signal = new_signal();
	child->code = new_memory(1);
	child->data = new_memory(1);
	child->report = new_memory(1);
	code = attached(child->code);
	if (writes)
		memcpy((void *)code, writer, (size_t)(writer_end - writer));
	else
		memcpy((void *)code, reader, (size_t)(reader_end - reader));
	memory_unmap((void *)code);
	child->data_words = attached(child->data);
	child->report_words = attached(child->report);
	child->data_words[0] = BEFORE;
	purlin_memory_map(child->code, child->pd, CODE, 0, 1, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	purlin_memory_map(child->data, child->pd, DATA, 0, 1,
			  writes ? READ_WRITE : PURLIN_MAP_READ);
	purlin_memory_map(child->report, child->pd, REPORT, 0, 1, READ_WRITE);
	purlin_cap_copy(child->pd, READER_SIGNAL, child->signal, PURLIN_RIGHT_ALL, 0);
	purlin_thread_create(child->pd, child->thread, cpu, PRIORITY, BUFFER);
	purlin_pd_watch(child->pd, child->signal, ENDED);
}

static void child_delete(struct child *child)
{
	memory_unmap((void *)child->data_words);
	memory_unmap((void *)child->report_words);
	purlin_object_destroy(child->pd);
	purlin_object_destroy(child->code);
	purlin_object_destroy(child->data);
	purlin_object_destroy(child->report);
	slot_delete(child->pd);
	slot_delete(child->thread);
	slot_delete(child->signal);
	slot_delete(child->code);
	slot_delete(child->data);
	slot_delete(child->report);
}

/* The page is somebody else's now, who writes. */
static purlin_u64 reused(void)
{
	purlin_u64 memory = new_memory(REUSED_PAGES);
	void *window = 0;

	memory_map(memory, 0, REUSED_PAGES, READ_WRITE, &window);
	for (unsigned int i = 0; i < REUSED_PAGES; i++)
		((purlin_u64 *)window)[i * PURLIN_PAGE_SIZE / 8] = AFTER;
	memory_unmap(window);
	return memory;
}

/* It still holds what its owner wrote. */
static bool untouched(purlin_u64 memory)
{
	void *window = 0;
	bool found = false;

	memory_map(memory, 0, REUSED_PAGES, PURLIN_MAP_READ, &window);
	for (unsigned int i = 0; i < REUSED_PAGES; i++)
		found |= ((purlin_u64 *)window)[i * PURLIN_PAGE_SIZE / 8] != AFTER;
	memory_unmap(window);
	return !found;
}

/* Whether the child goes on with what was taken away, beyond an access that was under way. */
static bool goes_on(const struct child *child, purlin_u64 other, bool writes, unsigned int *reports)
{
	if (writes)
		return !untouched(other);
	if (!child->report_words[0])
		return false;
	if (++*reports < 2)
		child->report_words[0] = 0;
	return *reports >= 2;
}

/*
 * Whether it has ended, or goes on. A host may leave its processor without time for a while.
 */
static purlin_u64 await_fault(const struct child *child, purlin_u64 timer, purlin_u64 other,
			      bool writes)
{
	unsigned int reports = 0;
	purlin_u64 bits = 0;

	for (unsigned int i = 0; i < PATIENCE && !(bits & ENDED); i++) {
		purlin_timer_set(timer, __builtin_ia32_rdtsc() + LONG_ENOUGH, child->signal,
				 TIME_IS_UP);
		purlin_signal_wait(child->signal, &bits);
		if (!(bits & ENDED) && goes_on(child, other, writes, &reports))
			break;
	}
	return bits & ENDED;
}

static void taken_away(const char *name, purlin_u64 cpu, bool destroy, bool writes)
{
	purlin_u64 timer = slot_reserve(), bits = 0, other = 0;
	struct child child;

	child_create(&child, cpu, writes);
	purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer);
	if (!check_status(name, purlin_thread_start(child.thread, CODE, 0, 0), PURLIN_OK))
		return;
	purlin_signal_wait(child.signal, &bits);
	check_equal("  the child has had the page", bits, HAS_READ);
	child.report_words[0] = 0;
	if (destroy) {
		purlin_object_destroy(child.data);
		other = reused();
	} else {
		purlin_memory_unmap(child.pd, DATA);
		child.data_words[0] = AFTER;
	}
	check_equal("  the child has faulted", await_fault(&child, timer, other, writes), ENDED);
	check_true("  and saw nothing newer",
		   child.report_words[0] == BEFORE || !child.report_words[0]);
	if (other)
		check_true("  and has written to nothing newer", untouched(other));
	purlin_object_destroy(timer);
	if (other)
		purlin_object_destroy(other);
	slot_delete(other);
	slot_delete(timer);
	child_delete(&child);
}

int component_main(purlin_u64 argument)
{
	static const char *const names[PROCESSORS][3] = {
		{ "a page unmapped under a thread of this processor",
		  "a page destroyed under a thread of this processor",
		  "a page destroyed under a thread of this processor that writes" },
		{ "a page unmapped under a thread of another processor",
		  "a page destroyed under a thread of another processor",
		  "a page destroyed under a thread of another processor that writes" },
	};

	(void)argument;
	for (purlin_u64 cpu = 0; cpu < PROCESSORS; cpu++) {
		taken_away(names[cpu][0], cpu, false, false);
		taken_away(names[cpu][1], cpu, true, false);
		taken_away(names[cpu][2], cpu, true, true);
	}
	return check_sum();
}
