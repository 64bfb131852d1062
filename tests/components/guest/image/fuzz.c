/* SPDX-License-Identifier: MIT */
/*
 * Two vCPUs of one guest do anything at random: calls, batches, resumes with any frame, and
 * each writes into the state pages of both while the other uses them. Whatever an upcall
 * brings, it starts anew.
 */
#include "../../fuzz_call.h"
#include "../report.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"

_Noreturn void fuzz_start(purlin_u64 which);
_Noreturn void fuzz_loop(purlin_u64 which);
void fuzz_upcall0(void);
void fuzz_upcall1(void);
extern const char user_syscalls[];

#define CODE 0x400000ull
#define FRAMES 0x200000ull
#define TABLES 0x280000ull /* a page table of the guest's own */
#define KERNEL_ZONE 0xffffc90000000000ull
#define SPACES 100
#define RW (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define RX (PURLIN_MAP_READ | PURLIN_MAP_EXECUTE)

static struct purlin_vcpu_state states[2] __attribute__((aligned(4096)));
static purlin_u64 generator[2];

static struct report *report(void)
{
	return (struct report *)(GUEST_LINEAR_BASE + GUEST_REPORT_ADDRESS);
}

static purlin_u64 next(purlin_u64 which)
{
	return fuzz_random(&generator[which]);
}

static int one_of(purlin_u64 which, purlin_u64 count)
{
	return next(which) % count == 0;
}

static purlin_u64 wild(purlin_u64 which)
{
	purlin_u64 random = next(which);

	switch (next(which) % 4) {
	case 0:
		return random << 8 ^ random;
	case 1:
		return 1ull << random % 64;
	case 2:
		return (1ull << random % 64) - 1;
	default:
		return 0 - random % 8192;
	}
}

static purlin_u64 restart(purlin_u64 which)
{
	return which ? (purlin_u64)fuzz_upcall1 : (purlin_u64)fuzz_upcall0;
}

/* Pages near each other, and far apart, in both halves. */
static purlin_u64 zone(purlin_u64 which)
{
	purlin_u64 at = (next(which) % 32) << (12 + 9 * (next(which) % 3));

	return one_of(which, 3) ? KERNEL_ZONE + at : CODE + at;
}

static purlin_u64 frame(purlin_u64 which)
{
	return one_of(which, 4) ? FRAMES : FRAMES + next(which) % 64 * 4096;
}

static void entry(purlin_u64 which, struct purlin_batch_entry *to)
{
	purlin_u64 address = zone(which), operation = 1 + next(which) % 5;

	if (one_of(which, 100000)) {
		to->word0 = wild(which);
		to->word1 = wild(which);
		return;
	}
	to->word0 = address | operation;
	if (operation == PURLIN_BATCH_MAP) {
		to->word0 |= next(which) % 16 << 4;
		to->word1 = frame(which) | (one_of(which, 2) ? RW : RX);
	} else if (operation == PURLIN_BATCH_TABLE) {
		to->word0 |= next(which) % 256 << 4;
		to->word1 = TABLES + next(which) % 256 * 8;
	} else if (operation == PURLIN_BATCH_SPACE) {
		to->word1 = one_of(which, 3) ? 0 : SPACES + next(which) % 2;
	} else if (address < PURLIN_GUEST_USER_END && one_of(which, 64)) {
		/* All of the lower half. */
		to->word0 = operation;
		to->word1 = PURLIN_GUEST_USER_END / 4096;
	} else {
		/* An interrupted batch goes on in the middle of one that has replaced it: same
		 * sizes. */
		to->word1 = 600;
	}
}

/* Entries change while the other vCPU's batch reads them. */
static void table(purlin_u64 which)
{
	volatile purlin_u64 *tables = (purlin_u64 *)(GUEST_LINEAR_BASE + TABLES);

	for (unsigned int i = 0; i < 16; i++)
		tables[next(which) % 512] =
			frame(which) |
			(next(which) &
			 (PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED | PURLIN_ENTRY_RIGHTS) &
			 ~(purlin_u64)(PURLIN_ENTRY_UNCACHED | PURLIN_ENTRY_WRITE_COMBINING));
}

static void batch(purlin_u64 which)
{
	struct purlin_vcpu_state *state = &states[which];
	unsigned int count = (unsigned int)(next(which) % 40);

	table(which);

	for (unsigned int i = 0; i < count; i++)
		entry(which, &state->batch[i]);
	state->batch_count = one_of(which, 10000) ? (purlin_u32)wild(which) : count;
	if (one_of(which, 3))
		purlin_vcpu_switch(SPACES + next(which) % 3);
	else if (one_of(which, 2))
		purlin_vcpu_apply();
}

static void resume(purlin_u64 which)
{
	static const purlin_u64 none[6];
	struct purlin_vcpu_state *state = &states[which];
	purlin_u64 number = next(which) % 3;

	state->frame.rip = number == PURLIN_CALL_VCPU_RESUME_KERNEL ? restart(which) :
								      CODE + next(which) % 128;
	if (one_of(which, 16))
		state->frame.rip = wild(which);
	state->frame.rflags = wild(which);
	state->frame.rax = wild(which);
	/* Something has to come and end what loops. */
	state->deadline = __builtin_ia32_rdtsc() + next(which) % 3000000;
	purlin_vcpu_deadline();
	__asm__ volatile("wrgsbase %0" : : "r"(next(which) % 2 ? 0x1000 : GUEST_LINEAR_BASE));
	fuzz_call(number, none);
}

/* Fields of either state page, as the other processor may meet them at any instruction. */
static void scribble(purlin_u64 which)
{
	struct purlin_vcpu_state *state = &states[next(which) % 2];
	purlin_u64 *word = (purlin_u64 *)state;

	switch (next(which) % 8) {
	case 0:
		state->events_enabled = (purlin_u8)next(which);
		break;
	case 1:
		state->events_pending = (purlin_u8)next(which);
		break;
	case 2:
		state->deadline = __builtin_ia32_rdtsc() + next(which) % 100000;
		break;
	case 3:
		entry(which, &state->batch[next(which) % 40]);
		break;
	case 4:
		state->batch_count = (purlin_u32)(next(which) % 41);
		break;
	case 5:
		state->message.word[next(which) % 64] =
			one_of(which, 2) ? next(which) % 64 : wild(which);
		break;
	default:
		/* The frame, or anything up to the critical range. */
		word[1 + next(which) % (one_of(which, 256) ? 18 : 9)] = wild(which);
	}
}

static purlin_u64 argument(purlin_u64 which)
{
	switch (next(which) % 16) {
	case 0:
		return wild(which);
	case 1:
	case 2:
		return zone(which);
	case 3:
	case 4:
		return frame(which);
	case 5:
		return 0x10000000 + next(which) % 32 * 4096;
	case 6:
		return SPACES + next(which) % 3;
	case 7:
	case 8:
		return next(which) % 32;
	default:
		return next(which) % 56;
	}
}

/* What would soon end it all, or put it to sleep, is rare. */
static int too_much(purlin_u64 which, purlin_u64 number, const purlin_u64 *word)
{
	switch (number) {
	case PURLIN_CALL_THREAD_EXIT:
		return !one_of(which, 1024);
	case PURLIN_CALL_ENDPOINT_CALL:
	case PURLIN_CALL_ENDPOINT_RECEIVE:
	case PURLIN_CALL_ENDPOINT_REPLY_RECEIVE:
	case PURLIN_CALL_SIGNAL_WAIT:
		return !one_of(which, 256);
	case PURLIN_CALL_OBJECT_DESTROY:
		return (word[0] < 32 || word[0] >= SPACES) && !one_of(which, 1024);
	case PURLIN_CALL_CAP_DELETE:
		return (word[1] < 8 || word[1] >= SPACES) && !one_of(which, 1024);
	case PURLIN_CALL_GUEST_UNMAP:
	case PURLIN_CALL_GUEST_DETACH:
		return word[1] - KERNEL_ZONE > 1ull << 40 && !one_of(which, 1024);
	default:
		return 0;
	}
}

static void any_call(purlin_u64 which)
{
	purlin_u64 number = 3 + next(which) % (PURLIN_CALLS - 2), word[6];

	word[0] = next(which) % 8 ? next(which) % 24 : argument(which);
	for (unsigned int i = 1; i < 6; i++)
		word[i] = argument(which);
	if (number == PURLIN_CALL_VCPU_CONFIGURE) {
		word[0] = which ? GUEST_SLOT_SECOND : PURLIN_SLOT_THREAD;
		word[2] = word[3] = restart(which);
		if (one_of(which, 2))
			word[1] = (purlin_u64)&states[next(which) % 2] - GUEST_IMAGE_BASE;
	} else if (number == PURLIN_CALL_VCPU_SWITCH && !one_of(which, 256)) {
		/* Without a space batches soon are bad. */
		word[0] = SPACES + next(which) % 2;
	} else if (number >= PURLIN_CALL_GUEST_ATTACH && number <= PURLIN_CALL_SPACE_CREATE) {
		word[0] = PURLIN_SLOT_PD;
	}
	if (number == PURLIN_CALL_SPACE_CREATE && one_of(which, 2))
		word[1] = SPACES + next(which) % 2;
	if (!too_much(which, number, word))
		fuzz_call(number, word);
}

_Noreturn void fuzz_loop(purlin_u64 which)
{
	for (;;) {
		report()->steps[which]++;
		switch (next(which) % 8) {
		case 0:
			batch(which);
			break;
		case 1:
			resume(which);
			break;
		case 2:
		case 3:
		case 4:
			scribble(which);
			break;
		default:
			any_call(which);
		}
	}
}

/* Once for both, before the other one looks. */
static void prepare(void)
{
	for (unsigned int i = 0; i < PURLIN_BATCH_ENTRIES; i++) {
		entry(0, &states[0].batch[i]);
		entry(0, &states[1].batch[i]);
	}
	purlin_space_create(PURLIN_SLOT_PD, SPACES);
	purlin_space_create(PURLIN_SLOT_PD, SPACES + 1);
	/* The programs of entry.S. */
	for (unsigned int i = 0; i < 4096; i++)
		((char *)(GUEST_LINEAR_BASE + FRAMES))[i] = user_syscalls[i];
}

_Noreturn void fuzz_start(purlin_u64 which)
{
	purlin_u64 state = (purlin_u64)&states[which] - GUEST_IMAGE_BASE;
	purlin_u64 vcpu = which ? GUEST_SLOT_SECOND : PURLIN_SLOT_THREAD;

	generator[which] = (report()->seed ^ (which + 1)) * 0xd1342543de82ef95ull | 1;
	if (!which)
		prepare();
	while (which && !__atomic_load_n(&report()->steps[0], __ATOMIC_ACQUIRE))
		purlin_thread_yield();
	purlin_vcpu_configure(vcpu, state, restart(which), restart(which), 0);
	purlin_vcpu_switch(SPACES + which);
	fuzz_loop(which);
}
