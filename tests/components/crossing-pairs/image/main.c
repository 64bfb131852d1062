/* SPDX-License-Identifier: MIT */
/* A guest kernel that takes turns with another guest, itself or in a process of its own. */
#include "../pair.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"

_Noreturn void guest_main(purlin_u64 as_process, purlin_u64 avx);
_Noreturn void process_start(purlin_u64 turns, purlin_u64 stack);
_Noreturn void process_ended(purlin_u64 gs);
_Noreturn void upcall_unexpected(void);
void upcall_syscall(void);
void upcall_event(void);
extern const char process_entry[];
extern struct seen first;

#define SPACE 100
#define IF 0x200
/* Where the process has its code, its report with a stack behind it, and the word. */
#define CODE 0x400000ull
#define DATA 0x500000ull
#define STACK_PAGES 1
#define WORD 0x600000ull
#define RW (PURLIN_MAP_READ | PURLIN_MAP_WRITE)

struct purlin_vcpu_state state __attribute__((aligned(4096)));

static struct pair_report *report(void)
{
	return (struct pair_report *)(PAIR_LINEAR_BASE + PAIR_REPORT_ADDRESS);
}

static purlin_u64 guest_address(const void *symbol)
{
	return (purlin_u64)symbol - PAIR_IMAGE_BASE;
}

_Noreturn static void end(enum pair_end how)
{
	report()->end = how;
	purlin_thread_exit(0);
	__builtin_unreachable();
}

_Noreturn void upcall_unexpected(void)
{
	report()->vector = state.frame.vector;
	end(PAIR_UPCALL);
}

_Noreturn void process_ended(purlin_u64 gs)
{
	report()->kernel_gs = gs;
	report()->user_gs = state.frame.user_gs;
	end(PAIR_DONE);
}

static void map(purlin_u64 virtual_address, purlin_u64 address, purlin_u64 pages, purlin_u64 rights)
{
	state.batch[state.batch_count].word0 =
		virtual_address | PURLIN_BATCH_MAP | (pages - 1) << 4;
	state.batch[state.batch_count].word1 = address | rights;
	state.batch_count++;
}

_Noreturn static void as_process(void)
{
	purlin_u64 code = guest_address(process_entry) & ~0xfffull;

	purlin_space_create(PURLIN_SLOT_PD, SPACE);
	purlin_vcpu_switch(SPACE);
	map(CODE, code, 1, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	map(DATA, PAIR_REPORT_ADDRESS, PAIR_REPORT_PAGES + STACK_PAGES, RW);
	map(WORD, PAIR_WORD_ADDRESS, 1, RW);
	report()->turns.word = WORD;
	report()->turns.next = DATA + __builtin_offsetof(struct turns, seen);
	state.frame.rip = CODE + guest_address(process_entry) - code;
	state.frame.rflags = IF;
	state.frame.user_gs = PAIR_USER_GS(report()->turns.odd);
	process_start(DATA, DATA + (PAIR_REPORT_PAGES + STACK_PAGES) * 4096);
}

_Noreturn void guest_main(purlin_u64 process, purlin_u64 avx)
{
	struct turns *turns = &report()->turns;

	report()->first = first;
	state.deadline = state.armed = ~0ull;
	state.number = (purlin_u32)PAIR_NUMBER(turns->odd);
	if (purlin_vcpu_configure(PURLIN_SLOT_THREAD, guest_address(&state),
				  (purlin_u64)upcall_syscall, (purlin_u64)upcall_event,
				  PAIR_KERNEL_GS(turns->odd)))
		upcall_unexpected();
	turns->avx = avx;
	if (process)
		as_process();
	turns->word = PAIR_LINEAR_BASE + PAIR_WORD_ADDRESS;
	turns->next = (purlin_u64)turns->seen;
	turns_take(turns);
	end(PAIR_DONE);
}
