/* SPDX-License-Identifier: MIT */
/*
 * Looks at the platform component while its client is stopped: after some lives, and after many
 * more, it must have spent the same memory. All numbers that a device takes would have run out by
 * then.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/control.h"

#define WARM 8 /* lives after which all that grows once has grown */

/* By the order of `control` in the scenario. */
enum { CLIENT, PLATFORM };

static purlin_u64 control, changed;

static void show(unsigned int number, purlin_u64 *word)
{
	message()->word[0] = number;
	if (rpc(control, CONTROL_COMPONENT, 1))
		component_panic("component %u cannot be seen", number);
	memcpy(word, message()->word, CONTROL_COMPONENT_WORDS * sizeof(*word));
}

static void act(purlin_u64 what)
{
	message()->word[0] = CLIENT;
	message()->word[1] = what;
	check_status("Control", rpc(control, CONTROL_ACT, 2), PURLIN_OK);
}

static purlin_u64 lives(void)
{
	purlin_u64 word[CONTROL_COMPONENT_WORDS];

	show(CLIENT, word);
	return word[CONTROL_LIVES];
}

/* It ends for good only if something went wrong. */
static void await_lives(purlin_u64 wanted)
{
	purlin_u64 word[CONTROL_COMPONENT_WORDS], bits, told = 0;

	for (;;) {
		show(CLIENT, word);
		if (word[CONTROL_LIVES] >= wanted || word[CONTROL_STATE] == CONTROL_STATE_ENDED)
			break;
		if (word[CONTROL_LIVES] >= told + 500) {
			told = word[CONTROL_LIVES];
			printf("%llu lives\n", (unsigned long long)told);
		}
		(void)purlin_signal_wait(changed, &bits);
	}
}

static purlin_u64 memory_at_rest(void)
{
	purlin_u64 word[CONTROL_COMPONENT_WORDS], bits;

	act(CONTROL_STOP);
	for (;;) {
		show(CLIENT, word);
		if (word[CONTROL_STATE] == CONTROL_STATE_ENDED &&
		    !(word[CONTROL_FLAGS] & CONTROL_FLAG_ACTING))
			break;
		(void)purlin_signal_wait(changed, &bits);
	}
	show(PLATFORM, word);
	check_equal("the platform component runs", word[CONTROL_STATE], CONTROL_STATE_RUNNING);
	check_equal("it has not been started again", word[CONTROL_LIVES], 1);
	return word[CONTROL_MEMORY_USED];
}

int component_main(purlin_u64 argument)
{
	purlin_u64 before, after, first;

	(void)argument;
	changed = slot_reserve();
	if (session_open("Control", "", &control) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, changed) ||
	    rpc_send(control, CONTROL_WATCH, 0, changed))
		component_panic("no control");
	await_lives(WARM);
	before = memory_at_rest();
	first = lives();
	act(CONTROL_START);
	await_lives(first + ROUNDS);
	after = memory_at_rest();
	check_true("as many lives as wanted", lives() >= first + ROUNDS);
	check_equal("memory of the platform component", after, before);
	printf("%llu lives, %llu bytes\n", (unsigned long long)lives(), (unsigned long long)after);
	return check_sum();
}
