/* SPDX-License-Identifier: MIT */
/* A guest kernel that measures system calls, batches of mappings, and interrupts. */
#include "../clock.h"
#include "../kernel_bench.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"
#include "report.h"

#define COUNT 1000
#define ROUNDS 5
#define ENTRIES 256
#define MANY 256 /* pages one entry can map */
#define EVENTS 50
#define SPACE 30 /* slot */
#define CODE 0x400000ull
#define AREA 0x40000000ull
#define FRAMES 0x200000ull /* guest-physical, for the process */
#define RFLAGS_IF 0x200

_Static_assert(FRAMES + MANY * PURLIN_PAGE_SIZE <= GUEST_REPORT_ADDRESS, "guest memory");

void guest_main(void);
void user_run(purlin_u64 calls);
void upcall_syscall(void);
void upcall_event(void);
extern const char upcall_event_end[], user_page[];
extern purlin_u64 event_time;

struct purlin_vcpu_state state __attribute__((aligned(PURLIN_PAGE_SIZE)));

static struct report *report(void)
{
	return (struct report *)(GUEST_IMAGE_BASE + GUEST_REPORT_ADDRESS);
}

/* Nothing can be said from here: ends the guest, and its report is not done. */
static void must(purlin_s64 status)
{
	if (status)
		purlin_thread_exit((purlin_u64)status);
}

static void note(purlin_u64 word0, purlin_u64 word1)
{
	state.batch[state.batch_count].word0 = word0;
	state.batch[state.batch_count].word1 = word1;
	state.batch_count++;
}

static purlin_u64 apply(void)
{
	purlin_u64 began = bench_now();

	must(purlin_vcpu_apply());
	return bench_now() - began;
}

static void best(purlin_u64 *least, purlin_u64 ticks)
{
	if (!*least || ticks < *least)
		*least = ticks;
}

/* An entry for each page, as faults and neighbours make them. */
static void measure_entries(void)
{
	for (purlin_u64 i = 0; i < ENTRIES; i++)
		note((AREA + i * PURLIN_PAGE_SIZE) | PURLIN_BATCH_MAP,
		     (FRAMES + i % MANY * PURLIN_PAGE_SIZE) | PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	best(&report()->map_ticks, apply());
	for (purlin_u64 i = 0; i < ENTRIES; i++)
		note((AREA + i * PURLIN_PAGE_SIZE) | PURLIN_BATCH_UNMAP, 1);
	best(&report()->unmap_ticks, apply());
}

/* One entry for many pages. */
static void measure_many(void)
{
	note(AREA | (MANY - 1) << 4 | PURLIN_BATCH_MAP,
	     FRAMES | PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	best(&report()->map_many_ticks, apply());
	note(AREA | PURLIN_BATCH_UNMAP, MANY);
	best(&report()->unmap_many_ticks, apply());
}

/* Following the guest's own page table. */
static void measure_table(void)
{
	static purlin_u64 table[PURLIN_PAGE_SIZE / sizeof(purlin_u64)]
		__attribute__((aligned(PURLIN_PAGE_SIZE)));

	for (purlin_u64 i = 0; i < MANY; i++)
		table[i] = (FRAMES + i * PURLIN_PAGE_SIZE) | PURLIN_ENTRY_PRESENT |
			   PURLIN_ENTRY_WRITE | PURLIN_ENTRY_ACCESSED | PURLIN_ENTRY_DIRTY;
	note(AREA | (MANY - 1) << 4 | PURLIN_BATCH_TABLE, (purlin_u64)table - GUEST_IMAGE_BASE);
	best(&report()->table_ticks, apply());
	note(AREA | PURLIN_BATCH_UNMAP, MANY);
	apply();
}

static void measure_calls(void)
{
	purlin_u64 began;

	state.frame.rip = CODE;
	state.frame.rflags = RFLAGS_IF;
	state.frame.rax = 0;
	began = bench_now();
	user_run(COUNT);
	best(&report()->call_ticks, bench_now() - began);
}

/* Compute until the clock's interrupt has come; how long the way to the upcall was. */
static purlin_u64 measure_event(void)
{
	purlin_u64 before = __atomic_load_n(&event_time, __ATOMIC_RELAXED);

	must(clock_ack(GUEST_SLOT_CLOCK));
	return bench_interrupted(&event_time, before);
}

static void measure_events(void)
{
	purlin_u64 ticks = 0;

	state.events_enabled = 1;
	must(clock_tick(GUEST_SLOT_CLOCK, true));
	for (unsigned int i = 0; i < EVENTS; i++)
		ticks += measure_event();
	must(clock_tick(GUEST_SLOT_CLOCK, false));
	state.events_enabled = 0;
	best(&report()->event_ticks, ticks);
}

static void process_make(void)
{
	char *code = (char *)(GUEST_IMAGE_BASE + FRAMES);

	for (unsigned int i = 0; i < PURLIN_PAGE_SIZE; i++)
		code[i] = user_page[i];
	must(purlin_space_create(PURLIN_SLOT_PD, SPACE));
	must(purlin_vcpu_switch(SPACE));
	note(CODE | PURLIN_BATCH_MAP, FRAMES | PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	apply();
}

void guest_main(void)
{
	struct report *to = report();

	state.deadline = state.armed = ~0ull;
	state.critical_start = (purlin_u64)upcall_event;
	state.critical_end = (purlin_u64)upcall_event_end;
	must(purlin_vcpu_configure(PURLIN_SLOT_THREAD, (purlin_u64)&state - GUEST_IMAGE_BASE,
				   (purlin_u64)upcall_syscall, (purlin_u64)upcall_event, 0));
	process_make();
	to->calls = COUNT;
	to->entries = ENTRIES;
	to->pages = MANY;
	to->events = EVENTS;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		measure_calls();
		measure_entries();
		measure_many();
		measure_table();
		measure_events();
	}
	to->done = 1;
	purlin_thread_exit(0);
}
