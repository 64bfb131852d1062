/* SPDX-License-Identifier: MIT */
/*
 * Nobody keeps an urgent component waiting by way of init. The least urgent component asks init
 * for something all the time (looker.c). At another moment in each round, one that is more urgent
 * takes the processor from whoever serves that, and keeps it. The most urgent then asks init, and
 * must have its answer before the one in the middle goes on. All are on one processor, so time does
 * not matter: who goes on next is all that counts.
 */
#include <stddef.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/parent.h"

#define ROUNDS 3000
#define PRIORITY_BETWEEN 10 /* looker's: 5, this component's: 20 */
/* What the one below does in a round: more than one request, and each time another part of it. */
#define LEAST_NS 40000
#define STEP_NS 137

static purlin_u64 alarm, timer, go, watched, ticks_per_us;
static unsigned int asked, answered, late;

/* The first who wakes up in a round: from then on those below have no processor. */
static void between(void *argument)
{
	(void)argument;
	for (;;) {
		purlin_u64 bits = 0;

		while (!bits)
			(void)purlin_signal_wait(alarm, &bits);
		/* The most urgent goes on at once. When this returns, it is done, or it waits. */
		purlin_signal_notify(go, 1);
		late += __atomic_load_n(&asked, __ATOMIC_SEQ_CST) !=
			__atomic_load_n(&answered, __ATOMIC_SEQ_CST);
	}
}

static purlin_s64 round_do(unsigned int number)
{
	purlin_u64 after = LEAST_NS + (purlin_u64)number * STEP_NS % LEAST_NS, bits = 0;
	purlin_s64 status;

	(void)purlin_timer_set(timer, tsc_now() + after * ticks_per_us / 1000, alarm, 1);
	while (!bits)
		(void)purlin_signal_wait(go, &bits);
	__atomic_fetch_add(&asked, 1, __ATOMIC_SEQ_CST);
	status = rpc_send(PURLIN_SLOT_PARENT, PARENT_WATCH, 0, watched);
	__atomic_fetch_add(&answered, 1, __ATOMIC_SEQ_CST);
	return status;
}

static void prepare(purlin_u64 component)
{
	purlin_u64 session, hz, now, thread;

	alarm = slot_reserve();
	timer = slot_reserve();
	go = slot_reserve();
	watched = slot_reserve();
	if (session_open("Timer", "", &session) || timer_info(session, &hz, &now) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, alarm) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, go) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, watched) ||
	    purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer) ||
	    thread_spawn(between, NULL, COMPONENT_PROCESSOR(component), PRIORITY_BETWEEN, &thread))
		component_panic("urgent: cannot be set up");
	ticks_per_us = hz / 1000000;
}

static purlin_s64 handle(void *context, struct request *request)
{
	(void)context;
	(void)request;
	return PURLIN_NO_MEMORY;
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle };
	unsigned int failed = 0;

	prepare(argument);
	for (unsigned int i = 0; i < ROUNDS; i++)
		failed += round_do(i) != PURLIN_OK;
	check_equal("urgent: requests refused", failed, 0);
	check_equal("urgent: kept waiting through init", late, 0);
	(void)check_sum();
	/* Whoever wants a session hears now that this is over. */
	if (server_announce("Over", &server.endpoint))
		return 1;
	server_loop(&server);
	return 1;
}
