/* SPDX-License-Identifier: MIT */
/*
 * Two vCPUs of one guest on two processors, and a third one beside the first. One conducts: it
 * takes away what the other one is using, and makes it do calls at the same time.
 *
 * Nothing here waits by time. Who must fault at once is counted: after the call that takes a page
 * away has returned, the other may end the round it was in and no other one.
 */
#include "several.h"
#include <stdbool.h>

#include "image.h"
#include "purlin/boot.h"

#define CODE 0x400000ull
#define REACH 0x501000ull /* struct reach, for both modes */
#define AREA_PAGES 0x600000ull
#define ZONE 0xffffc90000000000ull
#define MAP_ZONE 0xffffd00000000000ull
#define POOL 0x300000ull
#define POOL_PAGES 64
#define RX (PURLIN_MAP_READ | PURLIN_MAP_EXECUTE)

#define BEFORE 4711
#define AFTER 4712
#define WARM 1000  /* rounds of a reader until it counts as running */
#define CHANGES 40 /* a multiple of 4 */
#define ROUNDS 60  /* there and back: each may take a slice of the emulator's host */
#define STORM 10000
#define REGIONS 20
#define BITS 64

#define SIGNAL_THERE 60
#define SIGNAL_HERE 61
#define NEIGHBOUR_SLOT 62
#define PRIORITY 1

enum { CONDUCTOR, WORKER, NEIGHBOUR, VCPUS };
enum job {
	NO_JOB,
	READ_IN_KERNEL_MODE,
	READ_IN_USER_MODE,
	WRITE_IN_KERNEL_MODE,
	WRITE_IN_USER_MODE,
	CHANGE_ODD_PAGES,
	MAP_UPPER_PARTS,
	ANSWER_SIGNALS,
	COLLECT_SIGNALS,
	SPIN_WITHOUT_EVENTS,
	SPIN_IN_USER_MODE,
	WAIT,
	YIELD_BACK,
	CALL_FUNCTION,
};

struct kernel_frame {
	purlin_u64 r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax, rip, rflags;
};

void several_entry(void);
_Noreturn void several_worker(purlin_u64 which);
void several_upcall(struct kernel_frame *frame, purlin_u32 vector);
void several_user(purlin_u64 address, purlin_u64 reach);
void several_event(void);
void several_syscall(void);
void several_reader(purlin_u64 address, purlin_u64 reach);
void several_writer(purlin_u64 address, purlin_u64 reach);
extern const char several_range[], several_range_end[], several_code_end[];

static struct area areas[VCPUS];
static char stacks[VCPUS][8192] __attribute__((aligned(16)));
static purlin_u64 sent[BITS], seen[BITS];

static struct area *here(void)
{
	struct area *area;

	__asm__ volatile("rdgsbase %0" : "=r"(area));
	return area;
}

static volatile struct reach *reach(void)
{
	return (volatile struct reach *)frame_of(FRAMES + 0x2000);
}

/* What a fault in kernel mode may lead out of: the programs above, and one access. */
__asm__(".globl several_load, several_load_end, several_store\n"
	"several_store: movq %rsi, (%rdi)\n"
	"xorl %eax, %eax\n"
	"ret\n"
	"several_load: movq (%rdi), %rax\n"
	"several_load_end: ret\n");
extern const char several_load_end[];

void several_upcall(struct kernel_frame *frame, purlin_u32 vector)
{
	struct area *area = here();

	if (vector == PURLIN_VECTOR_EVENT)
		return; /* events stay disabled: whoever waits for them looks */
	if (vector == PURLIN_VECTOR_ALERT) {
		area->state.alert_masked = 0;
		store(&area->alerts, area->alerts + 1);
		return;
	}
	area->result = vector;
	frame->rip = (purlin_u64)several_load_end;
	frame->rax = NOTHING;
}

void several_note(purlin_u64 word0, purlin_u64 word1)
{
	struct purlin_vcpu_state *own = &here()->state;

	own->batch[own->batch_count].word0 = word0;
	own->batch[own->batch_count].word1 = word1;
	__atomic_store_n(&own->batch_count, own->batch_count + 1, __ATOMIC_RELEASE);
}

static void area_begin(purlin_u64 which, purlin_u64 slot)
{
	struct area *area = &areas[which];

	__asm__ volatile("wrgsbase %0" : : "r"(area));
	area->slot = slot;
	area->state.deadline = area->state.armed = ~0ull;
	area->state.critical_start = (purlin_u64)several_range;
	area->state.critical_end = (purlin_u64)several_range_end;
	purlin_vcpu_configure(slot, (purlin_u64)&area->state - GUEST_IMAGE_BASE,
			      (purlin_u64)several_syscall, (purlin_u64)several_event,
			      (purlin_u64)area);
}

/* In user mode until something else than an alert comes, or one after `stop`. */
static void user_mode(struct area *area, const void *code, purlin_u64 address)
{
	area->rip = CODE + (purlin_u64)((const char *)code - (const char *)several_reader);
	for (;;) {
		several_user(address, REACH);
		area->result = area->vector;
		if (area->result == PURLIN_VECTOR_ALERT) {
			area->state.alert_masked = 0;
			store(&area->alerts, area->alerts + 1);
		}
		if (area->result < PURLIN_VECTOR_EVENT || load(&area->stop))
			return;
	}
}

static purlin_u64 take(struct purlin_vcpu_state *own, unsigned int word)
{
	own->events_pending = 0;
	__atomic_exchange_n(&own->pending_words, 0, __ATOMIC_SEQ_CST);
	return __atomic_exchange_n(&own->pending[word], 0, __ATOMIC_SEQ_CST);
}

/* Each vCPU has every other page of the same tables. The last round leaves them mapped. */
static void change_pages(purlin_u64 base, purlin_u64 first)
{
	for (unsigned int round = 0; round <= CHANGES; round++) {
		for (purlin_u64 page = first; page < POOL_PAGES; page += 2) {
			purlin_u64 at = base + page * 4096;

			if (round % 2)
				several_note(at | PURLIN_BATCH_UNMAP, 1);
			else if (round % 4)
				several_note(at | PURLIN_BATCH_MAP, (POOL + page * 4096) | RW);
			else
				several_note(at | PURLIN_BATCH_TABLE, TABLE + page * 8);
		}
		purlin_vcpu_apply();
	}
}

/* What a part maps lies on both sides of the image. */
#define PART_BYTES (256 * 4096ull)
static purlin_u64 part_address(purlin_u64 part)
{
	return part * 2 * PART_BYTES;
}

/* Half of the pages of each region; both halves share a table. */
static purlin_s64 map_parts(purlin_u64 part)
{
	for (purlin_u64 region = 0; region < REGIONS; region++) {
		purlin_u64 at = MAP_ZONE + (region << 30) + part * PART_BYTES;
		purlin_s64 status =
			purlin_guest_map(PURLIN_SLOT_PD, at, part_address(part), 256, RW);

		if (status)
			return status;
	}
	return 0;
}

static void answer_signals(struct area *area)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		while (!take(&area->state, 1))
			purlin_vcpu_wait();
		purlin_signal_notify(SIGNAL_HERE, 1);
	}
}

static void collect_signals(struct area *area)
{
	while (!load(&area->stop)) {
		purlin_u64 bits = take(&area->state, 1);

		for (unsigned int bit = 0; bit < BITS; bit++) {
			if (bits >> bit & 1)
				store(&seen[bit], load(&sent[bit]));
		}
		if (!bits)
			purlin_vcpu_wait();
	}
}

static void job_do(struct area *area, purlin_u64 job)
{
	switch (job) {
	case READ_IN_KERNEL_MODE:
		several_reader(area->address, REACH);
		break;
	case WRITE_IN_KERNEL_MODE:
		several_writer(area->address, REACH);
		break;
	case READ_IN_USER_MODE:
	case SPIN_IN_USER_MODE:
		user_mode(area, (const void *)several_reader, area->address);
		break;
	case WRITE_IN_USER_MODE:
		user_mode(area, (const void *)several_writer, area->address);
		break;
	case CHANGE_ODD_PAGES:
		change_pages(area->address, 1);
		break;
	case MAP_UPPER_PARTS:
		area->result = (purlin_u64)map_parts(1);
		break;
	case ANSWER_SIGNALS:
		answer_signals(area);
		break;
	case COLLECT_SIGNALS:
		collect_signals(area);
		break;
	case SPIN_WITHOUT_EVENTS:
		while (!load(&area->stop))
			;
		break;
	case WAIT:
		take(&area->state, 1);
		purlin_vcpu_wait();
		break;
	case YIELD_BACK:
		while (!load(&area->stop)) {
			store(&area->result, area->result + 1);
			purlin_vcpu_yield_to(PURLIN_SLOT_THREAD);
		}
		break;
	case CALL_FUNCTION:
		area->function(area);
		break;
	}
}

_Noreturn void several_worker(purlin_u64 which)
{
	struct area *area = &areas[which];

	area_begin(which, which == WORKER ? GUEST_SLOT_SECOND : NEIGHBOUR_SLOT);
	for (;;) {
		purlin_u64 job;

		while (!(job = load(&area->job)))
			purlin_thread_yield();
		if (area->space)
			purlin_vcpu_switch(area->space);
		area->result = 0;
		job_do(area, job);
		store(&area->job, NO_JOB);
	}
}

static void job_start(purlin_u64 which, enum job job, purlin_u64 space, purlin_u64 address)
{
	struct area *area = &areas[which];

	area->space = space;
	area->address = address;
	area->result = area->stop = 0;
	store(&area->job, job);
}

static void job_wait(purlin_u64 which)
{
	while (load(&areas[which].job))
		;
}

void several_call(void (*function)(struct area *area))
{
	areas[WORKER].function = function;
	job_start(WORKER, CALL_FUNCTION, SPACE, 0);
}

void several_stop(void)
{
	store(&areas[WORKER].stop, 1);
	job_wait(WORKER);
}

/* It came to nothing: the report so far says where. */
static void give_up(const char *name)
{
	check(name, 0, 1);
	purlin_thread_exit(1);
}

/* The worker has come to a fault, not having used the page in another round. */
static void expect_fault(const char *name, purlin_u64 count)
{
	while (load(&areas[WORKER].job)) {
		if (reach()->count > count + 1)
			give_up(name);
	}
	check(name, areas[WORKER].result, 14);
}

void several_process_make(purlin_u64 space)
{
	several_note(PURLIN_BATCH_SPACE, space);
	several_note(CODE | PURLIN_BATCH_MAP, FRAMES | RX);
	several_note(PAGE | PURLIN_BATCH_MAP, (FRAMES + 0x1000) | RW);
	several_note(REACH | PURLIN_BATCH_MAP, (FRAMES + 0x2000) | RW);
	purlin_vcpu_apply();
}

static void take_unmap(purlin_u64 address)
{
	several_note(address | PURLIN_BATCH_UNMAP, 1);
	purlin_vcpu_apply();
}

static void take_range(purlin_u64 address)
{
	(void)address;
	several_note(PURLIN_BATCH_UNMAP, PURLIN_GUEST_USER_END / 4096);
	purlin_vcpu_apply();
}

static void take_by_table(purlin_u64 address)
{
	frame_of(TABLE)[511] = 0;
	several_note(address | PURLIN_BATCH_TABLE, TABLE + 511 * 8);
	purlin_vcpu_apply();
}

static void take_write(purlin_u64 address)
{
	several_note(address | PURLIN_BATCH_WRITE_PROTECT, 1);
	purlin_vcpu_apply();
}

static void take_other_page(purlin_u64 address)
{
	several_note(address | PURLIN_BATCH_MAP, (FRAMES + 0x3000) | PURLIN_MAP_READ);
	purlin_vcpu_apply();
}

/* The batch of a resume, as Linux does it; user mode comes back at once, for want of a page. */
static void take_by_resume(purlin_u64 address)
{
	struct area *area = here();

	several_note(address | PURLIN_BATCH_UNMAP, 1);
	area->rip = address;
	several_user(0, 0);
}

static void take_space(purlin_u64 address)
{
	(void)address;
	purlin_object_destroy(SPACE);
}

static void take_upper_by_call(purlin_u64 address)
{
	purlin_guest_unmap(PURLIN_SLOT_PD, address, 1);
}

static void take_memory(purlin_u64 address)
{
	(void)address;
	purlin_guest_detach(PURLIN_SLOT_PD, EXTRA);
}

/* The worker uses the page, it is taken away, and somebody else writes to it. */
static void taken_away(const char *name, enum job job, purlin_u64 address, purlin_u64 *frame,
		       void (*take_away)(purlin_u64 address))
{
	bool writes = job == WRITE_IN_KERNEL_MODE || job == WRITE_IN_USER_MODE;
	purlin_u64 count;

	*(volatile purlin_u64 *)frame = BEFORE;
	reach()->value = reach()->count = 0;
	job_start(WORKER, job, SPACE, address);
	while (reach()->count < WARM) {
		if (!load(&areas[WORKER].job))
			give_up(name);
	}
	take_away(address);
	count = reach()->count;
	*(volatile purlin_u64 *)frame = AFTER;
	expect_fault(name, count);
	if (writes)
		check("  nothing was written", *(volatile purlin_u64 *)frame, AFTER);
	else
		check("  nothing newer was read", reach()->value, BEFORE);
}

static void check_lower_half(void)
{
	static const struct {
		const char *kernel, *user;
		void (*take_away)(purlin_u64 address);
		bool writes;
	} cases[] = {
		{ "page unmapped, kernel mode", "page unmapped, user mode", take_unmap, false },
		{ "page unmapped, kernel mode writes", "page unmapped, user mode writes",
		  take_unmap, true },
		{ "all unmapped, kernel mode", "all unmapped, user mode", take_range, false },
		{ "page by table, kernel mode", "page by table, user mode", take_by_table, false },
		{ "page by resume, kernel mode", "page by resume, user mode", take_by_resume,
		  false },
		{ "write-protected, kernel mode", "write-protected, user mode", take_write, true },
		{ "exchanged, kernel mode writes", "exchanged, user mode writes", take_other_page,
		  true },
		{ "space destroyed, kernel mode", "space destroyed, user mode", take_space, false },
	};

	for (unsigned int i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		bool user = i % 2, destroys = cases[i / 2].take_away == take_space;
		enum job job = cases[i / 2].writes ?
				       (user ? WRITE_IN_USER_MODE : WRITE_IN_KERNEL_MODE) :
				       (user ? READ_IN_USER_MODE : READ_IN_KERNEL_MODE);

		purlin_vcpu_switch(SPACE);
		several_process_make(SPACE);
		taken_away(user ? cases[i / 2].user : cases[i / 2].kernel, job, PAGE,
			   frame_of(FRAMES + 0x1000), cases[i / 2].take_away);
		if (destroys) {
			purlin_cap_delete(PURLIN_SLOT_PD, SPACE);
			check("  its place is free again",
			      (purlin_u64)purlin_space_create(PURLIN_SLOT_PD, SPACE), 0);
		}
	}
}

static void check_kernel_half(void)
{
	purlin_vcpu_switch(SPACE);
	several_process_make(SPACE);
	several_note(ZONE | PURLIN_BATCH_MAP, (FRAMES + 0x1000) | RW);
	purlin_vcpu_apply();
	taken_away("kernel half: page unmapped", READ_IN_KERNEL_MODE, ZONE,
		   frame_of(FRAMES + 0x1000), take_unmap);
	several_note(ZONE | PURLIN_BATCH_MAP, (FRAMES + 0x1000) | RW);
	purlin_vcpu_apply();
	taken_away("kernel half: by guest_unmap", WRITE_IN_KERNEL_MODE, ZONE,
		   frame_of(FRAMES + 0x1000), take_upper_by_call);
	several_note(ZONE | PURLIN_BATCH_MAP, (FRAMES + 0x1000) | RW);
	purlin_vcpu_apply();
	taken_away("kernel half: write-protected", WRITE_IN_KERNEL_MODE, ZONE,
		   frame_of(FRAMES + 0x1000), take_write);
}

/* Memory that leaves the guest. */
static void check_memory(purlin_u64 address, const char *name)
{
	purlin_u64 count;

	check("memory attached",
	      (purlin_u64)purlin_guest_attach(PURLIN_SLOT_PD, EXTRA, GUEST_SLOT_MEMORY, 0,
					      GUEST_MEMORY_PAGES, RW),
	      0);
	purlin_vcpu_switch(SPACE);
	several_process_make(SPACE);
	several_note(address | PURLIN_BATCH_MAP, EXTRA | RW);
	purlin_vcpu_apply();
	reach()->count = 0;
	job_start(WORKER, WRITE_IN_KERNEL_MODE, SPACE, address);
	while (reach()->count < WARM) {
		if (!load(&areas[WORKER].job))
			give_up(name);
	}
	take_memory(address);
	count = reach()->count;
	expect_fault(name, count);
}

static void expect_pool(const char *name, purlin_u64 base)
{
	purlin_u64 wrong = 0;

	for (purlin_u64 page = 0; page < POOL_PAGES; page++)
		wrong += several_load(base + page * 4096) != page + 1;
	check(name, wrong, 0);
}

static void check_batches(const char *name, purlin_u64 base, purlin_u64 other_base,
			  purlin_u64 worker_space)
{
	purlin_vcpu_switch(SPACE);
	job_start(WORKER, CHANGE_ODD_PAGES, worker_space, other_base);
	change_pages(base, 0);
	job_wait(WORKER);
	if (worker_space != SPACE) {
		purlin_vcpu_switch(worker_space);
		change_pages(other_base, 0);
		expect_pool("  the other space", other_base);
		purlin_vcpu_switch(SPACE);
		change_pages(base, 1);
	}
	expect_pool(name, base);
}

static void check_maps(void)
{
	purlin_u64 wrong = 0, last_word = 4096 - 8;

	for (purlin_u64 page = 0; page < 256; page++) {
		*frame_of(page * 4096 + last_word) = page;
		*frame_of(part_address(1) + page * 4096 + last_word) = 256 + page;
	}
	job_start(WORKER, MAP_UPPER_PARTS, SPACE, 0);
	check("guest_map beside another", (purlin_u64)map_parts(0), 0);
	job_wait(WORKER);
	check("  the other one", areas[WORKER].result, 0);
	for (purlin_u64 region = 0; region < REGIONS; region++) {
		for (purlin_u64 page = 0; page < 512; page++)
			wrong += several_load(MAP_ZONE + (region << 30) + page * 4096 +
					      last_word) != page;
	}
	check("  all pages are there", wrong, 0);
}

static void check_signals(void)
{
	struct purlin_vcpu_state *own = &here()->state;
	purlin_u64 missing;

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, SIGNAL_THERE);
	purlin_signal_create(PURLIN_SLOT_ACCOUNT, SIGNAL_HERE);
	purlin_signal_bind_vcpu(SIGNAL_THERE, GUEST_SLOT_SECOND, 1);
	purlin_signal_bind_vcpu(SIGNAL_HERE, PURLIN_SLOT_THREAD, 1);
	job_start(WORKER, ANSWER_SIGNALS, 0, 0);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		purlin_signal_notify(SIGNAL_THERE, 1ull << round % BITS);
		while (!take(own, 1))
			purlin_vcpu_wait();
	}
	job_wait(WORKER);
	check("signals there and back", 0, 0);

	job_start(WORKER, COLLECT_SIGNALS, 0, 0);
	for (unsigned int round = 0; round < STORM; round++) {
		store(&sent[round % BITS], sent[round % BITS] + 1);
		purlin_signal_notify(SIGNAL_THERE, 1ull << round % BITS);
	}
	do {
		missing = 0;
		for (unsigned int bit = 0; bit < BITS; bit++)
			missing += load(&seen[bit]) != sent[bit];
	} while (missing);
	store(&areas[WORKER].stop, 1);
	purlin_signal_notify(SIGNAL_THERE, 1);
	job_wait(WORKER);
	check("a storm of signals: none is lost", missing, 0);
}

static void alerts_send(const char *name, enum job job)
{
	struct area *worker = &areas[WORKER];

	worker->alerts = 0;
	several_process_make(SPACE);
	job_start(WORKER, job, SPACE, PAGE);
	for (purlin_u64 round = 1; round <= ROUNDS; round++) {
		purlin_vcpu_alert(GUEST_SLOT_SECOND);
		while (load(&worker->alerts) != round)
			;
	}
	store(&worker->stop, 1);
	if (job == SPIN_IN_USER_MODE)
		purlin_vcpu_alert(GUEST_SLOT_SECOND);
	job_wait(WORKER);
	check(name, worker->alerts >= ROUNDS, 1);
}

static void check_other_alerts(void)
{
	struct area *worker = &areas[WORKER];

	alerts_send("alerts of a vCPU in kernel mode", SPIN_WITHOUT_EVENTS);
	alerts_send("alerts of a vCPU in user mode", SPIN_IN_USER_MODE);
	job_start(WORKER, WAIT, 0, 0);
	while (__atomic_load_n(&worker->state.running, __ATOMIC_ACQUIRE))
		;
	purlin_vcpu_alert(GUEST_SLOT_SECOND);
	job_wait(WORKER);
	check("an alert ends a wait", worker->state.alert_pending, 0);
	while (!__atomic_load_n(&worker->state.running, __ATOMIC_ACQUIRE))
		;
}

/* A vCPU of the same processor: it runs when it is named, and says so. */
static void check_yields(void)
{
	struct area *neighbour = &areas[NEIGHBOUR];
	purlin_u64 given = 0;

	check("a third vCPU",
	      (purlin_u64)purlin_vcpu_create(PURLIN_SLOT_PD, NEIGHBOUR_SLOT, 0, PRIORITY), 0);
	job_start(NEIGHBOUR, YIELD_BACK, 0, 0);
	purlin_vcpu_start(NEIGHBOUR_SLOT, (purlin_u64)several_entry,
			  (purlin_u64)(stacks[NEIGHBOUR + 1]), NEIGHBOUR, 0);
	while (!load(&neighbour->result))
		purlin_vcpu_yield_to(NEIGHBOUR_SLOT);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		purlin_u64 before = load(&neighbour->result);

		if (!purlin_vcpu_yield_to(NEIGHBOUR_SLOT))
			given += load(&neighbour->result) != before;
	}
	/* A slice may end just then. */
	check("a slice goes to the one that is named", given > ROUNDS / 2, 1);
	check("which had to wait", neighbour->state.steal > 0, 1);
	check("and does not run now", neighbour->state.running, 0);
	store(&neighbour->stop, 1);
	while (load(&neighbour->job))
		purlin_vcpu_yield_to(NEIGHBOUR_SLOT);
	check("but not to one that runs elsewhere",
	      (purlin_u64)purlin_vcpu_yield_to(GUEST_SLOT_SECOND), (purlin_u64)PURLIN_AGAIN);
}

/* It runs on the other processor until the call that destroys it returns, and not later. */
static void check_destruction(void)
{
	purlin_u64 count;

	several_process_make(SPACE);
	reach()->count = 0;
	job_start(WORKER, READ_IN_USER_MODE, SPACE, PAGE);
	while (reach()->count < WARM)
		;
	check("a running vCPU destroyed", (purlin_u64)purlin_object_destroy(GUEST_SLOT_SECOND), 0);
	count = reach()->count;
	for (unsigned int i = 0; i < 100 * WARM; i++)
		__asm__ volatile("pause");
	check("  it does not run any more", reach()->count, count);
}

void several_prepare(void)
{
	char *code = (char *)frame_of(FRAMES);

	for (unsigned int i = 0; &((const char *)several_reader)[i] < several_code_end; i++)
		code[i] = ((const char *)several_reader)[i];
	for (purlin_u64 page = 0; page < POOL_PAGES; page++) {
		*frame_of(POOL + page * 4096) = page + 1;
		frame_of(TABLE)[page] = (POOL + page * 4096) | HELD;
	}
	area_begin(CONDUCTOR, PURLIN_SLOT_THREAD);
	purlin_space_create(PURLIN_SLOT_PD, SPACE);
	purlin_space_create(PURLIN_SLOT_PD, OTHER_SPACE);
	check("a second vCPU",
	      (purlin_u64)purlin_vcpu_create(PURLIN_SLOT_PD, GUEST_SLOT_SECOND, 1, PRIORITY), 0);
	purlin_vcpu_start(GUEST_SLOT_SECOND, (purlin_u64)several_entry,
			  (purlin_u64)(stacks[WORKER + 1]), WORKER, 0);
}

void several(void)
{
	several_prepare();
	check_lower_half();
	check_kernel_half();
	check_memory(PAGE, "memory detached: in a space");
	check_memory(ZONE, "memory detached: in the kernel half");
	check_batches("batches of two vCPUs in one space", AREA_PAGES, AREA_PAGES, SPACE);
	check_batches("batches in the kernel half", ZONE, ZONE, SPACE);
	check_batches("batches in two spaces", AREA_PAGES, AREA_PAGES, OTHER_SPACE);
	check_maps();
	check_signals();
	check_other_alerts();
	check_yields();
	check_destruction();
}
