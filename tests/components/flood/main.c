/* SPDX-License-Identifier: MIT */
/* Causes line after line in the logs of others, and restart after restart. */
#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

#define TIMES 2000
#define MOST_BYTES 12000 /* 20 lines, one more each second, and those about the dropped ones */

/* Where the log ends. */
static purlin_u64 log_end(void)
{
	static purlin_u64 sequence;
	purlin_u64 bytes, next;

	while (!purlin_log_read(PURLIN_SLOT_LOG, sequence, &bytes, &next) && bytes)
		sequence = next;
	return sequence;
}

static void flood_init(void)
{
	purlin_u64 session, begin = log_end();

	for (unsigned int i = 0; i < TIMES; i++)
		(void)session_open("Nope", "", &session);
	for (unsigned int i = 0; i < TIMES; i++)
		(void)session_announce("Nope", PURLIN_SLOT_PARENT);
	check_true("init keeps to a budget", log_end() - begin < MOST_BYTES);
}

static void flood_core(void)
{
	purlin_u64 session, object, id, begin = log_end();

	check_status("IO_PORT", session_open("IO_PORT", "", &session), PURLIN_OK);
	for (unsigned int i = 0; i < TIMES; i++)
		(void)io_port_claim(session, 0x60, 1, &object, &id);
	check_true("core keeps to a budget", log_end() - begin < MOST_BYTES);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	flood_init();
	flood_core();
	check_sum();
	component_exit(PARENT_EXIT_RESTART, 0);
}
