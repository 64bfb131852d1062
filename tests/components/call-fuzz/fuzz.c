/* SPDX-License-Identifier: MIT */
/* Random kernel calls: plausible arguments, and wild ones. */
#include "fuzz.h"
#include "../fuzz_call.h"

#include <stdbool.h>

#include "purlin/call_numbers.h"
#include "purlin/message.h"

#define HERE __attribute__((section("fuzz")))

static inline __attribute__((always_inline)) purlin_u64 next(struct fuzz *fuzz)
{
	return fuzz_random(&fuzz->random);
}

/* Where mappings and guests' memory may lie. */
static HERE purlin_u64 address(struct fuzz *fuzz)
{
	purlin_u64 at = (next(fuzz) % 16) << (next(fuzz) % 2 ? 12 : 21);

	switch (next(fuzz) % 6) {
	case 0:
		return 0x40000000 + at;
	case 1:
		return 0xffff888000000000 + at;
	case 2:
		return 0xffffffff80000000 + at;
	case 3:
		return at;
	case 4:
		return 0x00007ffffffff000 - at;
	default:
		return 0 - at;
	}
}

static HERE purlin_u64 argument(struct fuzz *fuzz)
{
	purlin_u64 random = next(fuzz);

	switch (next(fuzz) % 16) {
	case 0:
		return random << 8 ^ random;
	case 1:
		return 1ull << random % 64;
	case 2:
		return (1ull << random % 64) - 1;
	case 3:
		return 0 - random % 64;
	case 4:
	case 5:
	case 6:
		return address(fuzz);
	case 7:
	case 8:
		return random % 1024;
	default:
		return random % (FUZZ_SLOTS + 2);
	}
}

/* Threads end at once, calls that wait are rare, so that something goes on. */
static HERE void tame(struct fuzz *fuzz, purlin_u64 *number, purlin_u64 *word)
{
	switch (*number) {
	case PURLIN_CALL_THREAD_START:
		if (next(fuzz) % 64)
			word[1] = fuzz->code;
		break;
	case PURLIN_CALL_THREAD_EXIT:
	case PURLIN_CALL_ENDPOINT_CALL:
	case PURLIN_CALL_ENDPOINT_RECEIVE:
	case PURLIN_CALL_ENDPOINT_REPLY_RECEIVE:
	case PURLIN_CALL_SIGNAL_WAIT:
		if (next(fuzz) % 64)
			*number = PURLIN_CALL_SIGNAL_NOTIFY;
		break;
	case PURLIN_CALL_OBJECT_DESTROY:
	case PURLIN_CALL_CAP_DELETE:
		/* Not the threads, or all would be over soon. */
		if (word[0] < 8 && next(fuzz) % 256)
			word[0] += 8;
		if (word[1] < 8 && next(fuzz) % 256)
			word[1] += 8;
		break;
	case PURLIN_CALL_TIMER_SET:
		word[1] = __builtin_ia32_rdtsc() + next(fuzz) % 100000000;
		break;
	}
}

/* The first argument is what the call is about: often something it can be about. */
static HERE purlin_u64 first(struct fuzz *fuzz, purlin_u64 number)
{
	bool on_account = number == PURLIN_CALL_ACCOUNT_CREATE || number == PURLIN_CALL_PD_CREATE ||
			  number == PURLIN_CALL_ENDPOINT_CREATE ||
			  number == PURLIN_CALL_SIGNAL_CREATE ||
			  number == PURLIN_CALL_MEMORY_CREATE || number == PURLIN_CALL_TIMER_CREATE;

	if (on_account && next(fuzz) % 4)
		return 2;
	return next(fuzz) % 8 ? next(fuzz) % FUZZ_SLOTS : argument(fuzz);
}

_Noreturn HERE void fuzz_run(struct fuzz *fuzz)
{
	for (;;) {
		purlin_u64 number = next(fuzz) % 65, word[6];

		word[0] = first(fuzz, number);
		for (unsigned int i = 1; i < 6; i++)
			word[i] = argument(fuzz);
		/* One of the message's words or slots changes, too. */
		fuzz->message[next(fuzz) % (sizeof(struct purlin_message) / 8)] = argument(fuzz);
		tame(fuzz, &number, word);
		fuzz->calls++;
		if ((purlin_s64)fuzz_call(number, word) >= 0)
			fuzz->good++;
	}
}

HERE void fuzz_end(void)
{
	__asm__ volatile("xorl %%edi, %%edi\n\tsyscall\n\tud2" : : "a"(PURLIN_CALL_THREAD_EXIT));
}
