/* SPDX-License-Identifier: MIT */
/*
 * A guest that init takes for a Linux, and that hangs or does not, as its command line says: e it
 * spins before it has a state page, s afterwards, with events disabled; b it computes for ever and
 * takes what events come; i it waits for them.
 */
#include <stdbool.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"

#define LINEAR_MAP 0xffff888000000000ull
#define IMAGE_MAP 0xffffffff80000000ull
#define MARK "guest="
#define STRUCTURE 2 /* word of the tree's header: where the nodes are */

void guest_main(purlin_u64 gpa);
void guest_stuck(void);

static struct purlin_vcpu_state state __attribute__((aligned(4096)));

/* The command line is the first property of the first node: no need to read the tree. */
static char manner(const char *at)
{
	for (;; at++) {
		unsigned int i = 0;

		while (MARK[i] && at[i] == MARK[i])
			i++;
		if (!MARK[i])
			return at[i];
	}
}

static void spin(void)
{
	for (;;)
		__asm__ volatile("pause");
}

static void take_events(void)
{
	__atomic_store_n(&state.events_pending, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&state.pending_words, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&state.pending[0], 0, __ATOMIC_SEQ_CST);
}

void guest_main(purlin_u64 gpa)
{
	const unsigned int *tree = (const unsigned int *)(LINEAR_MAP + gpa);
	char how = manner((const char *)tree + __builtin_bswap32(tree[STRUCTURE]));

	if (how == 'e')
		spin();
	if (purlin_vcpu_configure(PURLIN_SLOT_THREAD, (purlin_u64)&state - IMAGE_MAP,
				  (purlin_u64)guest_stuck, (purlin_u64)guest_stuck, 0))
		guest_stuck();
	if (how == 's')
		spin();
	for (;;) {
		if (how == 'i')
			purlin_vcpu_wait();
		if (__atomic_load_n(&state.events_pending, __ATOMIC_RELAXED))
			take_events();
	}
}
