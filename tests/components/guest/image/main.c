/* SPDX-License-Identifier: MIT */
/* The guest kernel's side of the checks of abi/purlin/vcpu.h. */
#include "../crossing.h"
#include "../report.h"
#include "purlin/boot.h"
#include "image.h"
#include "mappings.h"
#include "registers.h"

void guest_main(purlin_u64 mode, purlin_u64 which);
_Noreturn void fuzz_start(purlin_u64 which);
void user_run(purlin_u64 call);
void upcall_event(void);
extern char kernel_load_end[], kernel_store_end[];
void critical_ud2(void);
extern const char user_int3[], user_divide[], user_int80[], user_flags[], user_loop[], user_nop[],
	user_far_jump[], user_far_return[], user_iret[], user_load_ss[];

struct kernel_frame {
	purlin_u64 r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax, rip, rflags;
};
void kernel_upcall(struct kernel_frame *frame);

extern int purlin_test_vector;

#define LAST_PAGE 0x7ffffffff000ull
#define USER_PAGE ((const char *)user_syscalls)

struct purlin_vcpu_state state __attribute__((aligned(4096)));

static struct report *report(void)
{
	return (struct report *)(GUEST_LINEAR_BASE + GUEST_REPORT_ADDRESS);
}

void check(const char *name, purlin_u64 got, purlin_u64 want)
{
	struct report *to = report();
	unsigned int i;

	if (to->lines == REPORT_LINES)
		return;
	for (i = 0; name[i] && i < REPORT_NAME - 1; i++)
		to->line[to->lines].name[i] = name[i];
	to->line[to->lines].got = got;
	to->line[to->lines].want = want;
	to->lines++;
}

purlin_u64 program(const char *start)
{
	return CODE + (purlin_u64)(start - USER_PAGE);
}

void note(purlin_u64 word0, purlin_u64 word1)
{
	state.batch[state.batch_count].word0 = word0;
	state.batch[state.batch_count].word1 = word1;
	__atomic_store_n(&state.batch_count, state.batch_count + 1, __ATOMIC_RELEASE);
}

void note_nothing(void)
{
	note(HOLE | PURLIN_BATCH_UNMAP, 1);
}

/* Of the guest's own table, which is empty there. */
void note_table_nothing(void)
{
	note((DATA + 0x2000) | PURLIN_BATCH_TABLE, FRAMES + 0x8000);
}

void map(purlin_u64 virtual_address, purlin_u64 guest_address, purlin_u64 rights)
{
	note(virtual_address | PURLIN_BATCH_MAP, guest_address | rights);
}
/* Upcalls from guest kernel mode: remember, and get over the faults that the checks cause. */
struct last last;

void kernel_upcall(struct kernel_frame *frame)
{
	last.count++;
	last.vector = state.frame.vector;
	last.error = state.frame.error;
	last.cr2 = state.frame.cr2;
	last.from_user = state.frame.from_user;
	last.rflags = frame->rflags;
	last.enabled = state.events_enabled;
	if (last.vector == PURLIN_VECTOR_EVENT) {
		state.events_pending = 0;
		return;
	}
	if (last.vector == PURLIN_VECTOR_ALERT)
		return;
	if (frame->rip == (purlin_u64)registers_fault_instruction) {
		frame->rip = (purlin_u64)registers_fault_end;
	} else if (frame->rip == (purlin_u64)kernel_load) {
		frame->rip = (purlin_u64)kernel_load_end;
		frame->rax = ~0ull;
	} else if (frame->rip == (purlin_u64)kernel_store) {
		frame->rip = (purlin_u64)kernel_store_end;
		frame->rax = ~0ull;
	} else if (frame->rip < PURLIN_GUEST_USER_END) {
		/* kernel_execute: back to its return address. */
		frame->rip = (purlin_u64)kernel_store_end;
	}
}

void run(purlin_u64 call, purlin_u64 rip, purlin_u64 rflags)
{
	purlin_test_vector = 0;
	state.frame.rip = rip;
	state.frame.rflags = rflags;
	state.frame.rax = user_registers[RAX];
	state.frame.rcx = user_registers[RCX];
	state.frame.r11 = user_registers[R11];
	user_run(call);
}

purlin_u64 take_events(unsigned int word)
{
	state.events_pending = 0;
	__atomic_exchange_n(&state.pending_words, 0, __ATOMIC_SEQ_CST);
	return __atomic_exchange_n(&state.pending[word], 0, __ATOMIC_SEQ_CST);
}

static void configure(void)
{
	purlin_u64 gpa = (purlin_u64)&state - GUEST_IMAGE_BASE;

	state.deadline = state.armed = ~0ull;
	check("configure: unaligned",
	      (purlin_u64)purlin_vcpu_configure(PURLIN_SLOT_THREAD, gpa + 8,
						(purlin_u64)upcall_syscall,
						(purlin_u64)upcall_event, 0),
	      (purlin_u64)PURLIN_BAD_ARGUMENT);
	check("configure: outside",
	      (purlin_u64)purlin_vcpu_configure(PURLIN_SLOT_THREAD, GUEST_RAM_PAGES * 4096ull,
						(purlin_u64)upcall_syscall,
						(purlin_u64)upcall_event, 0),
	      (purlin_u64)PURLIN_BAD_ARGUMENT);
	check("configure: entry in the lower half",
	      (purlin_u64)purlin_vcpu_configure(PURLIN_SLOT_THREAD, gpa, 0x1000,
						(purlin_u64)upcall_event, 0),
	      (purlin_u64)PURLIN_BAD_ARGUMENT);
	check("configure: entry not canonical",
	      (purlin_u64)purlin_vcpu_configure(PURLIN_SLOT_THREAD, gpa, 0x800000000000,
						(purlin_u64)upcall_event, 0),
	      (purlin_u64)PURLIN_BAD_ARGUMENT);
	check("configure",
	      (purlin_u64)purlin_vcpu_configure(PURLIN_SLOT_THREAD, gpa, (purlin_u64)upcall_syscall,
						(purlin_u64)upcall_event, GUEST_LINEAR_BASE),
	      0);
}

static void process_make(void)
{
	char *code = (char *)(GUEST_LINEAR_BASE + FRAMES);

	for (unsigned int i = 0; i < 4096; i++)
		code[i] = USER_PAGE[i];
	check("space_create", (purlin_u64)purlin_space_create(PURLIN_SLOT_PD, SPACE_ONE), 0);
	check("space_create: second", (purlin_u64)purlin_space_create(PURLIN_SLOT_PD, SPACE_TWO),
	      0);
	check("switch: no space there", (purlin_u64)purlin_vcpu_switch(PURLIN_SLOT_PD),
	      (purlin_u64)PURLIN_BAD_CAPABILITY);
	check("switch", (purlin_u64)purlin_vcpu_switch(SPACE_ONE), 0);
	map(CODE, FRAMES, RX);
	map(DATA, FRAMES + 0x1000, RW);
	user_registers[RSP] = DATA + 0xff8;
}

static void check_syscalls(void)
{
	for (unsigned int i = RBX; i < GS; i++)
		if (i != RSP)
			user_registers[i] = 0x1111111111111111ull * i;
	user_registers[RAX] = 0x1234;
	user_registers[GS] = 0x7000dead0000;
	run(RESUME_SYSCALL, program(user_syscalls), IF);
	check("syscall: upcall", (purlin_u64)(purlin_s64)purlin_test_vector, ~0ull);
	check("syscall: rip", state.frame.rip, program(user_syscalls) + 2);
	check("syscall: rax", user_registers[RAX], 0x1234);
	check("syscall: rdi", user_registers[RDI], 0x1111111111111111ull * RDI);
	check("syscall: r15", user_registers[R15], 0x1111111111111111ull * R15);
	check("syscall: rsp", user_registers[RSP], DATA + 0xff8);
	check("syscall: user gs", state.frame.user_gs, 0x7000dead0000);
	check("syscall: events disabled", state.events_enabled, 0);
	check("syscall: flags have IF", state.frame.rflags & IF, IF);
	run(RESUME_SYSCALL, state.frame.rip, state.frame.rflags | 1);
	check("resume_syscall: rcx is rip", user_registers[RBX], program(user_syscalls) + 2);
	check("resume_syscall: r11 is flags", user_registers[RBP] & 0x201, 0x201);
	user_registers[RCX] = 77;
	user_registers[R11] = 88;
	run(RESUME_USER, program(user_ud2), IF);
	check("resume_user: rcx", user_registers[RCX], 77);
	check("resume_user: r11", user_registers[R11], 88);
}

static void check_exceptions(void)
{
	static const struct {
		const char *name, *start;
		purlin_u64 vector, error, skip;
	} table[] = {
		{ "#UD", user_ud2, 6, 0, 0 },
		{ "#BP", user_int3, 3, 0, 1 },
		{ "#DE", user_divide, 0, 0, 2 },
		{ "#GP of hlt", user_hlt, 13, 0, 0 },
		{ "#GP of int 0x80", user_int80, 13, 0x80 * 8 + 2, 0 },
	};

	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		run(RESUME_USER, program(table[i].start), IF);
		check(table[i].name, state.frame.vector, table[i].vector);
		/* QEMU's TCG reports gates in units of 16 where the SDM (3A, 6.13) has 8: the low
		 * bits tell. */
		check("  error", state.frame.error & 7, table[i].error & 7);
		check("  rip", state.frame.rip, program(table[i].start) + table[i].skip);
		check("  from user", state.frame.from_user, 1);
	}
	run(RESUME_USER, 0x800000000000, IF);
	check("resume_user: rip not canonical", state.frame.vector, 13);
	check("  rip", state.frame.rip, 0x800000000000);
	run(RESUME_SYSCALL, PURLIN_GUEST_KERNEL_BASE, IF);
	check("resume_syscall: rip in the upper half", state.frame.vector, 13);
	run(RESUME_USER, program(user_step), IF | TF);
	check("single step: #DB", state.frame.vector, 1);
	check("  rip", state.frame.rip, program(user_step) + 1);
	run(RESUME_USER, program(user_flags), IF | 0x3000 | 0x4000 | 0x20000 | 0x40000);
	check("flags: no IOPL VM, AC and NT kept", user_registers[RBX] & 0x67000, 0x44000);
	run(RESUME_SYSCALL, program(user_flags), 0x3000 | 0x4000);
	check("flags by sysret: IF set, no IOPL", user_registers[RBX] & 0x3200, IF);
}

/*
 * There is one code segment: no other can be jumped to, none of 32 bits above all, since CS is no
 * part of the frame that an upcall reports. The first four mean one descriptor, the fifth an LDT,
 * then the TSS, the kernel's code, a data segment, nothing.
 */
static void check_segments(void)
{
	static const purlin_u64 selectors[] = { 0x23, 0x20, 0x21, 0x22, 0x27, 0x43, 0x13, 0x2b, 0 };
	static const struct {
		const char *name, *start;
	} ways[] = {
		{ "far jump", user_far_jump },
		{ "far return", user_far_return },
		{ "iret", user_iret },
	};

	for (unsigned int way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
		unsigned int wrong = 0;

		for (unsigned int i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
			user_registers[RSP] = DATA + 0xff8;
			user_registers[RBX] = selectors[i];
			run(RESUME_USER, program(ways[way].start), IF);
			/* QEMU before 8.0 reads the frame as ring 0 would: SMAP forbids that. */
			if (state.frame.vector == 14 && state.frame.error == 1)
				continue;
			if (state.frame.vector != 13 ||
			    state.frame.error != (selectors[i] & 0xfffc))
				wrong |= 1u << i;
		}
		check(ways[way].name, wrong, 0);
	}
	user_registers[RSP] = DATA + 0xff8;
	for (unsigned int i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
		user_registers[RBX] = selectors[i];
		run(RESUME_USER, program(user_load_ss), IF);
		if (selectors[i] == 0x2b)
			check("SS: its own", (purlin_u64)(purlin_s64)purlin_test_vector, ~0ull);
		else
			check("SS: any other", state.frame.vector, 13);
	}
}

/* The last page that can be mapped, and what comes after it. */
static void check_end(void)
{
	volatile char *frame = (volatile char *)(GUEST_LINEAR_BASE + FRAMES + 0x5000);

	frame[0xfff] = *user_nop;
	map(LAST_PAGE - 0x1000, FRAMES + 0x5000, RX);
	run(RESUME_USER, LAST_PAGE - 1, IF);
	check("behind the end: #PF", state.frame.vector, 14);
	check("  rip", state.frame.rip, LAST_PAGE);
	check("  cr2", state.frame.cr2, LAST_PAGE);
	run(RESUME_SYSCALL, 0x7fffffffffff, IF);
	check("the last byte: #PF", state.frame.vector, 14);
	/* The processor still has that address: it may be somebody else's. */
	state.frame.cr2 = 0x77;
	run(RESUME_USER, program(user_ud2), IF);
	check("#UD does not tell CR2", state.frame.cr2, 0x77);
}

purlin_u64 now(void)
{
	purlin_u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (purlin_u64)high << 32 | low;
}

static void check_events(void)
{
	purlin_u64 due;

	purlin_signal_notify(PURLIN_SLOT_EVENTS + 1, 0x30);
	check("event: pending", state.events_pending, 1);
	check("event: words", state.pending_words, 2);
	check("event: bits", take_events(1), 0x30);

	last.count = 0;
	state.events_enabled = 1;
	purlin_signal_notify(PURLIN_SLOT_EVENTS, 0x2);
	check("event: upcall in kernel mode", last.count, 1);
	check("  vector", last.vector, PURLIN_VECTOR_EVENT);
	check("  flags: events were enabled", last.rflags & IF, IF);
	check("  disabled in the handler", last.enabled, 0);
	check("  enabled again by resume_kernel", state.events_enabled, 1);
	state.events_enabled = 0;
	check("  bits", take_events(0), 2);

	purlin_signal_notify(PURLIN_SLOT_EVENTS, 0x4);
	run(RESUME_SYSCALL, program(user_ud2), IF);
	check("event before the first instruction", state.frame.vector, PURLIN_VECTOR_EVENT);
	check("  rip", state.frame.rip, program(user_ud2));
	take_events(0);

	/* So far away that it cannot have passed, however long the machine was held up. */
	due = now() + 1000000000000;
	state.deadline = due;
	check("deadline", (purlin_u64)purlin_vcpu_deadline(), 0);
	check("deadline: armed", state.armed, due);
	due = now() + 30000000;
	state.deadline = due;
	purlin_vcpu_deadline();
	user_registers[RBX] = 0;
	run(RESUME_SYSCALL, program(user_spin), IF);
	check("timer interrupts a process", state.frame.vector, PURLIN_VECTOR_EVENT);
	check("  bit", take_events(0), 1);
	check("  not early", now() >= due, 1);

	state.deadline = now() + 3000000;
	purlin_vcpu_deadline();
	check("wait", (purlin_u64)purlin_vcpu_wait(), 0);
	check("wait: woken by the timer", take_events(0), 1);
	state.deadline = now();
	purlin_vcpu_deadline();
	check("deadline in the past", take_events(0), 1);
}

static void misbehave(purlin_u64 mode)
{
	switch (mode) {
	case GUEST_BAD_BATCH_OPERATION:
		note(0x1000 | 9, 0);
		break;
	case GUEST_BAD_BATCH_ADDRESS:
		map(0x1000, GUEST_RAM_PAGES * 4096ull, RW);
		break;
	case GUEST_BAD_BATCH_RANGE:
		note(0xffff800000000000 | PURLIN_BATCH_UNMAP, 1);
		break;
	case GUEST_BAD_BATCH_LAST_PAGE:
		map(LAST_PAGE, FRAMES, RX);
		break;
	case GUEST_BAD_TABLE_LAST_PAGE:
		*(volatile purlin_u64 *)(GUEST_LINEAR_BASE + TABLE) = FRAMES | ENTRY;
		note_table(LAST_PAGE - 0x1000, 2, 0);
		break;
	case GUEST_BAD_BATCH_COUNT:
		state.batch_count = PURLIN_BATCH_ENTRIES + 1;
		break;
	case GUEST_BAD_TABLE_ADDRESS:
		note(CODE | PURLIN_BATCH_TABLE, 0x7000000000);
		break;
	case GUEST_BAD_TABLE_ALIGNMENT:
		note(CODE | PURLIN_BATCH_TABLE, TABLE + 4);
		break;
	case GUEST_BAD_TABLE_END:
		note(CODE | PURLIN_BATCH_TABLE | 1 << 4, TABLE + 511 * 8);
		break;
	case GUEST_BAD_TABLE_ENTRY:
		*(volatile purlin_u64 *)(GUEST_LINEAR_BASE + TABLE) = 0x7000000000 | ENTRY;
		note_table(CODE, 1, 0);
		break;
	case GUEST_BAD_BATCH_SPACE:
		note(PURLIN_BATCH_SPACE, PURLIN_SLOT_PD);
		break;
	case GUEST_FAULT_IN_CRITICAL_RANGE:
		state.critical_start = (purlin_u64)critical_ud2;
		state.critical_end = (purlin_u64)critical_ud2 + 2;
		critical_ud2();
		break;
	}
	purlin_vcpu_apply();
}

static void measure(void)
{
	enum { ROUNDS = 1000 };
	purlin_u64 start = now();

	user_registers[RBX] = ROUNDS;
	run(RESUME_SYSCALL, program(user_loop), IF);
	for (unsigned int i = 1; i < ROUNDS; i++)
		run(RESUME_SYSCALL, state.frame.rip, state.frame.rflags);
	check("system call and resume, TSC ticks", (now() - start) / ROUNDS, ~0ull);
}

/* Every entry needs tables of its own: far more in all than the account can pay. */
static void map_widely(purlin_u64 start)
{
	for (unsigned int i = 0; i < 2000; i++) {
		map(start + i * 0x40000000ull, FRAMES + 0x1000, RW);
		if (state.batch_count == 100)
			purlin_vcpu_apply();
	}
	purlin_vcpu_apply();
}

static void poor(purlin_u64 mode)
{
	purlin_u64 slot = 110;

	map_widely(HOLE);
	kernel_load((purlin_u64 *)(HOLE + 1999 * 0x40000000ull));
	check("the last mapping is there", last.count, 0);
	if (mode == GUEST_POOR)
		return;
	/* Spaces take all there is but a few pages, mappings included. */
	while (!purlin_space_create(PURLIN_SLOT_PD, slot))
		slot++;
	map_widely(HOLE);
	kernel_load((purlin_u64 *)(HOLE + 1999 * 0x40000000ull));
	check("the last mapping is there again", last.count, 0);
	/* Nothing can be dropped for the kernel half at last: tables for one entry are too many. */
	map_widely(KERNEL_HOLE);
}

/* A process with 100,352 small pages, which go in each way there is. */
#define MANY_AREA 0x10000000000ull
#define MANY_ENTRIES 392 /* of 256 pages each */

static void map_many(purlin_u64 operation, purlin_u64 word1)
{
	for (unsigned int i = 0; i < MANY_ENTRIES; i++) {
		note((MANY_AREA + i * 0x100000ull) | 0xff0 | operation, word1);
		if (state.batch_count == 100)
			purlin_vcpu_apply();
	}
	purlin_vcpu_apply();
}

static void expect_many(const char *what, purlin_u64 vector)
{
	check(what, vector_of_load(MANY_AREA + MANY_ENTRIES * 0x100000ull - 0x1000), vector);
}

static void many(void)
{
	volatile purlin_u64 *table = (volatile purlin_u64 *)(GUEST_LINEAR_BASE + TABLE);

	for (unsigned int i = 0; i < 512; i++)
		table[i] = FRAMES | WRITABLE_ENTRY;
	map_many(PURLIN_BATCH_MAP, FRAMES | RW);
	expect_many("many pages: mapped", 0);
	note(MANY_AREA | PURLIN_BATCH_WRITE_PROTECT, MANY_ENTRIES * 256);
	purlin_vcpu_apply();
	expect_many("many pages: write-protected", 0);
	note(MANY_AREA | PURLIN_BATCH_UNMAP, MANY_ENTRIES * 256);
	purlin_vcpu_apply();
	expect_many("many pages: unmapped", 14);
	map_many(PURLIN_BATCH_TABLE, TABLE);
	expect_many("many pages: by the guest's table", 0);
	check("many pages: another space", (purlin_u64)purlin_vcpu_switch(SPACE_TWO), 0);
	check("many pages: their space is destroyed", (purlin_u64)purlin_object_destroy(SPACE_ONE),
	      0);
	/* These go with the guest's memory. */
	map_many(PURLIN_BATCH_TABLE, TABLE);
	expect_many("many pages: in the other space", 0);
}

purlin_s64 configure_again(void)
{
	return purlin_vcpu_configure(PURLIN_SLOT_THREAD, (purlin_u64)&state - GUEST_IMAGE_BASE,
				     (purlin_u64)upcall_syscall, (purlin_u64)upcall_event,
				     GUEST_LINEAR_BASE);
}

static void check_reconfigure(void)
{
	/* Preempted in user mode before: that must not count now. */
	state.deadline = now() + 3000000;
	purlin_vcpu_deadline();
	run(RESUME_SYSCALL, program(user_spin), IF);
	purlin_vcpu_wait();
	take_events(0);
	check("configure again", (purlin_u64)configure_again(), 0);
	run(RESUME_SYSCALL, program(user_ud2), IF);
	check("  user mode works", state.frame.vector, 6);
}

/* The component that started this one has filled its registers. */
static void check_crossing(const struct crossing *seen)
{
	check("crossing: x87 instruction", seen->environment[CROSSING_INSTRUCTION], 0);
	check("crossing: x87 operand", seen->environment[CROSSING_OPERAND], 0);
	check("crossing: selectors", seen->selectors, 0);
	check("crossing: MXCSR", seen->mxcsr, 0x1f80);
	check("crossing: XMM7", seen->xmm, 0);
}

/* Until somebody ends it: nothing but the guest's own root is loaded. */
_Noreturn static void without_space(purlin_u64 waits)
{
	if (waits)
		configure();
	report()->state = (purlin_u64)&state - GUEST_IMAGE_BASE;
	for (;;) {
		__atomic_add_fetch(&report()->turns, 1, __ATOMIC_RELEASE);
		if (waits)
			purlin_vcpu_wait();
	}
}

void guest_main(purlin_u64 mode, purlin_u64 which)
{
	struct crossing seen;

	crossing_look(&seen);
	if (mode == GUEST_FUZZ)
		fuzz_start(which);
	if (mode == GUEST_SEVERAL || mode == GUEST_RACES) {
		if (mode == GUEST_RACES)
			races();
		else
			several();
		report()->done = 1;
		purlin_thread_exit(0);
	}
	if (mode == GUEST_SPINS || mode == GUEST_WAITS)
		without_space(mode == GUEST_WAITS);
	if (mode == GUEST_FAULT_UNCONFIGURED)
		critical_ud2();
	configure();
	if (mode == GUEST_BAD_BATCH_NO_SPACE) {
		map(0x1000, FRAMES, 0);
		purlin_vcpu_apply();
	}
	process_make();
	if (mode == GUEST_POOR || mode == GUEST_POOR_STOPS)
		poor(mode);
	else if (mode == GUEST_MANY)
		many();
	else if (mode == GUEST_REGISTERS)
		check_registers();
	else if (mode >= GUEST_BAD_BATCH_OPERATION)
		misbehave(mode);
	else
		check_syscalls();
	if (mode == GUEST_MEASURE) {
		report()->lines = 0;
		measure();
	} else if (mode == GUEST_CHECKS) {
		check_crossing(&seen);
		check_exceptions();
		check_segments();
		check_end();
		check_mappings();
		check_table();
		check_large();
		check_spaces();
		check_events();
		check_reconfigure();
		check_alerts();
		check_watches(DATA, report()->watched);
	}
	report()->done = 1;
	crossing_fill((double *)report()->operand);
	purlin_thread_exit(0);
}
