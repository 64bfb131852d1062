/* SPDX-License-Identifier: MIT */
/* Ends in another way in each life, all of which its description answers by a restart. */
#include <stddef.h>

#include "../deaths/keeper.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/parent.h"

#define EXIT_UNKNOWN 77

static volatile int *volatile nowhere = (volatile int *)0x10;

/* One life more than there are ways: nobody is to see it. */
static int one_too_many(void)
{
	purlin_u64 signal = slot_reserve(), bits;

	(void)purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	(void)purlin_signal_wait(signal, &bits);
	return 0;
}

static void exits(void *argument)
{
	(void)argument;
	purlin_thread_exit(9);
}

static void returns(void *argument)
{
	(void)argument;
}

/* The kernel tells of the first, and of the second the runtime. */
static int end_by_threads(purlin_u64 argument)
{
	purlin_u64 cpu = COMPONENT_PROCESSOR(argument), priority = COMPONENT_PRIORITY(argument);
	purlin_u64 slot;

	if (thread_spawn(exits, NULL, cpu, priority, &slot) ||
	    thread_spawn(returns, NULL, cpu, priority, &slot))
		return 1;
	return one_too_many();
}

static int end(purlin_u64 life, purlin_u64 argument)
{
	switch (life) {
	case 0:
	case 7:
		component_exit(PARENT_EXIT_RESTART, 0);
	case 1:
		return *nowhere;
	case 2:
		return end_by_threads(argument);
	case 3:
		component_exit(EXIT_UNKNOWN, 5);
	case 4:
		component_exit(PARENT_EXIT_DONE, 6);
	case 5:
		component_exit(PARENT_EXIT_POWER_OFF, 0);
	case 6:
		purlin_thread_exit(7);
		return 0;
	default:
		return one_too_many();
	}
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session;

	if (session_open("Keeper", "", &session) || rpc(session, KEEPER_BORN, 0))
		return 1;
	return end(message()->word[0], argument);
}
